"""Guarantees places for everybody in which no person has overlapping lessons and no household that
starts together is torn apart.

Which places may go together is no longer a flow problem: a person who takes a seat for the
leerroute closes seats for KNM. So flows are solved one after another. The first ignores what
belongs together; its value is a bound that nothing can exceed. Where it gives somebody overlapping
lessons, the need that loses least yields: what it loses is read ahead from the prices of the other
seats it could take. When nothing overlaps any more, a second pass opens again whatever fits beside
the places that everybody now has, and can only improve. What then is still below the bound is
searched further as far as the size allows. The result says whether it is the optimum, and else how
far it stays below the bound. docs/decisions has the measurements.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from matching.engine.assign import Assignment, assign_with_best
from matching.engine.codes import Rule
from matching.engine.feasibility import Candidates
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.near import NearMisses
from matching.engine.network import priority_step
from matching.engine.people import (
    People,
    busy_slots,
    chosen_slots,
    keep,
    place_numbers,
    shared_slots,
)
from matching.engine.policy import Policy
from matching.engine.residual import UNREACHED

# After so many rounds a need that still overlaps waits for the second pass.
_PATIENT_ROUNDS: Final = 8
_SECOND_PASSES: Final = 2
# What a proof may cost: flows, and candidate pairs in all of them together.
_FLOWS: Final = 200
_PAIRS_LOOKED_AT: Final = 2_000_000
# Locations tried for a household before it is left as it is.
_PLACES_TRIED: Final = 4


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


@dataclass(frozen=True, eq=False, slots=True)
class _Found:
    """One optimum: the pairs it chose (positions in all candidates) and what a seat is worth."""

    assignment: Assignment
    candidates: Candidates
    solver: str
    note: str
    chosen: np.ndarray
    offer_of: np.ndarray
    price: np.ndarray
    value: int


@dataclass(eq=False)
class _Search:
    needs: NeedTable
    offers: OfferTable
    candidates: Candidates
    weights: np.ndarray
    policy: Policy
    wanted: str | None
    people: People
    step: int = 0
    yielded: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.step = priority_step(len(self.offers))
        places = place_numbers(self.offers)
        self.place = places[self.candidates.offer] if len(self.candidates) else places[:0]
        self.worth = self.weights[self.candidates.need] * self.step + self.candidates.score
        order = np.argsort(self.people.together, kind="stable")
        numbers = self.people.together[order]
        self.groups = {
            int(number): order[numbers == number]
            for number in np.unique(numbers[numbers >= 0]).tolist()
        }

    # One flow.

    def solve(self, allowed: np.ndarray) -> _Found:
        """The optimum among the allowed candidates."""
        some = keep(self.candidates, allowed)
        assignment, solver, note = assign_with_best(
            self.needs, self.offers, some, self.weights, self.policy, self.wanted
        )
        chosen = np.flatnonzero(allowed)[assignment.pairs]
        offer_of = np.full(len(self.needs), -1, np.int32)
        offer_of[self.candidates.need[chosen]] = self.candidates.offer[chosen]
        first = assignment.layout.needs
        worth = -assignment.distance[first : first + assignment.layout.offers]
        worth = np.where(np.abs(worth) > UNREACHED // 2, 0, worth)
        return _Found(
            assignment=assignment,
            candidates=some,
            solver=solver,
            note=note,
            chosen=chosen,
            offer_of=offer_of,
            price=np.maximum(worth, 0),
            value=int(self.worth[chosen].sum()),
        )

    def open_pairs(self) -> np.ndarray:
        """The candidates that neither lessons of today nor a place of the household close."""
        found, people = self.candidates, self.people
        allowed = busy_slots(people, self.offers, found.need, found.offer) == 0
        for number, members in self.groups.items():
            if number in people.closed:
                for member in members.tolist():
                    allowed[self.rows(member)] = False
                continue
            anchor = people.anchors[number] if people.anchors else frozenset()
            if not anchor or not people.same_place[number]:
                continue
            points = np.array(sorted(anchor))
            for member in members.tolist():
                rows = self.rows(member)
                at = found.offer[rows]
                here = np.zeros(len(at), np.bool_)
                for lat, lon in points:
                    here |= (self.offers.lat[at] == lat) & (self.offers.lon[at] == lon)
                allowed[rows] &= here
        return allowed

    def rows(self, need: int) -> slice:
        return slice(int(self.candidates.first[need]), int(self.candidates.first[need + 1]))

    # Lessons that overlap.

    def clashes(self, chosen: np.ndarray) -> list[tuple[int, int]]:
        """Chosen pairs of one person that overlap, the leerroute first."""
        need, offer = self.candidates.need[chosen], self.candidates.offer[chosen]
        who = self.people.who[need]
        order = np.lexsort((self.needs.tie_numbers[need], self.needs.component[need], who))
        chosen, who, offer = chosen[order], who[order], offer[order]
        found: list[tuple[int, int]] = []
        for gap in range(1, len(chosen)):
            same = np.flatnonzero(who[:-gap] == who[gap:])
            if not len(same):
                break
            both = shared_slots(self.offers, offer[same], offer[same + gap]) != 0
            at = same[both]
            found += zip(chosen[at].tolist(), chosen[at + gap].tolist(), strict=True)
        return sorted(found)

    def let_yield(self, found: _Found, closed: np.ndarray, *, wholly: bool) -> bool:
        """Closes for one need of each overlap what is in the other's way; whether there was any."""
        moved: set[int] = set()
        need = self.candidates.need
        overlaps = self.clashes(found.chosen)
        for one, other in overlaps:
            if {int(need[one]), int(need[other])} & moved:
                continue
            stays, goes = one, other
            if self._loss(found, closed, one, other) < self._loss(found, closed, other, one):
                stays, goes = other, one
            rows = self.rows(int(need[goes]))
            closed[rows] |= wholly | (self._overlap(rows, stays) != 0)
            moved.add(int(need[goes]))
            self.yielded.add(int(self.people.who[need[goes]]))
        return bool(overlaps)

    def _overlap(self, rows: slice, pair: int) -> np.ndarray:
        offers = self.candidates.offer[rows]
        return shared_slots(
            self.offers, offers, np.full(len(offers), self.candidates.offer[pair], np.int64)
        )

    def _loss(self, found: _Found, closed: np.ndarray, goes: int, stays: int) -> int:
        """What is lost when the need of `goes` takes its best seat beside `stays`, at its price."""
        rows = self.rows(int(self.candidates.need[goes]))
        net = self.worth[rows] - found.price[self.candidates.offer[rows]]
        free = ~closed[rows] & (self._overlap(rows, stays) == 0)
        own = int(self.worth[goes] - found.price[self.candidates.offer[goes]])
        return own - max(0, int(net[free].max(initial=0)))

    # Households that start together.

    def torn(self, found: _Found, number: int) -> bool:
        """Whether some but not all have a place, or not at one location."""
        offers = found.offer_of[self.groups[number]]
        placed = offers[offers >= 0]
        if not len(placed):
            return False
        if len(placed) < len(offers):
            return True
        points = {(self.offers.lat[one], self.offers.lon[one]) for one in placed.tolist()}
        return bool(self.people.same_place[number]) and len(points) > 1

    def best_place(
        self, found: _Found, open_: np.ndarray, number: int, tried: set[int]
    ) -> int | None:
        """The location with the best seats for all members together, at today's prices."""
        totals: dict[int, int] = {}
        members = self.groups[number].tolist()
        for count, member in enumerate(members):
            rows = self.rows(member)
            free = np.flatnonzero(open_[rows]) + rows.start
            net = self.worth[free] - found.price[self.candidates.offer[free]]
            best: dict[int, int] = {}
            for place, value in zip(self.place[free].tolist(), net.tolist(), strict=True):
                best[place] = max(best.get(place, value), value)
            totals = {
                place: value + totals.get(place, 0)
                for place, value in best.items()
                if (count == 0 or place in totals) and place not in tried
            }
        return min(totals, key=lambda place: (-totals[place], place), default=None)

    def bring_together(
        self,
        found: _Found,
        open_: np.ndarray,
        bound: dict[int, np.ndarray],
        tried: dict[int, set[int]],
    ) -> bool:
        """Binds each torn household to its next best location, or to none; whether there was any.

        `bound` holds per household the candidates that stay open for its members.
        """
        torn = [number for number in self.groups if self.torn(found, number)]
        for number in torn:
            before = tried.setdefault(number, set())
            place = None
            if self.people.same_place[number] and len(before) < _PLACES_TRIED:
                place = self.best_place(found, open_, number, before)
            mask = np.zeros(len(self.candidates), np.bool_)
            if place is not None:
                before.add(place)
                for member in self.groups[number].tolist():
                    rows = self.rows(member)
                    mask[rows] = self.place[rows] == place
            bound[number] = mask
        return bool(torn)

    def restrict(self, open_: np.ndarray, bound: dict[int, np.ndarray]) -> np.ndarray:
        allowed = open_.copy()
        for number, mask in bound.items():
            for member in self.groups[number].tolist():
                rows = self.rows(member)
                allowed[rows] &= mask[rows]
        return allowed

    # The two passes.

    def repair(self, found: _Found, base: np.ndarray) -> _Found:
        """Solves again until nothing overlaps and nobody is torn apart.

        Every round closes at least one chosen pair or one location, so it ends.
        """
        closed = ~base
        bound: dict[int, np.ndarray] = {}
        tried: dict[int, set[int]] = {}
        for rounds in range(len(self.candidates) + 1):
            again = self.let_yield(found, closed, wholly=rounds >= _PATIENT_ROUNDS)
            again |= self.bring_together(found, ~closed, bound, tried)
            if not again:
                break
            found = self.solve(self.restrict(~closed, bound))
        return found

    def improve(self, best: _Found, base: np.ndarray) -> _Found:
        """Opens what fits beside the places that everybody has; never below `best`.

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
                return found if found.value > best.value else best
            again = np.unique(self.people.who[self.candidates.need[[one for one, _ in overlaps]]])
            frozen = np.isin(self.people.who[self.candidates.need], again)
            allowed = np.where(frozen, own, allowed)

    def prove(self, bound: _Found, best: _Found, base: np.ndarray) -> tuple[_Found, bool]:
        """The best of a tree of flows, and whether the tree was searched to its end.

        Where two lessons overlap, either the second need does not get this offer, or it does and
        the first one gets nothing that overlaps with it: two flows that between them lose nothing.
        """
        # A flow over so many pairs takes about a second; small cases are searched to the end.
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
            beside[rows] &= self._overlap(rows, other) == 0
            # The more valuable half last, so that it is looked at first.
            halves = [(self.solve(half), half) for half in (without, beside)]
            waiting += sorted(halves, key=lambda half: half[0].value)
        return best, True

    def blocked(self, found: _Found) -> NearMisses:
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
    search = _Search(needs, offers, candidates, weights, policy, wanted, people)
    base = search.open_pairs()
    bound = search.solve(base)
    best = search.repair(bound, base)
    is_best = best.value == bound.value
    if not is_best:
        for _ in range(_SECOND_PASSES):
            better = search.improve(best, base)
            if better is best:
                break
            best = better
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
