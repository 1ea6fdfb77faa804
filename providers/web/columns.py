"""How courses and intake moments read on screen and in a download."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.codes import DayPart
from backend.web.tables import Column
from backend.web.values import Badge, Bar, Lines, Link, Tone, Value, day_text
from providers.choices import IntakeStatus
from providers.models import Course, CourseGroup, IntakeMoment, Location, WeeklySlot

STATUS_TONES: dict[str, Tone] = {
    IntakeStatus.DRAFT: "neutral",
    IntakeStatus.PUBLISHED: "success",
    IntakeStatus.CLOSED: "warning",
    IntakeStatus.CANCELLED: "danger",
}


def course_url(course: Course) -> str:
    return reverse("course", kwargs={"uuid": course.uuid})


def moment_url(moment: IntakeMoment) -> str:
    return reverse("intake-moment", kwargs={"uuid": moment.uuid})


def status_badge(moment: IntakeMoment) -> Badge:
    return Badge(moment.get_status_display(), STATUS_TONES[moment.status])


def entry_levels(course: Course) -> str:
    if course.level_from == course.level_to:
        return course.level_from
    return f"{course.level_from}–{course.level_to}"


def ages(course: Course) -> str:
    """The ages a course is for, "" where everybody is welcome."""
    if course.age_from is None and course.age_to is None:
        return ""
    if course.age_to is None:
        return _("%(age)s and older") % {"age": course.age_from}
    if course.age_from is None:
        return _("up to %(age)s") % {"age": course.age_to}
    return f"{course.age_from}–{course.age_to}"


def address_line(location: Location) -> str:
    """Street and number; without a street the number, which with the postcode is an address."""
    number = location.house_number
    if location.street or not number:
        return f"{location.street} {number}".strip()
    return _("House number %(number)s") % {"number": number}


def distance(moment: Any) -> Value:
    """Needs `distance_km` of `near()`; without it there is none."""
    kilometres = getattr(moment, "distance_km", None)
    return None if kilometres is None else _("%(km)s km") % {"km": round(kilometres)}


def day_parts(group: CourseGroup) -> str:
    """The weekly lessons in short, for example "ma ochtend, do avond"."""
    return ", ".join(dict.fromkeys(_day_part(slot) for slot in group.weekly_slots.all()))


def _day_part(slot: WeeklySlot) -> str:
    part = str(DayPart(int(slot.slot[-1])).label).lower()
    return f"{str(WEEKDAYS_ABBR[slot.weekday - 1]).lower()} {part}"


def lesson_times(group: CourseGroup) -> Lines:
    return Lines(
        tuple(
            f"{slot.get_weekday_display()} {slot.start_time:%H:%M}–{slot.end_time:%H:%M}"
            for slot in group.weekly_slots.all()
        )
    )


def seats_bar(moment: Any) -> Bar:
    """Needs `seats_taken` of `with_seats_free()`."""
    label = _("%(free)s of %(total)s free") % {
        "free": max(0, moment.seats_free),
        "total": moment.seats_total,
    }
    return Bar(moment.seats_taken, moment.seats_total, label)


def course_link(moment: IntakeMoment) -> Value:
    return Link(moment.group.course.name, moment_url(moment))


TENTH = Decimal("0.1")
MOMENT_START = Column(
    "start",
    gettext_lazy("Start"),
    lambda moment: Link(day_text(moment.start_date), moment_url(moment)),
    header=True,
)
START = Column("start", gettext_lazy("Start"), "start_date", sort=("start_date",))
END = Column("end", gettext_lazy("End"), "end_date", sort=("end_date",))
SEATS = Column(
    "seats",
    gettext_lazy("Free seats"),
    seats_bar,
    sort=("seats_free",),
    export=(
        (gettext_lazy("Free seats"), "seats_free"),
        (gettext_lazy("Seats"), "seats_total"),
    ),
)
STATUS = Column("status", gettext_lazy("Status"), status_badge, sort=("status",))
