"""Unmet demand as groups that could be started: by place, level and day-part (feature 5).

Pure and deterministic. People without a place are counted for every candidate group that would fit
all of them at once; the largest is taken, its people are set apart, and the rest is counted again.
So nobody counts twice, and the same people give the same groups in the same order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

EARTH_RADIUS_KM: Final = 6371.0088
# Lessons on working days; a lesson of a day-part counts as three hours.
WEEKDAYS: Final = 5
DAY_PARTS: Final = (1, 2, 3)
HOURS_PER_LESSON: Final = 3.0
MOST_LESSONS: Final = 4


@dataclass(frozen=True, eq=False)
class Unmet:
    """People without a place, as columns of equal length.

    `kind` numbers what must be equal in a group: component, level and literacy. `available` holds
    a bit per weekday and day-part, Monday morning first (bit 0), then Monday afternoon.
    """

    key: np.ndarray
    kind: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    limit_km: np.ndarray
    available: np.ndarray
    hours: np.ndarray
    waiting_days: np.ndarray
    tier: np.ndarray

    def __len__(self) -> int:
        return len(self.key)

    def take(self, rows: np.ndarray) -> "Unmet":
        return Unmet(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Centre:
    """A place where a group could be."""

    name: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Cluster:
    """People who could all follow one group: `members` are keys, longest entitled first."""

    kind: int
    centre: Centre
    day_part: int
    # Bits of the lessons, as in `Unmet.available`.
    slots: int
    hours: float
    members: tuple[int, ...]
    waiting_days: int


def clusters(
    unmet: Unmet, centres: Sequence[Centre], *, smallest: int, largest: int
) -> list[Cluster]:
    """The groups that could be started for at least `smallest` people, the largest first.

    A group takes at most `largest` people: the most urgent class first, then the longest wait.
    """
    found: list[Cluster] = []
    for kind in np.unique(unmet.kind).tolist():
        rows = np.flatnonzero(unmet.kind == kind)
        found += _of_kind(unmet.take(rows), kind, centres, smallest, largest)
    return sorted(found, key=lambda one: (-len(one.members), -one.waiting_days, one.members))


def _of_kind(
    people: Unmet, kind: int, centres: Sequence[Centre], smallest: int, largest: int
) -> Iterator[Cluster]:
    lessons = lessons_of(people.hours)
    patterns = list(_patterns(lessons))
    masks = np.array([mask for _part, mask in patterns], np.int64)
    near = np.array([_near(people, centre) for centre in centres]).reshape(-1, len(people))
    fits = (masks[:, None] & ~people.available.astype(np.int64)) == 0
    left = np.ones(len(people), np.bool_)
    while True:
        counts = (near & left).astype(np.int32) @ fits.T.astype(np.int32)
        # argmax takes the first of equals: centres and patterns have a fixed order.
        best = int(counts.argmax()) if counts.size else 0
        if not counts.size or counts.flat[best] < smallest:
            return
        place, pattern = divmod(best, len(patterns))
        rows = np.flatnonzero(near[place] & left & fits[pattern])
        order = np.lexsort((people.key[rows], -people.waiting_days[rows], people.tier[rows]))
        rows = rows[order[:largest]]
        left[rows] = False
        part, mask = patterns[pattern]
        yield Cluster(
            kind=kind,
            centre=centres[place],
            day_part=part,
            slots=mask,
            hours=lessons * HOURS_PER_LESSON,
            members=tuple(people.key[rows].tolist()),
            waiting_days=int(people.waiting_days[rows].sum()),
        )


def lessons_of(hours: np.ndarray) -> int:
    """How many lessons a week the median person of these wants."""
    wanted = round(float(np.median(hours)) / HOURS_PER_LESSON) if len(hours) else 1
    return min(MOST_LESSONS, max(1, wanted))


def _patterns(lessons: int) -> Iterator[tuple[int, int]]:
    """(day-part, bits) of every set of that many weekdays in one day-part, in a fixed order."""
    for part in DAY_PARTS:
        for days in combinations(range(WEEKDAYS), lessons):
            yield part, sum(1 << (3 * day + part - 1) for day in days)


def _near(people: Unmet, centre: Centre) -> np.ndarray:
    """Who can travel to the centre (great-circle distance)."""
    here, there = np.radians(people.lat), np.radians(centre.lat)
    across = np.radians(people.lon - centre.lon)
    half = np.sin((here - there) / 2) ** 2 + np.cos(here) * np.cos(there) * np.sin(across / 2) ** 2
    distance = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1)))
    return np.asarray(distance <= people.limit_km)
