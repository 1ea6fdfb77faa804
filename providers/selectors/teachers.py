"""How many seats the teachers of a group can carry, and when that becomes too few.

Seats of a group = min(room, largest group, certified NT2 teacher hours). The keurmerk wants at
least 80 % of the lessons of a language course given by qualified teachers; a group whose certified
hours cover only part of that can take in that part of its largest size. Groups without any entered
teacher are not limited: nothing is known, and the pages say so.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from providers.choices import LANGUAGE_KINDS, IntakeStatus, TeacherQualification
from providers.models import CourseGroup, IntakeMoment, TeacherHours, WeeklySlot
from providers.statutory import teacher_share

WEEK = timedelta(days=7)
WEEKS_AHEAD = 12


@dataclass(frozen=True)
class HoursPeriod:
    hours: Decimal
    valid_from: date
    valid_to: date | None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class GroupLimits:
    """What limits the seats of one group, over time."""

    max_size: int
    room_seats: int | None
    needs_teachers: bool
    lesson_hours: Decimal
    # None: no teacher has been entered for this group.
    certified: tuple[HoursPeriod, ...] | None

    def certified_hours(self, day: date) -> Decimal | None:
        if self.certified is None:
            return None
        return sum((one.hours for one in self.certified if one.holds_on(day)), Decimal(0))

    def teacher_seats(self, day: date) -> int | None:
        """Seats that the certified hours carry; None where they are not a limit."""
        hours = self.certified_hours(day)
        if hours is None or not self.needs_teachers or not self.lesson_hours:
            return None
        needed = self.lesson_hours * teacher_share(day)
        return min(self.max_size, int(self.max_size * hours / needed))

    def seats(self, day: date) -> int:
        limits = (self.max_size, self.room_seats, self.teacher_seats(day))
        return min(one for one in limits if one is not None)

    def limited_by(self, day: date) -> str:
        """ "teachers", "room" or "group": what is the narrowest, in that order when equal."""
        seats = self.seats(day)
        teachers = self.teacher_seats(day)
        if teachers is not None and teachers == seats and seats < self.max_size:
            return "teachers"
        return "room" if self.room_seats == seats and seats < self.max_size else "group"


def group_limits(groups: Iterable[CourseGroup]) -> dict[int, GroupLimits]:
    """The limits of each group by key, in two queries; `course` MUST be loaded."""
    listed = {group.pk: group for group in groups}
    lessons: dict[int, Decimal] = defaultdict(Decimal)
    for pk, start, end in WeeklySlot.objects.filter(group__in=listed).values_list(
        "group_id", "start_time", "end_time"
    ):
        minutes = (datetime.combine(date.min, end) - datetime.combine(date.min, start)).seconds / 60
        lessons[pk] += Decimal(int(minutes)) / 60
    entered: dict[int, list[HoursPeriod]] = {}
    for row in TeacherHours.objects.filter(group__in=listed).select_related("teacher"):
        periods = entered.setdefault(row.group_id, [])
        if row.teacher.qualification == TeacherQualification.CERTIFIED:
            periods.append(_common_period(row))
    return {
        pk: GroupLimits(
            max_size=group.max_size,
            room_seats=group.room_seats,
            needs_teachers=group.course.kind in LANGUAGE_KINDS,
            lesson_hours=lessons[pk],
            certified=tuple(entered[pk]) if pk in entered else None,
        )
        for pk, group in listed.items()
    }


def _common_period(row: TeacherHours) -> HoursPeriod:
    """Hours count while both the assignment and the teacher's work last."""
    ends = [day for day in (row.valid_to, row.teacher.valid_to) if day is not None]
    return HoursPeriod(
        hours=row.hours_per_week,
        valid_from=max(row.valid_from, row.teacher.valid_from),
        valid_to=min(ends) if ends else None,
    )


@dataclass(frozen=True)
class Shortage:
    """Weeks in which the teachers of a group carry fewer seats than are promised."""

    group: CourseGroup
    first_week: date
    last_week: date
    seats_promised: int
    seats_carried: int

    @property
    def seats_lost(self) -> int:
        return self.seats_promised - self.seats_carried


def teacher_shortages(
    *, provider_ids: Sequence[int], on: date, weeks: int = WEEKS_AHEAD
) -> list[Shortage]:
    """Groups that lose seats to a lack of teachers in the coming weeks; four queries.

    Promised are the seats of published starts from their first day, and the taken seats of closed
    ones.
    """
    monday = on - timedelta(days=on.weekday())
    last = monday + weeks * WEEK
    moments = list(
        IntakeMoment.objects.with_seats_free()
        .filter(
            group__course__provider__in=provider_ids,
            status__in=[IntakeStatus.PUBLISHED, IntakeStatus.CLOSED],
            start_date__lte=last,
            end_date__gte=monday,
        )
        .select_related("group__course__provider__organisation", "group__location")
        .order_by("group__course__code", "group__code", "start_date")
    )
    groups = {moment.group_id: moment.group for moment in moments}
    limits = group_limits(groups.values())
    by_group: dict[int, list[IntakeMoment]] = defaultdict(list)
    for moment in moments:
        by_group[moment.group_id].append(moment)
    found = []
    for pk, group in groups.items():
        short = []
        for number in range(weeks):
            week = max(on, monday + number * WEEK)
            promised = _promised(by_group[pk], week)
            carried = limits[pk].teacher_seats(week)
            if carried is not None and carried < promised:
                short.append((monday + number * WEEK, promised, carried))
        found += _merged(group, short)
    return found


def _promised(moments: Sequence[IntakeMoment], day: date) -> int:
    seats = [
        moment.seats_total if moment.status == IntakeStatus.PUBLISHED else moment.seats_taken  # type: ignore[attr-defined]
        for moment in moments
        if moment.start_date <= day + timedelta(days=6) and day <= moment.end_date
    ]
    return max(seats, default=0)


def _merged(group: CourseGroup, short: Sequence[tuple[date, int, int]]) -> list[Shortage]:
    """Weeks after each other with the same numbers, as one row."""
    rows: list[Shortage] = []
    for week, promised, carried in short:
        before = rows[-1] if rows else None
        if (
            before is not None
            and before.last_week + WEEK == week
            and (before.seats_promised, before.seats_carried) == (promised, carried)
        ):
            rows[-1] = Shortage(group, before.first_week, week, promised, carried)
        else:
            rows.append(Shortage(group, week, week, promised, carried))
    return rows
