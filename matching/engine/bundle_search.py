"""Guarantees single flows of a bundle search, and where lessons overlap or a household is torn.

`bundles` decides in which order these are used.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np

from matching.engine.assign import Assignment, assign_with_best
from matching.engine.feasibility import Candidates
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.network import priority_step
from matching.engine.people import People, busy_slots, keep, place_numbers, shared_slots
from matching.engine.policy import Policy
from matching.engine.residual import UNREACHED

# Locations tried for a household before it is left as it is.
_PLACES_TRIED: Final = 4


@dataclass(frozen=True, eq=False, slots=True)
class Found:
    """One optimum: the pairs it chose (positions in all candidates) and what a seat is worth.

    `value`: places per level, the most urgent first, and then the total score. One place more in a
    level outweighs any number below it; a sum of weights would not say so, because here one place
    can cost two others, which single flows never do.
    """

    assignment: Assignment
    candidates: Candidates
    solver: str
    note: str
    chosen: np.ndarray
    offer_of: np.ndarray
    price: np.ndarray
    value: tuple[int, ...]


def seat_prices(assignment: Assignment) -> np.ndarray:
    """Gives per offer what a seat there is worth to the others, 0 where it is free to take."""
    first = assignment.layout.needs
    worth = -assignment.distance[first : first + assignment.layout.offers]
    return np.maximum(np.where(np.abs(worth) > UNREACHED // 2, 0, worth), 0)


@dataclass(eq=False)
class Search:
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

    def solve(self, allowed: np.ndarray, score: np.ndarray | None = None) -> Found:
        """The optimum among the allowed candidates, by another score where one is given."""
        some = keep(self.candidates, allowed)
        if score is not None:
            some = replace(some, score=score[allowed])
        assignment, solver, note = assign_with_best(
            self.needs, self.offers, some, self.weights, self.policy, self.wanted
        )
        chosen = np.flatnonzero(allowed)[assignment.pairs]
        offer_of = np.full(len(self.needs), -1, np.int32)
        offer_of[self.candidates.need[chosen]] = self.candidates.offer[chosen]
        return Found(
            assignment=assignment,
            candidates=some,
            solver=solver,
            note=note,
            chosen=chosen,
            offer_of=offer_of,
            price=seat_prices(assignment),
            value=self._value(chosen),
        )

    def _value(self, chosen: np.ndarray) -> tuple[int, ...]:
        levels, level = self._levels
        places = np.bincount(level[self.candidates.need[chosen]], minlength=len(levels))
        return (*places.tolist(), int(self.candidates.score[chosen].sum(dtype=np.int64)))

    @cached_property
    def _levels(self) -> tuple[np.ndarray, np.ndarray]:
        """The levels of priority, the most urgent first, and the level of each need."""
        levels, level = np.unique(-self.weights, return_inverse=True)
        return levels, level.reshape(-1)

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

    def let_yield(self, found: Found, closed: np.ndarray, *, wholly: bool) -> bool:
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
            closed[rows] |= wholly | (self.overlap(rows, stays) != 0)
            moved.add(int(need[goes]))
            self.yielded.add(int(self.people.who[need[goes]]))
        return bool(overlaps)

    def overlap(self, rows: slice, pair: int) -> np.ndarray:
        offers = self.candidates.offer[rows]
        return shared_slots(
            self.offers, offers, np.full(len(offers), self.candidates.offer[pair], np.int64)
        )

    def _loss(self, found: Found, closed: np.ndarray, goes: int, stays: int) -> int:
        """What is lost when the need of `goes` takes its best seat beside `stays`, at its price."""
        rows = self.rows(int(self.candidates.need[goes]))
        net = self.worth[rows] - found.price[self.candidates.offer[rows]]
        free = ~closed[rows] & (self.overlap(rows, stays) == 0)
        own = int(self.worth[goes] - found.price[self.candidates.offer[goes]])
        return own - max(0, int(net[free].max(initial=0)))

    # Households that start together.

    def torn(self, found: Found, number: int) -> bool:
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
        self, found: Found, open_: np.ndarray, number: int, tried: set[int]
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
        found: Found,
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
