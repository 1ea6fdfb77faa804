"""Guarantees places for everybody in which no person has overlapping lessons and no household that
starts together is torn apart.

Which places may go together is no longer a flow problem: a person who takes a seat for the
leerroute closes seats for KNM. So flows are solved one after another. The first ignores what
belongs together; its value is a bound that nothing can exceed. Where it gives somebody overlapping
lessons, the need that loses least yields: what it loses is read ahead from the prices of the other
seats it could take. When nothing overlaps any more, the components are solved again in turn, with
an eye on who lacks another one, and then whatever fits beside the places that everybody has; that
can only improve. What then is still below the bound is searched to the end where the size allows.
The result says whether it is the optimum, and else how far it stays below the bound.
docs/decisions has the measurements.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.engine.assign import Assignment
from matching.engine.bundle_search import Found, Search
from matching.engine.codes import Rule
from matching.engine.feasibility import Candidates
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.near import NearMisses
from matching.engine.people import (
    People,
    busy_slots,
    chosen_slots,
    shared_slots,
)
from matching.engine.policy import Policy

# Rounds in which a need that yields gets another seat at once; a household needs one per location.
_PATIENT_ROUNDS: Final = 6
_SECOND_PASSES: Final = 2
# What a proof may cost: flows, and candidate pairs in all of them together.
_FLOWS: Final = 200
_PAIRS_LOOKED_AT: Final = 300_000


@dataclass(frozen=True, eq=False, slots=True)
class Bundled:
    """The assignment, the candidates among which it is the optimum, and its distance to the bound.

    `blocked` are the pairs that only other lessons or the household closed, for needs without a
    place.
    """

    assignment: Assignment
    candidates: Candidates
    solver: str
    note: str
    optimal: bool
    bound_placed: int
    bound_score: int
    yielded: int
    blocked: NearMisses


class _Passes(Search):
    """The search in its passes: repair, then improve, then prove."""

    def repair(self, found: Found, base: np.ndarray) -> Found:
        """Solves again until nothing overlaps and nobody is torn apart, a few times at most."""
        closed = ~base
        bound: dict[int, np.ndarray] = {}
        tried: dict[int, set[int]] = {}
        for _ in range(_PATIENT_ROUNDS):
            again = self.let_yield(found, closed, wholly=False)
            again |= self.bring_together(found, ~closed, bound, tried)
            if not again:
                return found
            found = self.solve(self.restrict(~closed, bound))
        return self.give_up(found)

    def give_up(self, found: Found) -> Found:
        """Takes places away where they still overlap, and from a household that is still torn.

        The next passes give other ones; every round takes at least one, so it ends.
        """
        while True:
            closed = np.ones(len(self.candidates), np.bool_)
            closed[found.chosen] = False
            again = self.let_yield(found, closed, wholly=True)
            for number in self.groups:
                if self.torn(found, number):
                    again = True
                    closed |= np.isin(self.candidates.need, self.groups[number])
            if not again:
                return found
            found = self.solve(~closed)

    def improve(self, best: Found, base: np.ndarray) -> Found:
        """Opens whatever fits beside the places that everybody has; never below `best`.

        Somebody of whom two places would move into each other's way keeps what there was, and so
        does a household that starts together.
        """
        pairs = (self.candidates.need, self.candidates.offer)
        settled = self.people.together[self.candidates.need] >= 0
        own = np.zeros(len(self.candidates), np.bool_)
        own[best.chosen] = True
        beside = chosen_slots(self.people, self.offers, pairs, best.offer_of) == 0
        allowed = base & np.where(settled, own, beside)
        while True:
            found = self.solve(allowed)
            if any(self.torn(found, number) for number in self.groups):
                return best
            overlaps = self.clashes(found.chosen)
            if not overlaps:
                return found
            again = np.unique(self.people.who[self.candidates.need[[one for one, _ in overlaps]]])
            frozen = np.isin(self.people.who[self.candidates.need], again)
            allowed = np.where(frozen, own, allowed)

    def in_turn(self, best: Found, base: np.ndarray) -> Found:
        """Component by component, the others as they are: never below `best`.

        Each is also tried with an eye on who lacks another component: among the ways to place as
        many, one that leaves room for what is lacking; the others then follow.
        """
        components = np.unique(self.needs.component).tolist()
        for component in components:
            best = max(best, self.block(best, base, component), key=_value)
            roomy = self.block(best, base, component, self.room(best, base))
            for other in [*(one for one in components if one != component), component]:
                roomy = self.block(roomy, base, other)
            best = max(best, roomy, key=_value)
        return best

    def block(
        self, found: Found, base: np.ndarray, component: int, score: np.ndarray | None = None
    ) -> Found:
        """The best for one component beside the places of the others; households keep theirs."""
        need = self.candidates.need
        own = np.zeros(len(need), np.bool_)
        own[found.chosen] = True
        moves = (self.needs.component[need] == component) & (self.people.together[need] < 0)
        at = np.flatnonzero(moves & base)
        pairs = (need[at], self.candidates.offer[at])
        beside = chosen_slots(self.people, self.offers, pairs, found.offer_of) == 0
        allowed = own & ~moves
        allowed[at[beside]] = True
        better = self.solve(allowed, score)
        torn = any(self.torn(better, number) for number in self.groups)
        return found if torn or self.clashes(better.chosen) else better

    def room(self, found: Found, base: np.ndarray) -> np.ndarray:
        """A score that prefers offers beside which a component that somebody lacks has a place."""
        need, offer = self.candidates.need, self.candidates.offer
        lacking = found.offer_of < 0
        open_pairs = np.flatnonzero(base & lacking[need] & self._worth_a_move(found))
        leaves = np.zeros(len(need), np.bool_)
        by_person: dict[int, list[int]] = {}
        for who, pair in zip(
            self.people.who[need[open_pairs]].tolist(), open_pairs.tolist(), strict=True
        ):
            by_person.setdefault(who, []).append(pair)
        rows_of = _rows_by(self.people.who, by_person.keys())
        for who, pairs in by_person.items():
            wanted = offer[pairs]
            for row in rows_of[who]:
                if lacking[row]:
                    continue
                rows = self.rows(row)
                mine = offer[rows]
                both = shared_slots(
                    self.offers, np.repeat(mine, len(wanted)), np.tile(wanted, len(mine))
                )
                leaves[rows] = (both.reshape(len(mine), len(wanted)) == 0).any(axis=1)
        return (self.candidates.score // 2 + 500 * leaves).astype(np.int16)

    def _worth_a_move(self, found: Found) -> np.ndarray:
        """Which pairs would be chosen, if only the person were free then."""
        return self.worth > found.price[self.candidates.offer]

    def prove(self, bound: Found, best: Found, base: np.ndarray) -> tuple[Found, bool]:
        """The best of a tree of flows, and whether the tree was searched to its end.

        Where two lessons overlap, either the second need does not get this offer, or it does and
        the first one gets nothing that overlaps with it: two flows that between them lose nothing.
        """
        # Small cases are searched to the end; on large ones a tree would be all that is done.
        flows = min(_FLOWS, _PAIRS_LOOKED_AT // max(len(self.candidates), 1))
        waiting = [(bound, base)]
        while waiting:
            found, allowed = waiting.pop()
            if found.value <= best.value:
                continue
            overlaps = self.clashes(found.chosen)
            if not overlaps:
                best = found
                continue
            flows -= 2
            if flows < 0:
                return best, False
            one, other = overlaps[0]
            without = allowed.copy()
            without[other] = False
            beside = allowed.copy()
            rows = self.rows(int(self.candidates.need[one]))
            beside[rows] &= self.overlap(rows, other) == 0
            # The more valuable half last, so that it is looked at first.
            halves = [(self.solve(half), half) for half in (without, beside)]
            waiting += sorted(halves, key=lambda half: half[0].value)
        return best, True

    def blocked(self, found: Found) -> NearMisses:
        """The pairs of needs without a place that other lessons or the household closed."""
        rows = np.flatnonzero(found.offer_of[self.candidates.need] < 0)
        need, offer = self.candidates.need[rows], self.candidates.offer[rows]
        slots = busy_slots(self.people, self.offers, need, offer)
        slots |= chosen_slots(self.people, self.offers, (need, offer), found.offer_of)
        together = (self.people.together[need] >= 0) & (slots == 0)
        at = np.flatnonzero((slots != 0) | together)
        rule = np.where(slots[at] != 0, int(Rule.OVERLAP), int(Rule.HOUSEHOLD)).astype(np.int8)
        amount = np.where(slots[at] != 0, slots[at], 1).astype(np.float64)
        return NearMisses(need[at], offer[at], rule, amount)


def _value(found: Found) -> tuple[int, ...]:
    return found.value


def _rows_by(who: np.ndarray, wanted: Iterable[int]) -> dict[int, list[int]]:
    """The needs of these people."""
    rows: dict[int, list[int]] = {one: [] for one in wanted}
    for row, one in enumerate(who.tolist()):
        if one in rows:
            rows[one].append(row)
    return rows


def assign_bundles(
    needs: NeedTable,
    offers: OfferTable,
    candidates: Candidates,
    weights: np.ndarray,
    policy: Policy,
    wanted: str | None,
    people: People,
) -> Bundled:
    """Gives places without overlapping lessons per person; the optimum where `optimal` says so."""
    search = _Passes(needs, offers, candidates, weights, policy, wanted, people)
    base = search.open_pairs()
    bound = search.solve(base)
    best = search.repair(bound, base)
    is_best = best.value == bound.value
    if not is_best:
        for _ in range(_SECOND_PASSES):
            before = best.value
            best = search.improve(search.in_turn(best, base), base)
            if best.value == before:
                break
        is_best = best.value == bound.value
        if not is_best and not search.groups and best.assignment.optimal:
            best, is_best = search.prove(bound, best, base)
    return Bundled(
        assignment=best.assignment,
        candidates=best.candidates,
        solver=best.solver,
        note=best.note,
        optimal=best.assignment.optimal and is_best,
        bound_placed=len(bound.chosen),
        bound_score=int(candidates.score[bound.chosen].sum(dtype=np.int64)),
        yielded=len(search.yielded),
        blocked=search.blocked(best),
    )
