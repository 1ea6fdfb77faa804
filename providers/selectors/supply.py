"""Read-side questions about supply, answered in a constant number of queries."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import numpy as np
from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, DateField, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from backend.common.codes import Component
from backend.common.columns import (
    DAY,
    FLAG,
    KEY,
    NUMBER,
    WHOLE,
    CompiledColumns,
    NotFixedWidthError,
    column_of,
    listed,
    text,
)
from backend.common.compiled import CompiledRows
from providers.choices import MARK_STATUSES_IN_FORCE, MarkKind
from providers.models import IntakeMoment, QualityMark, SeatClaim, WeeklySlot
from providers.querysets import IntakeMomentQuerySet

# Which recognition a component requires; MAP and PVT need none (domain.md 4.1, R-KEU-1, R-KEU-2).
REQUIRED_MARK: dict[str, MarkKind] = {
    Component.B1_ROUTE: MarkKind.KEURMERK,
    Component.Z_ROUTE: MarkKind.KEURMERK,
    Component.KNM: MarkKind.KEURMERK,
    Component.EDUCATION_ROUTE: MarkKind.TST,
}
# An open-ended mark lasts longer than any course.
FOREVER = date(9999, 12, 31)
_NEVER = (FOREVER, date.min)

PLAIN_COLUMNS = (
    "pk",
    "uuid",
    "group__course_id",
    "group__course__provider_id",
    "group__course__provider__organisation_id",
    "group__course__component",
    "group__course__level_from",
    "group__course__level_to",
    "group__course__target_level",
    "group__course__literacy",
    "group__course__mode",
    "group__course__hours_per_week",
    "group__location__latitude",
    "group__location__longitude",
    "group__location__childcare",
    "group__location__wheelchair_accessible",
    "group__min_size",
    "group__course__kind",
    "group__location_id",
    "start_date",
    "end_date",
)
INTAKE_COLUMNS = (*PLAIN_COLUMNS, "seats_free", "seats_taken", "slots", "mark_valid_to")
# How PLAIN_COLUMNS and what follows them are read as numpy columns.
_KINDS = dict(
    zip(
        (*PLAIN_COLUMNS, "seats_total", "group_id"),
        (
            *(WHOLE, KEY, WHOLE, WHOLE, WHOLE, text(3), text(2), text(2), text(2), listed(23)),
            *(text(6), NUMBER, NUMBER, NUMBER, FLAG, FLAG, WHOLE, text(13), WHOLE, DAY, DAY),
            *(WHOLE, WHOLE),
        ),
        strict=True,
    )
)
_PROVIDER = PLAIN_COLUMNS.index("group__course__provider_id")
_COMPONENT = PLAIN_COLUMNS.index("group__course__component")


def offered_intakes(*, as_of: date) -> list[tuple[Any, ...]]:
    """All published intake moments that start on or after `as_of`, as tuples of INTAKE_COLUMNS.

    `slots` is a list of codes such as MO1; `mark_valid_to` is the last day of the mark that the
    component requires and that is in force on the start date (None without such a mark).
    Ordered by key; four queries, counted per table instead of per row.
    """
    claims = SeatClaim.objects.occupying().filter(intake_moment__in=_open(as_of).values("pk"))
    taken = dict(claims.order_by().values_list("intake_moment").annotate(number=Count("pk")))
    lessons = WeeklySlot.objects.filter(group__in=_open(as_of).values("group")).order_by()
    slots = dict(lessons.values_list("group").annotate(codes=ArrayAgg("slot", distinct=True)))
    marks = _marks_in_force(as_of)
    rows = []
    for *plain, start, end, total, group in (
        _open(as_of).order_by("pk").values_list(*PLAIN_COLUMNS, "seats_total", "group_id")
    ):
        used = taken.get(plain[0], 0)
        kind = REQUIRED_MARK.get(plain[_COMPONENT])
        periods = () if kind is None else marks.get((plain[_PROVIDER], kind), ())
        valid_to = next((last for first, last in periods if first <= start <= last), None)
        rows.append((*plain, start, end, total - used, used, slots.get(group), valid_to))
    return rows


def offered_columns(*, as_of: date, component: str | None = None) -> dict[str, np.ndarray]:
    """As `offered_intakes`, as `backend.common.columns.CompiledColumns`.

    With `component` only its courses. `slots` has a row of codes per intake moment, with empty
    ones behind them. Where a value is longer than its column they are read row by row, slower.
    """
    try:
        return _read_offered(as_of, component)
    except NotFixedWidthError:
        rows = offered_intakes(as_of=as_of)
        return _as_columns([one for one in rows if component in (None, one[_COMPONENT])])


def _as_columns(rows: Sequence[tuple[Any, ...]]) -> dict[str, np.ndarray]:
    data = dict(zip(INTAKE_COLUMNS, zip(*rows, strict=True), strict=True))
    slots = [codes or () for codes in data["slots"]]
    most = max(map(len, slots))
    return {
        **{name: column_of(data[name], _KINDS[name]) for name in PLAIN_COLUMNS},
        "seats_free": column_of(data["seats_free"], WHOLE),
        "seats_taken": column_of(data["seats_taken"], WHOLE),
        "slots": np.array([[*one, *[""] * (most - len(one))] for one in slots], "S3"),
        "mark_valid_to": column_of(data["mark_valid_to"], DAY),
    }


@cache
def _questions(component: str | None) -> tuple[CompiledColumns, CompiledColumns, CompiledColumns]:
    """The open starts, the seats taken on them and their lessons; built once per component.

    Without a component seats and lessons are asked of all open starts, for which there is no need
    to look at the courses: more than is offered does no harm.
    """

    def offered(on: date) -> IntakeMomentQuerySet:
        return (
            _open(on) if component is None else _open(on).filter(group__course__component=component)
        )

    def starts(on: date) -> IntakeMomentQuerySet:
        return IntakeMoment.objects.open_on(on) if component is None else offered(on)

    def taken(on: date) -> models.QuerySet[SeatClaim, tuple[int, int]]:
        claims = SeatClaim.objects.occupying().filter(intake_moment__in=starts(on).values("pk"))
        return claims.order_by().values_list("intake_moment").annotate(number=Count("pk"))

    def lessons(on: date) -> models.QuerySet[WeeklySlot, tuple[int, str]]:
        mine = WeeklySlot.objects.filter(group__in=starts(on).values("group"))
        return mine.order_by().values_list("group", "slot")

    return (
        CompiledColumns(
            lambda on: offered(on).order_by("pk").values_list(*_KINDS), _KINDS, on=date
        ),
        CompiledColumns(taken, {"intake": WHOLE, "number": WHOLE}, on=date),
        CompiledColumns(lessons, {"group": WHOLE, "slot": text(3)}, on=date),
    )


def _read_offered(as_of: date, component: str | None) -> dict[str, np.ndarray]:
    found, taken, slots = (question(on=as_of) for question in _questions(component))
    used = _looked_up(found["pk"], taken["intake"], taken["number"])
    return {
        **found,
        "seats_free": found["seats_total"] - used,
        "seats_taken": used,
        "slots": _looked_up(found["group_id"], *_per_group(slots["group"], slots["slot"])),
        "mark_valid_to": _last_mark_days(found, as_of),
    }


def _per_group(group: np.ndarray, slot: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The groups, and a row of day-parts for each."""
    order = np.argsort(group, kind="stable")
    groups, first, count = np.unique(group[order], return_index=True, return_counts=True)
    rows = np.zeros((len(groups), int(count.max(initial=0))), slot.dtype)
    place = np.arange(len(group)) - np.repeat(first, count)
    rows[np.repeat(np.arange(len(groups)), count), place] = slot[order]
    return groups, rows


def _looked_up(wanted: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The value behind each wanted key; 0 or empty where there is none."""
    order = np.argsort(keys)
    rows = np.zeros((len(wanted), *values.shape[1:]), values.dtype)
    if len(keys):
        at = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
        known = keys[at] == wanted
        rows[known] = values[at[known]]
    return rows


def _last_mark_days(found: dict[str, np.ndarray], as_of: date) -> np.ndarray:
    """Per intake moment the last day of the mark in force that its component requires, or NaT."""
    marks = _marks_in_force(as_of)
    days = np.full(len(found["pk"]), np.datetime64("NaT"), "datetime64[D]")
    component, provider = found["group__course__component"], found["group__course__provider_id"]
    keys, row_of = np.unique(provider, return_inverse=True)
    for name, kind in REQUIRED_MARK.items():
        rows = np.flatnonzero(component == name.encode())
        start, key_of = found["start_date"][rows], row_of.reshape(-1)[rows]
        periods = [marks.get((key, kind), []) for key in keys.tolist()]
        # A provider has one mark or a few; of several on a day the one that began first counts.
        for number in reversed(range(max(map(len, periods), default=0))):
            bounds = [one[number] if number < len(one) else _NEVER for one in periods]
            first, last = np.array(bounds, "datetime64[D]").reshape(-1, 2)[key_of].T
            in_force = (first <= start) & (start <= last)
            days[rows[in_force]] = last[in_force]
    return days


def _open(as_of: date) -> IntakeMomentQuerySet:
    """Open starts of courses that a PIP can wait for; guidance and the like are left out."""
    return (
        IntakeMoment.objects.open_on(as_of)
        .filter(group__course__is_active=True)
        .exclude(group__course__component="")
    )


def _marks_in_force(as_of: date) -> dict[tuple[int, str], list[tuple[date, date]]]:
    """First and last day of the marks in force, by provider and kind."""
    found: dict[tuple[int, str], list[tuple[date, date]]] = defaultdict(list)
    for provider, kind, first, last in (
        QualityMark.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=as_of), status__in=MARK_STATUSES_IN_FORCE
        )
        .order_by("valid_from")
        .values_list("provider_id", "kind", "valid_from", "valid_to")
    ):
        found[provider, kind].append((first, last or FOREVER))
    return found


def _offered(as_of: date, **only: int) -> models.QuerySet[IntakeMoment, tuple[Any, ...]]:
    slots = (
        WeeklySlot.objects.filter(group=OuterRef("group"))
        .order_by()
        .values("group")
        .annotate(codes=ArrayAgg("slot", distinct=True))
        .values("codes")
    )
    required = models.Case(
        *[
            models.When(group__course__component=component, then=Value(kind.value))
            for component, kind in REQUIRED_MARK.items()
        ],
        default=Value(""),
        output_field=models.CharField(),
    )
    # One at most on a day: marks of one kind never overlap.
    mark = (
        QualityMark.objects.filter(
            provider=OuterRef("group__course__provider"),
            kind=OuterRef("required_mark"),
            status__in=MARK_STATUSES_IN_FORCE,
            valid_from__lte=OuterRef("start_date"),
        )
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=OuterRef("start_date")))
        .annotate(last_day=Coalesce(F("valid_to"), Value(FOREVER, output_field=DateField())))
        .order_by()
        .values("last_day")
    )
    return (
        _open(as_of)
        .filter(**only)
        .with_seats_free()
        .annotate(
            slots=Subquery(slots, output_field=ArrayField(models.CharField(max_length=3))),
            required_mark=required,
            mark_valid_to=Subquery(mark, output_field=DateField()),
        )
        .order_by("pk")
        .values_list(*INTAKE_COLUMNS)
    )


# The row that `offered_intakes` holds for one intake moment, or none.
OFFERED_INTAKE = CompiledRows(_offered, as_of=date, pk=int)


def has_required_mark(*, provider_id: int, component: str, on: date) -> bool:
    """Whether the provider may deliver `component` to a course that starts `on` (R-KEU-1/2)."""
    kind = REQUIRED_MARK.get(component)
    if kind is None:
        return True
    return (
        QualityMark.objects.filter(
            provider_id=provider_id,
            kind=kind,
            status__in=MARK_STATUSES_IN_FORCE,
            valid_from__lte=on,
        )
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on))
        .exists()
    )
