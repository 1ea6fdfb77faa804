"""What procurement asks from above; `backend/wiring.py` binds the implementations.

Without a binding nothing is known, and the clauses that need it find nothing.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Protocol

from procurement.clauses.facts import LessonFact, PlacementFact


class PlacementFacts(Protocol):
    """Placements of these courses offered on or after `since`, in a fixed number of queries."""

    def __call__(self, *, course_ids: Collection[int], since: date) -> Sequence[PlacementFact]: ...


class LessonFacts(Protocol):
    """Lessons of these courses from `since` until yesterday without recorded attendance."""

    def __call__(self, *, course_ids: Collection[int], since: date) -> Sequence[LessonFact]: ...


def _no_placements(*, course_ids: Collection[int], since: date) -> Sequence[PlacementFact]:
    return ()


def _no_lessons(*, course_ids: Collection[int], since: date) -> Sequence[LessonFact]:
    return ()


_placement_facts: PlacementFacts = _no_placements
_lesson_facts: LessonFacts = _no_lessons


def bind_placement_facts(source: PlacementFacts) -> None:
    global _placement_facts
    _placement_facts = source


def bind_lesson_facts(source: LessonFacts) -> None:
    global _lesson_facts
    _lesson_facts = source


def placement_facts(*, course_ids: Collection[int], since: date) -> Sequence[PlacementFact]:
    return _placement_facts(course_ids=course_ids, since=since)


def lesson_facts(*, course_ids: Collection[int], since: date) -> Sequence[LessonFact]:
    return _lesson_facts(course_ids=course_ids, since=since)
