"""Guarantees that lessons of one person never overlap: which needs belong together, and how.

Needs of the file format stand alone. Where a caller knows that several needs are of one person,
that the person has lessons already, or that a household starts together, it says so here.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from matching.engine.feasibility import Candidates
from matching.engine.instance import OfferTable

NOBODY: Final = -1


@dataclass(frozen=True, eq=False)
class Lessons:
    """Lessons that people have already; row k is one running course of `who[k]`."""

    who: np.ndarray
    slots: np.ndarray
    start: np.ndarray
    end: np.ndarray

    @classmethod
    def none(cls) -> "Lessons":
        empty = np.zeros(0, np.int64)
        return cls(empty, empty, empty, empty)


@dataclass(frozen=True, eq=False)
class People:
    """What the rows of a need table have to do with each other.

    `who`: needs with the same number never have lessons at the same time (they are of one person,
    or of a household in which somebody stays with the children). `busy`: lessons that are fixed
    already. `together`: needs with the same number (-1: none) are all placed or none of them, and
    at one location where `same_place` of that number holds. `anchors`: for such a number the
    points at which members have a place already; empty where nobody has. Numbers in `closed` get
    no place here: a caseworker decides for them.
    """

    who: np.ndarray
    busy: Lessons
    together: np.ndarray
    same_place: np.ndarray
    anchors: tuple[frozenset[tuple[float, float]], ...] = ()
    closed: frozenset[int] = frozenset()

    @classmethod
    def apart(cls, who: np.ndarray, busy: Lessons | None = None) -> "People":
        """Needs of persons without a household."""
        alone = np.full(len(who), NOBODY, np.int64)
        return cls(who, busy or Lessons.none(), alone, np.zeros(0, np.bool_))

    @property
    def are_apart(self) -> bool:
        """Tells that nothing of this matters: one need each, no other lessons, no household."""
        own = np.unique(self.who)
        return (
            len(own) == len(self.who)
            and not np.isin(self.busy.who, own).any()
            and bool((self.together == NOBODY).all())
        )

    def where(self, rows: np.ndarray) -> "People":
        """The same people for some of the needs."""
        return replace(self, who=self.who[rows], together=self.together[rows])

    def also_busy(self, who: np.ndarray, offers: OfferTable, rows: np.ndarray) -> "People":
        """The same people once these have a place at these offers."""
        busy = self.busy
        return replace(
            self,
            busy=Lessons(
                np.concatenate([busy.who, who]),
                np.concatenate([busy.slots, offers.slots[rows]]),
                np.concatenate([busy.start, offers.start[rows]]),
                np.concatenate([busy.end, offers.end[rows]]),
            ),
        )


def shared_slots(offers: OfferTable, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Gives for pairs of offers the day-parts in which both have lessons, 0 without overlap.

    Lessons overlap when a day-part is the same and the periods touch, online or not: somebody
    cannot be in two lessons at once.
    """
    in_time = (offers.start[one] <= offers.end[other]) & (offers.start[other] <= offers.end[one])
    return np.where(in_time, offers.slots[one] & offers.slots[other], 0)


def busy_slots(
    people: People, offers: OfferTable, need: np.ndarray, offer: np.ndarray
) -> np.ndarray:
    """Gives per pair the day-parts in which the person has other lessons already."""
    return _taken_slots(people.who[need], offers, offer, people.busy)


def chosen_slots(
    people: People, offers: OfferTable, pairs: tuple[np.ndarray, np.ndarray], offer_of: np.ndarray
) -> np.ndarray:
    """Gives per pair the day-parts that another need of the same person takes in `offer_of`."""
    need, offer = pairs
    placed = np.flatnonzero(offer_of >= 0)
    rows = offer_of[placed]
    lessons = Lessons(people.who[placed], offers.slots[rows], offers.start[rows], offers.end[rows])
    return _taken_slots(people.who[need], offers, offer, lessons, (need, placed))


def _taken_slots(
    who: np.ndarray,
    offers: OfferTable,
    offer: np.ndarray,
    lessons: Lessons,
    own: tuple[np.ndarray, np.ndarray] | None = None,
) -> np.ndarray:
    """Gives per pair the day-parts of these lessons; `own` (need of pair, of lesson) is skipped."""
    order = np.argsort(lessons.who, kind="stable")
    owner = lessons.who[order]
    first = np.searchsorted(owner, who, "left")
    count = np.searchsorted(owner, who, "right") - first
    found = np.zeros(len(who), np.int64)
    # As many steps as the busiest person has courses: a few.
    for step in range(int(count.max(initial=0))):
        at = np.flatnonzero(count > step)
        lesson, row = order[first[at] + step], offer[at]
        overlaps = (offers.start[row] <= lessons.end[lesson]) & (
            lessons.start[lesson] <= offers.end[row]
        )
        if own is not None:
            overlaps &= own[0][at] != own[1][lesson]
        found[at] |= np.where(overlaps, offers.slots[row] & lessons.slots[lesson], 0)
    return found


def place_numbers(offers: OfferTable) -> np.ndarray:
    """Gives each offer the number of its location: the same point is the same location."""
    points = np.stack([offers.lat, offers.lon], axis=1)
    return np.unique(points, axis=0, return_inverse=True)[1].reshape(-1)


def keep(candidates: Candidates, chosen: np.ndarray) -> Candidates:
    """Gives the candidates for which `chosen` holds, with the needs they belong to."""
    first = np.zeros(len(candidates.first), np.int64)
    np.cumsum(np.bincount(candidates.need[chosen], minlength=len(first) - 1), out=first[1:])
    return replace(
        candidates,
        first=first,
        need=candidates.need[chosen],
        offer=candidates.offer[chosen],
        score=candidates.score[chosen],
        km=candidates.km[chosen],
    )


def keep_sold_out(candidates: Candidates, chosen: np.ndarray) -> Candidates:
    """Gives the candidates with those of the sold-out pairs for which `chosen` holds."""
    return replace(
        candidates,
        zero_need=candidates.zero_need[chosen],
        zero_offer=candidates.zero_offer[chosen],
        zero_score=candidates.zero_score[chosen],
    )
