"""Read-side questions about supply, answered in a constant number of queries."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import DateField, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from backend.common.codes import Component
from providers.choices import MARK_STATUSES_IN_FORCE, MarkKind
from providers.models import IntakeMoment, QualityMark, WeeklySlot

# Which recognition a component requires; MAP and PVT need none (domain.md 4.1, R-KEU-1, R-KEU-2).
REQUIRED_MARK: dict[str, MarkKind] = {
    Component.B1_ROUTE: MarkKind.KEURMERK,
    Component.Z_ROUTE: MarkKind.KEURMERK,
    Component.KNM: MarkKind.KEURMERK,
    Component.EDUCATION_ROUTE: MarkKind.TST,
}
# An open-ended mark lasts longer than any course.
FOREVER = date(9999, 12, 31)

INTAKE_COLUMNS = (
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
    "start_date",
    "end_date",
    "seats_free",
    "seats_taken",
    "slots",
    "mark_valid_to",
    "group__course__kind",
    "group__location_id",
)


def offered_intakes(
    *, as_of: date, intake_moment_ids: Iterable[int] | None = None
) -> list[tuple[Any, ...]]:
    """All published intake moments that start on or after `as_of`, as tuples of INTAKE_COLUMNS.

    With `intake_moment_ids` only those.

    `slots` is a list of codes such as MO1; `mark_valid_to` is the last day of the mark that the
    component requires and that is in force on the start date (None without such a mark).
    Ordered by key; one query.
    """
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
    mark = (
        QualityMark.objects.filter(
            provider=OuterRef("group__course__provider"),
            kind=OuterRef("required_mark"),
            status__in=MARK_STATUSES_IN_FORCE,
            valid_from__lte=OuterRef("start_date"),
        )
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=OuterRef("start_date")))
        .annotate(last_day=Coalesce(F("valid_to"), Value(FOREVER, output_field=DateField())))
        .values("last_day")[:1]
    )
    intakes = IntakeMoment.objects.open_on(as_of)
    if intake_moment_ids is not None:
        intakes = intakes.filter(pk__in=list(intake_moment_ids))
    return list(
        intakes.filter(group__course__is_active=True)
        # Guidance and the like are in the catalogue, but no PIP waits for them.
        .exclude(group__course__component="")
        .with_seats_free()
        .annotate(
            slots=Subquery(slots, output_field=ArrayField(models.CharField(max_length=3))),
            required_mark=required,
            mark_valid_to=Subquery(mark, output_field=DateField()),
        )
        .order_by("pk")
        .values_list(*INTAKE_COLUMNS)
    )


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
