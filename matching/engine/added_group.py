"""Guarantees what one more group gives on top of a plan, without solving everything anew.

A group touches the people of one component; the places of all others stay as they are, and so do
lessons, households, shares and ceilings. What is left is one small flow. Whoever is taken out of
the group leaves a plan without it, so no plan gains more places on the best one without the group
than the group has seats: where the flow fills them all, nothing is left to search for. Where it
does not, everything is solved anew. A plan that is proven optimal stays so: there the flow counts
only when it reaches the bound, the optimum of everybody apart and without shares.
"""

from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from matching.engine.assign import assign_with_best
from matching.engine.batch import run_batch
from matching.engine.codes import MAX_SCORE
from matching.engine.columns import day_number
from matching.engine.feasibility import Candidates, find_candidates
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.limits import Limits, biting
from matching.engine.people import NOBODY, People, busy_slots, keep, shared_slots
from matching.engine.policy import Policy
from matching.engine.priority import level_weights, levels_of, tiers_of
from matching.engine.recommend import offer_score_of, offer_side_of
from matching.engine.result import BatchResult
from matching.engine.rules import NeedSide
from matching.engine.score import Scorer


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """Which offer each need has (-1: none); `is_optimal`: no plan places more, by priority."""

    offers: OfferTable
    offer: np.ndarray
    is_optimal: bool

    @classmethod
    def of(cls, result: BatchResult) -> "Plan":
        return cls(result.offers, result.offer, result.summary.optimal)

    @property
    def placed(self) -> int:
        return int(np.count_nonzero(self.offer >= 0))


@dataclass(frozen=True, eq=False)
class Growth:
    """The waiting list of a day, and what holds for every plan; no limit is about a new offer."""

    needs: NeedTable
    policy: Policy
    as_of: date
    people: People
    limits: tuple[Limits, ...]

    @cached_property
    def weights(self) -> np.ndarray:
        tiers = tiers_of(self.needs, self.policy, self.as_of)
        return level_weights(levels_of(self.needs, tiers, self.policy))

    def solve(self, offers: OfferTable) -> BatchResult:
        """The whole run on these offers."""
        return run_batch(
            self.needs,
            offers,
            self.policy,
            self.as_of,
            people=self.people,
            limits=self._limits(len(offers)),
        )

    def add(self, plan: Plan, group: OfferTable) -> Plan:
        """The plan with one group more, which is under no ceiling: never worse, by priority."""
        offers = appended(plan.offers, group)
        most, best = plan.placed + int(group.seats.sum()), self._beside(plan, offers)
        if best.placed < most:
            best = max(best, self._with_room(best), key=self._levels)
        if plan.is_optimal:
            if self._levels(best) == self._bound(offers):
                return replace(best, is_optimal=True)
        elif best.placed >= most:
            return best
        anew = Plan.of(self.solve(offers))
        return anew if anew.is_optimal else max(best, anew, key=self._levels)

    def _beside(self, plan: Plan, offers: OfferTable) -> Plan:
        """The best for the component of the last offer beside the places of all others."""
        return self._block(replace(plan, offers=offers), int(offers.component[-1]))

    def _with_room(self, plan: Plan) -> Plan:
        """The same once the other components, with as many places as they have, leave the times of
        the last offer to people whom it fits and who have no place like it."""
        offers = plan.offers
        last = len(offers) - 1
        mine = np.flatnonzero((self.needs.component == offers.component[last]) & (plan.offer < 0))
        found = self._candidates(self.needs.take(mine), offers)
        wanting = self.people.who[mine[found.need[found.offer == last]]]
        theirs = self.needs.component[np.isin(self.people.who, wanting)]
        for component in np.unique(theirs).tolist():
            if component != offers.component[last]:
                plan = self._block(plan, component, wanting)
        return self._block(plan, int(offers.component[last]))

    def _block(self, plan: Plan, component: int, leaving: np.ndarray | None = None) -> Plan:
        """The best for a component beside the places of all others, who stay where they are.

        Households stay too, and where a limit could be exceeded only who has a place under it may
        keep that. Among equally many places those come first that leave the times of the last
        offer to the people `leaving` them.
        """
        offers, moves = plan.offers, self._may_move(component)
        rows, fixed = np.flatnonzero(moves), np.flatnonzero(~moves & (plan.offer >= 0))
        taken = plan.offer[fixed]
        needs, left = self.needs.take(rows), offers.without(taken)
        candidates = self._candidates(needs, left)
        busy = self.people.also_busy(self.people.who[fixed], offers, taken).where(rows)
        allowed = busy_slots(busy, offers, candidates.need, candidates.offer) == 0
        limits = tuple(one.without(self.needs, fixed, taken) for one in self._limits(len(offers)))
        tight = biting(limits, needs, candidates) if limits else None
        if tight is not None:
            allowed[tight.pair] = False
        allowed |= candidates.offer == plan.offer[rows][candidates.need]
        if leaving is not None:
            last = np.full(len(candidates), len(offers) - 1)
            away = shared_slots(offers, candidates.offer, last) == 0
            away |= ~np.isin(self.people.who[rows], leaving)[candidates.need]
            half = candidates.score // 2 + MAX_SCORE // 2 * away
            candidates = replace(candidates, score=half.astype(np.int16))
        some = keep(candidates, allowed)
        made, _solver, _note = assign_with_best(
            needs, left, some, self.weights[rows], self.policy, None
        )
        offer = np.where(moves, -1, plan.offer)
        offer[rows[some.need[made.pairs]]] = some.offer[made.pairs]
        return Plan(offers, offer, is_optimal=False)

    def _may_move(self, component: int) -> np.ndarray:
        """The needs of this component that have nothing to do with one another."""
        mine = self.needs.component == component
        _who, number, count = np.unique(
            self.people.who[mine], return_inverse=True, return_counts=True
        )
        mine[mine] = count[number.reshape(-1)] == 1
        return mine & (self.people.together == NOBODY)

    def _candidates(self, needs: NeedTable, offers: OfferTable) -> Candidates:
        scorer = Scorer.of(
            needs, offer_score_of(offers, self.policy), self.policy, day_number(self.as_of)
        )
        return find_candidates(
            needs, NeedSide.of(needs, offers, self.policy), offer_side_of(offers), offers, scorer
        )

    def _bound(self, offers: OfferTable) -> tuple[int, ...]:
        """How many have a place per level when nobody minds anybody, which no plan exceeds."""
        candidates = self._candidates(self.needs, offers)
        free = busy_slots(self.people, offers, candidates.need, candidates.offer) == 0
        some = keep(candidates, free)
        made, _solver, _note = assign_with_best(
            self.needs, offers, some, self.weights, self.policy, None
        )
        offer = np.full(len(self.needs), -1)
        offer[some.need[made.pairs]] = some.offer[made.pairs]
        return self._levels(Plan(offers, offer, is_optimal=True))

    def _levels(self, plan: Plan) -> tuple[int, ...]:
        """How many have a place per level of priority, the most urgent first."""
        levels, level = np.unique(-self.weights, return_inverse=True)
        placed = np.bincount(level.reshape(-1)[plan.offer >= 0], minlength=len(levels))
        return tuple(placed.tolist())

    def _limits(self, offers: int) -> tuple[Limits, ...]:
        """The limits for so many offers: those that were added are under none."""
        return tuple(
            replace(
                one,
                of_offer=np.append(one.of_offer, np.full(offers - len(one.of_offer), -1, np.int64)),
            )
            for one in self.limits
        )


def appended(offers: OfferTable, more: OfferTable) -> OfferTable:
    """The offers with those of `more` behind them; `more` MUST carry no ceilings."""
    changed: dict[str, Any] = {
        one.name: np.concatenate([getattr(offers, one.name), getattr(more, one.name)])
        for one in fields(OfferTable)
        if isinstance(getattr(offers, one.name), np.ndarray)
    }
    changed["region"] = np.concatenate([offers.region, more.region + len(offers.regions)])
    changed["regions"] = (*offers.regions, *more.regions)
    return replace(offers, **changed)
