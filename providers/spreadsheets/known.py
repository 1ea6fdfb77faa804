"""What a provider's catalogue holds now, in the form of its spreadsheet."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import F, Func, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat

from backend.common.spreadsheets import Kind
from providers.models import Course, CourseGroup, IntakeMoment, Location, Provider, WeeklySlot
from providers.spreadsheets.sheets import ENTITY_BY_NAME

Key = tuple[Any, ...]
TEXT = models.CharField()


@dataclass(slots=True)
class KnownRow:
    """A row of the catalogue: its keys in the database, and its values by column name."""

    pk: int
    uuid: Any
    values: dict[str, Any]


@dataclass
class Known:
    """The catalogue by sheet and key."""

    rows: dict[str, dict[Key, KnownRow]] = field(default_factory=dict)

    def keys(self, name: str) -> dict[Key, KnownRow]:
        return self.rows[name]


def load(provider: Provider, since: date) -> Known:
    """The whole catalogue of one provider, of intake moments those from `since`; four queries."""
    known = Known()
    for name, queryset in (
        ("locations", _locations(provider)),
        ("courses", _courses(provider)),
        ("groups", _groups(provider)),
        ("intake_moments", _intakes(provider, since)),
    ):
        entity = ENTITY_BY_NAME[name]
        names = [column.name for column in entity.sheet.columns]
        paths = [_PATHS.get(name, {}).get(one, one) for one in names]
        keys = [names.index(one) for one in entity.sheet.key_names]
        normal = [
            (number, column.kind.normal)
            for number, column in enumerate(entity.sheet.columns)
            if type(column.kind).normal is not Kind.normal
        ]
        found: dict[Key, KnownRow] = {}
        for pk, uuid, *values in queryset.order_by("pk").values_list("pk", "uuid", *paths):
            for number, make in normal:
                values[number] = make(values[number])
            found[tuple(values[number] for number in keys)] = KnownRow(
                pk, uuid, dict(zip(names, values, strict=True))
            )
        known.rows[name] = found
    return known


def fingerprint(provider: Provider, since: date) -> str:
    """Differs as soon as any row of the catalogue does (intake moments from `since`); one query.

    Rows are compared as PostgreSQL writes them, where they are. Seats people have are other rows:
    they change by the minute and are checked under lock.
    """
    with connection.cursor() as cursor:
        cursor.execute(FINGERPRINT, {"provider": provider.pk, "since": since})
        [found] = cursor.fetchone()
    return str(found)


FINGERPRINT = """
with location as (
    select string_agg(one::text, '' order by id) as rows
    from providers_location one where provider_id = %(provider)s
), course as (
    select string_agg(one::text, '' order by id) as rows
    from providers_course one where provider_id = %(provider)s
), own as (
    select one.*
    from providers_coursegroup one join providers_course on providers_course.id = one.course_id
    where provider_id = %(provider)s
), class as (
    select string_agg(own::text, '' order by id) as rows from own
), lesson as (
    select string_agg(one::text, '' order by one.id) as rows
    from providers_weeklyslot one join own on own.id = one.group_id
), start as (
    select string_agg(one::text, '' order by one.id) as rows
    from providers_intakemoment one join own on own.id = one.group_id
    where start_date >= %(since)s
)
select encode(sha256(convert_to(concat_ws('|', %(since)s::text, location.rows, course.rows,
    class.rows, lesson.rows, start.rows), 'UTF8')), 'hex')
from location, course, class, lesson, start
"""

# Where a column is not the field of the same name.
_PATHS = {
    "locations": {"municipality": "municipality_code"},
    "groups": {
        "course": "course__code",
        "location": "location__code",
        "lessons": "lesson_texts",
    },
    "intake_moments": {"course": "group__course__code", "group": "group__code"},
}


def _locations(provider: Provider) -> Any:
    return Location.objects.filter(provider=provider).annotate(
        municipality_code=Coalesce(F("municipality__code"), Value(""))
    )


def _courses(provider: Provider) -> Any:
    return Course.objects.filter(provider=provider)


def _groups(provider: Provider) -> Any:
    def clock_time(name: str) -> Func:
        return Func(F(name), Value("HH24:MI"), function="to_char", output_field=TEXT)

    lesson = Concat(
        Cast("weekday", TEXT),
        Value(" "),
        clock_time("start_time"),
        Value(" "),
        clock_time("end_time"),
    )
    lessons = (
        WeeklySlot.objects.filter(group=OuterRef("pk"))
        .order_by()
        .values("group")
        .annotate(texts=ArrayAgg(lesson, order_by=("weekday", "start_time")))
        .values("texts")
    )
    return CourseGroup.objects.filter(course__provider=provider).annotate(
        lesson_texts=Coalesce(
            Subquery(lessons, output_field=ArrayField(TEXT)),
            Value([], output_field=ArrayField(TEXT)),
        )
    )


def _intakes(provider: Provider, since: date) -> Any:
    return IntakeMoment.objects.filter(
        group__course__provider=provider, start_date__gte=since
    ).with_seats_free()
