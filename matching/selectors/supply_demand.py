"""Expected needs against published seats, per month, per component and level, and their spread."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Min, QuerySet, Sum
from django.db.models.functions import TruncMonth

from backend.accounts.actor import Actor
from backend.common import clock
from backend.common.codes import Component, DayPart, Level
from matching import statutory
from matching.expectation import Expected, expected_month
from matching.models import Need, Participant
from providers.models import IntakeMoment, WeeklySlot

AHEAD, BEHIND, SOON = 12, 12, 3


@dataclass(frozen=True)
class SupplyScope:
    """Which part of supply and demand is looked at."""

    component: str = ""
    level: str = ""
    municipality_id: int | None = None


@dataclass(frozen=True)
class MonthLine:
    """One month ahead: what is expected, what is published, and who would still wait after it."""

    month: date
    expected: Expected
    pips_due: int
    starts: int
    seats: int
    waiting_after: int


@dataclass(frozen=True)
class GapLine:
    """One component and level: who waits now, who is expected soon, and the seats until then."""

    component: str
    level: str
    waiting: int
    expected: float
    seats: int

    @property
    def gap(self) -> int:
        """People for whom no seat is published; never below zero."""
        return max(0, round(self.waiting + self.expected - self.seats))


@dataclass(frozen=True)
class SpreadLine:
    """Starts and free seats of one day-part, weekday or place."""

    name: str
    starts: int
    seats: int


@dataclass(frozen=True)
class SupplyDemand:
    """Everything that the page shows, for one scope."""

    waiting: int
    learned_months: int
    months: tuple[MonthLine, ...]
    gaps: tuple[GapLine, ...]
    day_parts: tuple[SpreadLine, ...]
    places: tuple[SpreadLine, ...]


def supply_demand(actor: Actor, scope: SupplyScope) -> SupplyDemand:
    """What the actor may see of supply and demand today; a constant number of queries."""
    first = clock.today().replace(day=1)
    needs = _needs(actor, scope)
    came = _came(needs)
    history = _months_before(first, came)
    intakes = _intakes(actor, scope)
    waiting = needs.waiting().count()
    starts = {
        month: (number, seats or 0)
        for month, number, seats in intakes.annotate(month=TruncMonth("start_date"))
        .order_by()
        .values_list("month")
        .annotate(number=Count("pk"), free=Sum("seats_free"))
    }
    in_months = sum(history[day] for day in history)
    expected = expected_month(in_months, len(history))
    return SupplyDemand(
        waiting=waiting,
        learned_months=len(history),
        months=tuple(_month_lines(first, expected, waiting, starts, _pips_due(actor, scope))),
        gaps=tuple(_gaps(needs, came, len(history), intakes)),
        day_parts=tuple(_day_parts(intakes)),
        places=tuple(
            SpreadLine(place, number, seats or 0)
            for place, number, seats in intakes.order_by()
            .values_list("group__location__place")
            .annotate(number=Count("pk"), free=Sum("seats_free"))
            .order_by("-number", "group__location__place")
        ),
    )


def _needs(actor: Actor, scope: SupplyScope) -> Any:
    needs = Need.objects.visible_to(actor)
    if scope.component:
        needs = needs.filter(component=scope.component)
    if scope.level:
        needs = needs.filter(pip__entry_level=scope.level)
    if scope.municipality_id is not None:
        needs = needs.filter(municipality=scope.municipality_id)
    return needs


def _intakes(actor: Actor, scope: SupplyScope) -> QuerySet[Any]:
    """Open starts with their free seats; a start at several levels counts at each."""
    intakes = (
        IntakeMoment.objects.visible_to(actor)
        .open_on(clock.today())
        .filter(group__course__is_active=True)
        .exclude(group__course__component="")
    )
    if scope.component:
        intakes = intakes.filter(group__course__component=scope.component)
    if scope.level:
        intakes = intakes.filter(
            group__course__level_from__lte=scope.level, group__course__level_to__gte=scope.level
        )
    if scope.municipality_id is not None:
        intakes = intakes.filter(group__location__municipality=scope.municipality_id)
    return intakes.with_seats_free()


Came = Sequence[tuple[date, str, str]]


def _came(needs: QuerySet[Any]) -> Came:
    """Day, component and level of everybody who came on the list, once per person and component."""
    return list(
        needs.order_by()
        .values("pip__participant", "component")
        .annotate(first=Min("waiting_since"), level=Min("pip__entry_level"))
        .values_list("first", "component", "level")
    )


def _months_before(first: date, came: Came) -> dict[date, int]:
    """People per month that is over, since the first month in which anybody came; at most a year.

    Without any month the one before counts, with nobody.
    """
    counts = Counter(day.replace(day=1) for day, _component, _level in came)
    months, month = [], first
    for _number in range(BEHIND):
        month = (month - timedelta(days=1)).replace(day=1)
        months.append(month)
    begun = min(counts, default=months[0])
    return {one: counts[one] for one in months if one >= begun} or {months[0]: 0}


def _month_lines(
    first: date,
    expected: Expected,
    waiting: int,
    starts: dict[date, tuple[int, int]],
    pips_due: Counter[date],
) -> Iterable[MonthLine]:
    left, month = float(waiting), first
    for _number in range(AHEAD):
        number, seats = starts.get(month, (0, 0))
        left = max(0.0, left + expected.mean - seats)
        yield MonthLine(month, expected, pips_due[month], number, seats, round(left))
        month = (month + timedelta(days=32)).replace(day=1)


def _pips_due(actor: Actor, scope: SupplyScope) -> Counter[date]:
    """People that DUO has notified and who have no PIP yet, by the month in which it is due."""
    people = Participant.objects.visible_to(actor).filter(pips__isnull=True)
    if scope.municipality_id is not None:
        people = people.filter(municipality=scope.municipality_id)
    rows = people.values_list("notified_at_date", "settlement_date", "third_party_information_date")
    first = clock.today().replace(day=1)
    # A PIP that is late is expected now.
    return Counter(max(first, statutory.pip_due_date(*row).replace(day=1)) for row in rows)


def _gaps(needs: Any, came: Came, months: int, intakes: QuerySet[Any]) -> Iterable[GapLine]:
    today = clock.today()
    begun = (today.replace(day=1) - timedelta(days=31 * months)).replace(day=1)
    waiting = Counter(needs.waiting().order_by().values_list("component", "pip__entry_level"))
    lately = Counter(
        (component, level) for day, component, level in came if begun <= day < today.replace(day=1)
    )
    seats: Counter[tuple[str, str]] = Counter()
    soon = intakes.filter(start_date__lt=today + timedelta(days=31 * SOON))
    for component, low, high, free in soon.values_list(
        "group__course__component",
        "group__course__level_from",
        "group__course__level_to",
        "seats_free",
    ):
        for level in Level.values:
            if low <= level <= high:
                seats[component, level] += max(0, free)
    for component in Component.values:
        for level in Level.values:
            key = (component, level)
            if waiting[key] or lately[key]:
                coming = round(SOON * lately[key] / months, 1)
                yield GapLine(component, level, waiting[key], coming, seats[key])


def _day_parts(intakes: QuerySet[Any]) -> Iterable[SpreadLine]:
    """Starts by the day-parts on which their lessons are; a start with two counts in both."""
    free = dict(intakes.values_list("pk", "seats_free"))
    groups = dict(intakes.values_list("pk", "group_id"))
    parts: dict[int, set[str]] = {}
    for group, slot in WeeklySlot.objects.filter(group__in=set(groups.values())).values_list(
        "group_id", "slot"
    ):
        parts.setdefault(group, set()).add(slot[-1])
    for part in DayPart:
        mine = [pk for pk, group in groups.items() if str(part.value) in parts.get(group, set())]
        yield SpreadLine(str(part.label), len(mine), sum(max(0, free[pk]) for pk in mine))
