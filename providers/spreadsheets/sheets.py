"""Which columns a provider's workbook has. Adding a column whose name is a field is one line.

A column with the name of a field is compared, previewed, written and kept in history by itself. The
few that are not a field of their own row stand in LINKS.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from itertools import pairwise
from typing import Any

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.codes import Component, Level, Literacy
from backend.common.records import Record
from backend.common.spreadsheets import (
    AmountKind,
    CellError,
    CodeKind,
    CodesKind,
    Column,
    DayKind,
    FlagKind,
    Kind,
    Sheet,
    TextKind,
    WholeKind,
)
from backend.common.spreadsheets.words import spellings
from providers.choices import CourseKind, DeliveryMode, IntakeStatus, SupportLanguage
from providers.code_lists import SPECIAL_GROUPS
from providers.models import Course, CourseGroup, IntakeMoment, Location
from providers.spreadsheets.listed import ListedCodesKind

CODE = TextKind(40)
SMALL = 32_767
LESSON = re.compile(
    r"(?P<day>[^\W\d]+)\.?\s+(?P<from>\d{1,2}[:.]\d{2})\s*(?:-|–|tot|to)\s*(?P<to>\d{1,2}[:.]\d{2})"
)


@dataclass(frozen=True)
class LessonsKind(Kind):
    """Weekly lessons in one cell: "ma 09:00-12:00; do 13:00-16:00"."""

    width = 36

    def parse(self, raw: Any) -> tuple[str, ...]:
        """Each lesson as "1 09:00 12:00", in the order of the week."""
        if not isinstance(raw, str):
            raise _no_lesson(str(raw))
        found = sorted(
            self._lesson(part.strip()) for part in re.split(r"[;\n]", raw) if part.strip()
        )
        for before, after in pairwise(found):
            if before[0] == after[0] and before[2] > after[1]:
                raise CellError(
                    "overlap",
                    _("Two lessons overlap: %(one)s and %(other)s.")
                    % {"one": lesson_text(before), "other": lesson_text(after)},
                    _("Choose another time for one of them."),
                )
        return tuple(" ".join(map(str, one)) for one in found)

    def _lesson(self, text: str) -> tuple[int, str, str]:
        match = LESSON.fullmatch(text)
        day = _weekdays().get(match["day"].casefold()) if match else None
        if match is None or day is None:
            raise _no_lesson(text)
        start, end = _clock_time(match["from"], text), _clock_time(match["to"], text)
        if end <= start:
            raise CellError(
                "times",
                _("The lesson “%(value)s” ends before it starts.") % {"value": text},
                _("Write start and end as 09:00-12:00."),
            )
        return day, start, end

    def show(self, value: Any) -> str | None:
        """From the parsed form back to what a person reads."""
        lessons = [str(one).split() for one in value or ()]
        return "; ".join(lesson_text((int(d), start, end)) for d, start, end in lessons) or None

    def normal(self, value: Any) -> Any:
        return tuple(value or ())

    def hint(self) -> str:
        return _("Weekday and times, separated by semicolons: %(example)s.") % {
            "example": self.show(("1 09:00 12:00", "4 13:00 16:00"))
        }


def lesson_text(lesson: tuple[int, str, str]) -> str:
    day, start, end = lesson
    return f"{str(WEEKDAYS_ABBR[day - 1]).lower().rstrip('.')} {start}-{end}"


def _weekdays() -> Mapping[str, int]:
    """Names and short names of the days in every language of the site."""
    return {
        word.rstrip("."): number + 1
        for days in (WEEKDAYS, WEEKDAYS_ABBR)
        for number, name in days.items()
        for word in spellings(name)
    }


def _clock_time(text: str, lesson: str) -> str:
    hour, minute = re.split(r"[:.]", text)
    try:
        return f"{time(int(hour), int(minute)):%H:%M}"
    except ValueError:
        raise _no_lesson(lesson) from None


def _no_lesson(text: str) -> CellError:
    return CellError(
        "no_lesson",
        _("“%(value)s” is not a lesson.") % {"value": text[:60]},
        LessonsKind().hint(),
    )


LOCATIONS = Sheet(
    "locations",
    gettext_lazy("Locations"),
    (
        Column("code", gettext_lazy("Location code"), CODE, key=True),
        Column("name", gettext_lazy("Name"), TextKind(120), required=True),
        Column("street", gettext_lazy("Street"), TextKind(120), empty=""),
        Column("house_number", gettext_lazy("House number"), TextKind(12), empty=""),
        Column(
            "postcode",
            gettext_lazy("Postcode"),
            TextKind(6, pattern=re.compile(r"[1-9][0-9]{3}[A-Z]{2}"), form="1234AB", upper=True),
            empty="",
        ),
        Column("place", gettext_lazy("Place"), TextKind(80), required=True),
        Column(
            "municipality",
            gettext_lazy("Municipality code"),
            TextKind(60),
            empty="",
            help=gettext_lazy("The code of CBS, for example GM0344."),
        ),
        Column(
            "latitude",
            gettext_lazy("Latitude"),
            AmountKind(6, least=-90, most=90),
            help=gettext_lazy("May be empty: then it follows from the postcode."),
        ),
        Column(
            "longitude",
            gettext_lazy("Longitude"),
            AmountKind(6, least=-180, most=180),
            help=gettext_lazy("May be empty: then it follows from the postcode."),
        ),
        Column(
            "wheelchair_accessible",
            gettext_lazy("Wheelchair accessible"),
            FlagKind(),
            empty=False,
        ),
        Column("childcare", gettext_lazy("Childcare"), FlagKind(), empty=False),
    ),
    help=gettext_lazy("Addresses where lessons are given. A location is never removed."),
)

COURSES = Sheet(
    "courses",
    gettext_lazy("Courses"),
    (
        Column("code", gettext_lazy("Course code"), CODE, key=True),
        Column("name", gettext_lazy("Name"), TextKind(160), required=True),
        Column("kind", gettext_lazy("Kind of course"), CodeKind(CourseKind.choices), required=True),
        Column(
            "component",
            gettext_lazy("Component"),
            CodeKind(Component.choices),
            empty="",
            help=gettext_lazy(
                "May be empty: then it follows from the kind. Only literacy training names a route."
            ),
        ),
        Column(
            "level_from", gettext_lazy("Lowest entry level"), CodeKind(Level.choices), required=True
        ),
        Column(
            "level_to", gettext_lazy("Highest entry level"), CodeKind(Level.choices), required=True
        ),
        Column(
            "target_level", gettext_lazy("Target level"), CodeKind(Level.choices), required=True
        ),
        Column("literacy", gettext_lazy("Literacy"), CodesKind(Literacy.choices), required=True),
        Column(
            "hours_per_week",
            gettext_lazy("Hours per week"),
            AmountKind(1, least=0, most=168),
            required=True,
        ),
        Column("total_hours", gettext_lazy("Total hours"), WholeKind(1, 10_000), required=True),
        Column(
            "mode",
            gettext_lazy("Form of teaching"),
            CodeKind(DeliveryMode.choices, as_label=True),
            required=True,
        ),
        Column("age_from", gettext_lazy("From age"), WholeKind(0, 120)),
        Column("age_to", gettext_lazy("To age"), WholeKind(0, 120)),
        Column(
            "special_groups", gettext_lazy("Made for"), ListedCodesKind(SPECIAL_GROUPS), empty=()
        ),
        Column(
            "support_languages",
            gettext_lazy("Languages for explanation"),
            CodesKind(SupportLanguage.choices),
            empty=(),
        ),
        Column(
            "description", gettext_lazy("Description"), TextKind(4000, multiline=True), empty=""
        ),
        Column("is_active", gettext_lazy("Offered"), FlagKind(), empty=True),
    ),
    help=gettext_lazy("A course that is missing here can be taken out of the offer."),
)

GROUPS = Sheet(
    "groups",
    gettext_lazy("Groups"),
    (
        Column("course", gettext_lazy("Course code"), CODE, key=True),
        Column("code", gettext_lazy("Group code"), CODE, key=True),
        Column("location", gettext_lazy("Location code"), CODE, required=True),
        Column("min_size", gettext_lazy("Smallest group"), WholeKind(1, SMALL), empty=1),
        Column("max_size", gettext_lazy("Largest group"), WholeKind(1, SMALL), required=True),
        Column("room_seats", gettext_lazy("Seats in the room"), WholeKind(1, SMALL)),
        Column("lessons", gettext_lazy("Lessons"), LessonsKind(), empty=()),
    ),
    help=gettext_lazy("Groups with their weekly lessons. A group is never removed."),
)

INTAKES = Sheet(
    "intake_moments",
    gettext_lazy("Intake moments"),
    (
        Column("course", gettext_lazy("Course code"), CODE, key=True),
        Column("group", gettext_lazy("Group code"), CODE, key=True),
        Column("start_date", gettext_lazy("Start date"), DayKind(), key=True),
        Column("end_date", gettext_lazy("End date"), DayKind(), required=True),
        Column("seats_total", gettext_lazy("Seats"), WholeKind(0, SMALL), required=True),
        Column(
            "status",
            gettext_lazy("Status"),
            CodeKind(IntakeStatus.choices, as_label=True),
            empty=IntakeStatus.PUBLISHED.value,
        ),
        Column(
            "seats_taken",
            gettext_lazy("Seats taken"),
            WholeKind(0, SMALL),
            read_only=True,
            help=gettext_lazy("Places taken and held."),
        ),
    ),
    help=gettext_lazy("Starts from today on. A start that is missing here can be closed."),
)

SHEETS = (LOCATIONS, COURSES, GROUPS, INTAKES)


@dataclass(frozen=True)
class Entity:
    """One sheet with the model behind it, in the order in which rows depend on each other."""

    sheet: Sheet
    model: type[Record]
    # History: "course" gives course.added, course.changed.
    noun: str
    # Columns that name other rows by their code, or other tables, and the field each stands for.
    links: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.sheet.name

    @property
    def fields(self) -> tuple[str, ...]:
        """Columns that are a field of the row under the same name."""
        return tuple(
            column.name
            for column in self.sheet.columns
            if column.name not in self.links and not column.read_only
        )


ENTITIES = (
    Entity(LOCATIONS, Location, "location", {"municipality": "municipality_id"}),
    Entity(COURSES, Course, "course", {}),
    Entity(
        GROUPS,
        CourseGroup,
        "group",
        {"course": "course_id", "location": "location_id", "lessons": ""},
    ),
    Entity(INTAKES, IntakeMoment, "intake_moment", {"course": "", "group": "group_id"}),
)
ENTITY_BY_NAME = {entity.name: entity for entity in ENTITIES}
