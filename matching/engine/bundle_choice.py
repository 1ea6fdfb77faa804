"""Guarantees for one person the best combinations of places for all components at once.

Exact over the options given: every combination is counted or proven worse. First the leerroute,
then as many components as possible, then a sensible order over the term, then the highest score.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# The leerroute begins before what builds on it: KNM is taught in Dutch (domain.md 3.1), and MAP
# asks people to talk with employers. A wish and not a rule: who cannot, begins with the other.
ROUTES: Final = frozenset({"B", "O", "Z"})
AFTER_ROUTE: Final = frozenset({"KNM", "MAP"})
NO_OPTION: Final = -1


@dataclass(frozen=True, slots=True)
class LessonTimes:
    """When a course has lessons: day-parts as bit set, first and last day as day numbers."""

    slots: int
    start: int
    end: int
    hours: float = 0.0

    def overlaps(self, other: "LessonTimes") -> bool:
        return bool(
            self.slots & other.slots and self.start <= other.end and other.start <= self.end
        )


@dataclass(frozen=True, slots=True)
class Option:
    """A place that fits one component on its own."""

    key: str
    score: int
    lessons: LessonTimes


@dataclass(frozen=True, slots=True)
class Part:
    """A component that waits, with its options, the best first."""

    component: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class RunningPart:
    """A component that has its place already."""

    component: str
    lessons: LessonTimes


@dataclass(frozen=True, slots=True)
class Bundle:
    """One option per part or NO_OPTION; `out_of_order` are components that precede the route."""

    chosen: tuple[int, ...]
    score: int
    out_of_order: tuple[str, ...]
    has_route: bool

    @property
    def rank(self) -> tuple[bool, int, int, int]:
        placed = sum(one != NO_OPTION for one in self.chosen)
        return self.has_route, placed, -len(self.out_of_order), self.score


def best_bundles(
    parts: Sequence[Part], running: Sequence[RunningPart], *, limit: int
) -> list[Bundle]:
    """Gives the best combination for each place of the first part, the best combination first.

    Name the leerroute first where that waits: people choose that first, and a list of combinations
    that differ in their last module helps nobody.
    """
    if not parts:
        return []
    heads = _free(parts[0], running) or [NO_OPTION]
    found = [_Walk(parts, running, head).best() for head in heads]
    found.sort(key=lambda one: (one.rank, [-place for place in one.chosen]), reverse=True)
    return found[:limit]


def clash_of(lessons: LessonTimes, beside: Sequence[RunningPart]) -> RunningPart | None:
    """Gives the first course whose lessons overlap with these, if any."""
    return next((one for one in beside if one.lessons.overlaps(lessons)), None)


def peak_hours(lessons: Sequence[LessonTimes]) -> float:
    """Gives the most course hours in one week over the whole period."""
    days = {one.start for one in lessons}
    return max(
        (sum(one.hours for one in lessons if one.start <= day <= one.end) for day in days),
        default=0.0,
    )


def _free(part: Part, running: Sequence[RunningPart]) -> list[int]:
    """The options of a part that go with the courses that run."""
    return [
        place
        for place, option in enumerate(part.options)
        if clash_of(option.lessons, running) is None
    ]


class _Walk:
    """Depth first, the best options first; what cannot beat the best so far is cut off."""

    def __init__(self, parts: Sequence[Part], running: Sequence[RunningPart], head: int) -> None:
        self.parts = parts
        self.free = [[head], *([*_free(part, running), NO_OPTION] for part in parts[1:])]
        self.route_start = next(
            (one.lessons.start for one in running if one.component in ROUTES), None
        )
        first = parts[0]
        self.has_route = self.route_start is not None
        if first.component in ROUTES and head != NO_OPTION:
            self.has_route, self.route_start = True, first.options[head].lessons.start
        # The most that the parts from here on can still add: places and points.
        self.rest = [(0, 0)]
        for part, places in zip(reversed(parts), reversed(self.free), strict=True):
            points = [part.options[one].score for one in places if one != NO_OPTION]
            places_left, points_left = self.rest[-1]
            self.rest.append((places_left + bool(points), points_left + max(points, default=0)))
        self.rest.reverse()
        self.found: Bundle | None = None

    def best(self) -> Bundle:
        self._step((), 0, 0)
        assert self.found is not None
        return self.found

    def _step(self, chosen: tuple[int, ...], placed: int, score: int) -> None:
        depth = len(chosen)
        if self.found is not None:
            most_places, most_points = self.rest[depth]
            if (self.has_route, placed + most_places, 0, score + most_points) <= self.found.rank:
                return
        if depth == len(self.parts):
            made = Bundle(chosen, score, self._out_of_order(chosen), self.has_route)
            if self.found is None or made.rank > self.found.rank:
                self.found = made
            return
        options = self.parts[depth].options
        for place in self.free[depth]:
            if place == NO_OPTION:
                self._step((*chosen, NO_OPTION), placed, score)
            elif self._fits(chosen, options[place].lessons):
                self._step((*chosen, place), placed + 1, score + options[place].score)

    def _fits(self, chosen: tuple[int, ...], lessons: LessonTimes) -> bool:
        return not any(
            part.options[place].lessons.overlaps(lessons)
            for part, place in zip(self.parts, chosen, strict=False)
            if place != NO_OPTION
        )

    def _out_of_order(self, chosen: tuple[int, ...]) -> tuple[str, ...]:
        if self.route_start is None:
            return ()
        return tuple(
            part.component
            for part, place in zip(self.parts, chosen, strict=True)
            if part.component in AFTER_ROUTE
            and place != NO_OPTION
            and part.options[place].lessons.start < self.route_start
        )
