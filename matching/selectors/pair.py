"""Everything that decides whether one need may go to one intake moment, in one statement.

The questions are those of the lists (`needs`, `offers`, `policy`); only the asking is joined.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from backend.common.compiled import Answers, Column, CompiledRows, JoinedRows, Part
from backend.common.locks import ask_locked
from matching.choices import OPEN_PLACEMENT_STATES
from matching.models import MatchingPolicy, Pip, Placement
from matching.selectors.needs import ONE_NEED
from matching.selectors.people import HOME_OF, Home
from matching.selectors.policy import VERSION_IN_FORCE, policy_of
from procurement.public import COVER_OF_COURSE, Coverage, coverage_of
from providers.models import WeeklySlot
from providers.public import OFFERED_INTAKE


@dataclass(frozen=True)
class PairFacts:
    """The facts of this day about one need and one intake moment."""

    # COLUMNS of `needs`; None for a need of a replaced PIP or without a known target group.
    need: tuple[Any, ...] | None
    # INTAKE_COLUMNS; None when it is not open.
    intake: tuple[Any, ...] | None
    # What the municipality may call the course off from.
    cover: list[Coverage]
    # Whether the person has lessons elsewhere at the same time.
    overlaps: bool
    policy: MatchingPolicy
    # The household with which the person starts together, if any.
    home: Home | None = None


def pair_facts(*, need_id: int, intake_moment_id: int, municipality_id: int, on: date) -> PairFacts:
    """One query, once a default policy exists and the version in force has been read before."""
    about = {"need": need_id, "intake": intake_moment_id, "municipality": municipality_id}
    return _read(_facts(**about, on=on), municipality_id)


def pair_facts_locked(
    *, pip_id: int, need_id: int, intake_moment_id: int, municipality_id: int, on: date
) -> PairFacts:
    """As `pair_facts`, read once the PIP is locked: two places of one person that are chosen at
    once would not see each other's lessons."""
    about = {"need": need_id, "intake": intake_moment_id, "municipality": municipality_id}
    return _read(ask_locked(Pip, pip_id, _facts, **about, on=on), municipality_id)


def _read(rows: Answers, municipality_id: int) -> PairFacts:
    need, policy, intake, overlap, home, _ = rows[0]
    found = [row[-1] for row in rows]
    return PairFacts(
        need=need,
        intake=intake,
        cover=[coverage_of(one, municipality_id) for one in found if one is not None],
        overlaps=overlap is not None,
        policy=policy_of(policy),
        home=None if home is None else Home(*home),
    )


def _other_courses(
    participant: int, need: int, intake: int, start: date, end: date
) -> QuerySet[Placement, tuple[int, ...]]:
    """Open places of the person with a lesson in a day-part and period of this intake moment."""
    slots = WeeklySlot.objects.filter(group__intake_moments=intake).values("slot")
    return (
        Placement.objects.filter(
            state__in=sorted(OPEN_PLACEMENT_STATES),
            participant=participant,
            intake_moment__start_date__lte=end,
            intake_moment__end_date__gte=start,
            intake_moment__group__weekly_slots__slot__in=slots,
        )
        .exclude(need=need)
        .order_by()
        .values_list("pk")[:1]
    )


_PARTICIPANT = Column("need", "pip__participant_id")
_facts = JoinedRows(
    need=Part(ONE_NEED, {"pk": "need", "on": "on"}),
    policy=Part(VERSION_IN_FORCE, {"organisation": "municipality", "on": "on"}),
    intake=Part(OFFERED_INTAKE, {"pk": "intake", "as_of": "on"}),
    overlap=Part(
        CompiledRows(_other_courses, participant=int, need=int, intake=int, start=date, end=date),
        {
            "participant": _PARTICIPANT,
            "need": "need",
            "intake": "intake",
            "start": Column("intake", "start_date"),
            "end": Column("intake", "end_date"),
        },
    ),
    home=Part(HOME_OF, {"participant": _PARTICIPANT, "on": "on"}),
    cover=Part(
        COVER_OF_COURSE,
        {
            "course": Column("intake", "group__course_id"),
            "municipality": "municipality",
            "on": "on",
        },
    ),
)
