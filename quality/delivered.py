"""What attendance says was delivered per placement and month, in the unit that was agreed.

One rule per unit of the tariff (docs/decisions/quality-deliveries.md). Everything is summed in the
database; a placement without a call-off (a referral, R-PAY-1) delivers nothing to the ledger.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from django.db.models import Count, DecimalField, Exists, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Cast, TruncMonth

from matching.models import Placement, PlacementEvent
from matching.public import PlacementState, StopReason
from procurement.public import Delivery, TariffUnit
from quality.models import Attendance

HUNDREDTH = Decimal("0.01")
ZERO, ONE = Decimal(0), Decimal(1)
MINUTES = Decimal(60)


@dataclass(frozen=True)
class MonthTaught:
    """Lessons with a list on which the person stands, in one month."""

    month: date
    present_minutes: int
    scheduled_minutes: int
    # The person's part of the lessons, when a group-hour is shared by everybody on the list.
    shared_minutes: Decimal


@dataclass(frozen=True)
class CourseEnd:
    """The hours a course promises, and the last lesson when it ended as planned."""

    planned_minutes: int
    ended_as_planned: date | None


def quantities(unit: str, months: Iterable[MonthTaught], course: CourseEnd) -> dict[date, Decimal]:
    """Units of the tariff per month; the months of a module or traject never add up to over one."""
    if unit == TariffUnit.LEARNER_HOUR:
        return {one.month: _hours(Decimal(one.present_minutes)) for one in months}
    if unit == TariffUnit.GROUP_HOUR:
        return {one.month: _hours(one.shared_minutes) for one in months}
    ended = course.ended_as_planned
    if unit == TariffUnit.RESULT:
        return {} if ended is None else {ended.replace(day=1): ONE}
    return _parts(months, course)


def _hours(minutes: Decimal) -> Decimal:
    return (minutes / MINUTES).quantize(HUNDREDTH, ROUND_HALF_UP)


def _parts(months: Iterable[MonthTaught], course: CourseEnd) -> dict[date, Decimal]:
    """A price for the whole, delivered as the lessons were given; the rest when it is completed."""
    found: dict[date, Decimal] = {}
    taught, before = 0, ZERO
    for one in sorted(months, key=lambda month: month.month):
        taught += one.scheduled_minutes
        share = Decimal(taught) / max(course.planned_minutes, 1)
        until = min(ONE, share.quantize(HUNDREDTH, ROUND_HALF_UP))
        found[one.month] = until - before
        before = until
    if course.ended_as_planned is not None and before < ONE:
        last = max([course.ended_as_planned.replace(day=1), *found])
        found[last] = found.get(last, ZERO) + ONE - before
    return found


def delivered(units: Mapping[UUID, str]) -> dict[tuple[UUID, date], Decimal]:
    """The quantity of each month of these placements, by placement and month. Two queries."""
    taught = _taught(Attendance.objects.filter(placement__uuid__in=list(units)))
    found = {}
    for uuid, course in _courses(units).items():
        for month, quantity in quantities(units[uuid], taught.get(uuid, ()), course).items():
            found[uuid, month] = quantity
    return found


def as_deliveries(rows: Mapping[tuple[UUID, date], Decimal]) -> list[Delivery]:
    return [Delivery(uuid, month, quantity) for (uuid, month), quantity in sorted(rows.items())]


def _taught(attendance: QuerySet[Attendance]) -> dict[UUID, list[MonthTaught]]:
    on_the_list = (
        Attendance.objects.filter(lesson=OuterRef("lesson"))
        .order_by()
        .values("lesson")
        .annotate(number=Count("pk"))
        .values("number")
    )
    part = Cast(
        F("lesson__minutes_scheduled"), DecimalField(max_digits=12, decimal_places=6)
    ) / Subquery(on_the_list)
    rows = (
        attendance.filter(lesson__is_cancelled=False)
        .annotate(month=TruncMonth("lesson__date"), part=part)
        .order_by()
        .values("placement__uuid", "month")
        .annotate(
            present=Sum("minutes_present"),
            scheduled=Sum("lesson__minutes_scheduled"),
            shared=Sum("part", output_field=DecimalField(max_digits=14, decimal_places=6)),
        )
        .values_list("placement__uuid", "month", "present", "scheduled", "shared")
    )
    found: dict[UUID, list[MonthTaught]] = defaultdict(list)
    for uuid, month, present, scheduled, shared in rows:
        found[uuid].append(MonthTaught(month, present, scheduled, shared))
    return found


def _courses(uuids: Iterable[UUID]) -> dict[UUID, CourseEnd]:
    as_planned = PlacementEvent.objects.filter(
        placement=OuterRef("pk"),
        state=PlacementState.STOPPED,
        reason_code=StopReason.AS_PLANNED,
    )
    rows = (
        Placement.objects.filter(uuid__in=list(uuids))
        .annotate(planned=Exists(as_planned))
        .values_list("uuid", "intake_moment__group__course__total_hours", "planned", "end_date")
    )
    return {
        uuid: CourseEnd(hours * int(MINUTES), end if planned else None)
        for uuid, hours, planned, end in rows
    }
