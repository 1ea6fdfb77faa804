"""What people have to do with each other: own lessons that are fixed, and households."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, Q, QuerySet

from backend.common.compiled import CompiledRows
from backend.common.locks import keys_in
from matching.choices import OPEN_PLACEMENT_STATES
from matching.engine import COMPONENTS, Lessons, OfferTable, People, slot_mask
from matching.household_choices import Wish
from matching.models import Household, HouseholdMember, Placement
from matching.selectors.needs import NeedSet

Point = tuple[float, float]
NOBODY = -1


@dataclass(frozen=True)
class RunningLessons:
    """A course that a person follows, or has a seat for, from today on."""

    participant_id: int
    need_id: int
    component: str
    intake_moment_id: int
    course: str
    slots: tuple[str, ...]
    start: date
    end: date
    point: Point
    hours_per_week: float
    state: str


def running_lessons(placements: Q, *, on: date) -> list[RunningLessons]:
    """The open places that have not ended, each with its weekly day-parts; one query."""
    return [_lessons_of(row) for row in _running(placements, on)]


def _running(placements: Q, on: date) -> QuerySet[Placement, tuple[Any, ...]]:
    return (
        Placement.objects.filter(
            placements,
            state__in=sorted(OPEN_PLACEMENT_STATES),
            intake_moment__end_date__gte=on,
        )
        .annotate(
            slots=ArrayAgg(
                "intake_moment__group__weekly_slots__slot",
                filter=Q(intake_moment__group__weekly_slots__isnull=False),
                distinct=True,
                default=[],
            )
        )
        .order_by("pk")
        .values_list(
            "participant_id",
            "need_id",
            "need__component",
            "intake_moment_id",
            "intake_moment__group__course__name",
            "slots",
            "intake_moment__start_date",
            "intake_moment__end_date",
            "intake_moment__group__location__latitude",
            "intake_moment__group__location__longitude",
            "intake_moment__group__course__hours_per_week",
            "state",
        )
    )


def _lessons_of(row: tuple[Any, ...]) -> RunningLessons:
    person, need, component, intake, course, slots, start, end, north, east, hours, state = row
    return RunningLessons(
        participant_id=person,
        need_id=need,
        component=component,
        intake_moment_id=intake,
        course=course,
        slots=tuple(slots),
        start=start,
        end=end,
        point=(north, east),
        hours_per_week=float(hours),
        state=state,
    )


_OWN = CompiledRows(
    lambda participant, on: _running(Q(participant=participant), on), participant=int, on=date
)


def own_lessons(participant_id: int, *, besides: int, on: date) -> list[RunningLessons]:
    """The lessons of one person, without those of the need `besides`; one query."""
    found = map(_lessons_of, _OWN(participant=participant_id, on=on))
    return [one for one in found if one.need_id != besides]


def clashes_of(table: OfferTable, running: list[RunningLessons]) -> np.ndarray:
    """Per offer the first of these courses with which its lessons overlap, -1 without one."""
    found = np.full(len(table), NOBODY, np.int64)
    for number, one in reversed(list(enumerate(running))):
        start, end = _day_numbers([one.start, one.end]).tolist()
        overlaps = (table.slots & slot_mask(one.slots)) != 0
        found[overlaps & (table.start <= end) & (start <= table.end)] = number
    return found


def people_of(needs: NeedSet, *, municipality_ids: Collection[int], on: date) -> People:
    """Whose the needs are, which lessons run already and which households start together.

    Two queries. A household in which the municipality buys for one and refers the other is closed:
    who starts where is then for a caseworker to decide.
    """
    running = [_lessons_of(row) for row in _EVERYBODYS.planned(keys=municipality_ids, on=on)]
    homes = _homes(municipality_ids, on)
    who_of = {
        person: -home.key - 1 for person, home in homes.items() if home.wish == Wish.OPPOSITE_TIMES
    }
    owners = [who_of.get(one.participant_id, one.participant_id) for one in running]
    busy = Lessons(
        np.array(owners, np.int64),
        np.array([slot_mask(one.slots) for one in running], np.int64),
        _day_numbers([one.start for one in running]),
        _day_numbers([one.end for one in running]),
    )
    who = needs.participants.astype(np.int64)
    if not homes:
        return People.apart(who, busy)
    who = np.array([who_of.get(one, one) for one in who.tolist()], np.int64)
    return _coupled(needs, homes, running, who, busy)


def _day_numbers(days: list[date]) -> np.ndarray:
    return np.array(days, "datetime64[D]").astype(np.int64)


@dataclass(frozen=True)
class Home:
    """A household that starts together, and what it wishes."""

    key: int
    wish: str


def _home_of(participant: int, on: date) -> QuerySet[HouseholdMember, tuple[int, str]]:
    return (
        _members_coupled_on(on)
        .filter(participant=participant)
        .order_by()
        .values_list("household_id", "household__wish")
    )


# The fields of Home of a participant; no row where the person may start alone.
HOME_OF = CompiledRows(_home_of, participant=int, on=date)


def _members_coupled_on(on: date) -> QuerySet[HouseholdMember]:
    """Who starts together with others on this day and still lives in their municipality."""
    return HouseholdMember.objects.filter(
        household__in=Household.objects.coupled_on(on),
        participant__municipality=F("household__municipality"),
    )


_EVERYBODYS = CompiledRows(
    lambda keys, on: _running(Q(municipality__in=keys_in(keys)), on), keys=list, on=date
)
_HOMES = CompiledRows(
    lambda keys, on: (
        _members_coupled_on(on)
        .filter(household__municipality__in=keys_in(keys))
        .order_by()
        .values_list("participant_id", "household_id", "household__wish")
    ),
    keys=list,
    on=date,
)


def _homes(municipality_ids: Iterable[int], on: date) -> dict[int, Home]:
    """The coupled household of each member in these municipalities."""
    rows = _HOMES.planned(keys=municipality_ids, on=on)
    return {person: Home(key, wish) for person, key, wish in rows}


def _coupled(
    needs: NeedSet,
    homes: dict[int, Home],
    running: list[RunningLessons],
    who: np.ndarray,
    busy: Lessons,
) -> People:
    waiting: dict[tuple[int, int], list[int]] = defaultdict(list)
    persons, components = needs.participants.tolist(), needs.table.component.tolist()
    for row, (person, component) in enumerate(zip(persons, components, strict=True)):
        if person in homes:
            waiting[homes[person].key, component].append(row)
    placed = _places_of(running, homes)
    together = np.full(len(needs), NOBODY, np.int64)
    same_place: list[bool] = []
    anchors: list[frozenset[Point]] = []
    closed: set[int] = set()
    for (key, component), rows in sorted(waiting.items()):
        anchor = placed.get((key, component), frozenset())
        if len(rows) < 2 and not anchor:
            continue
        number = len(same_place)
        together[rows] = number
        same_place.append(homes[persons[rows[0]]].wish == Wish.SAME_PLACE)
        anchors.append(anchor)
        if len(set(needs.is_referral[rows].tolist())) > 1:
            closed.add(number)
    return People(
        who=who,
        busy=busy,
        together=together,
        same_place=np.array(same_place, np.bool_),
        anchors=tuple(anchors),
        closed=frozenset(closed),
    )


def _places_of(
    running: list[RunningLessons], homes: dict[int, Home]
) -> dict[tuple[int, int], frozenset[Point]]:
    """Per household and component the locations where a member has a place already."""
    found: dict[tuple[int, int], set[Point]] = defaultdict(set)
    for one in running:
        home = homes.get(one.participant_id)
        if home is not None:
            found[home.key, COMPONENTS.index(one.component)].add(one.point)
    return {key: frozenset(points) for key, points in found.items()}
