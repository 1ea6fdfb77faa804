"""Teachers, their hours per group, and the check that nobody is planned for more than they work."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common.cleaning import field_violations
from backend.common.errors import InvalidError, Violation
from backend.common.locks import lock_row
from providers.models import CourseGroup, Provider, Teacher, TeacherHours
from providers.policies import require_manage_catalogue

TEACHER_FIELDS = ("code", "qualification", "hours_per_week", "valid_from", "valid_to")
HOURS_FIELDS = ("teacher", "group", "hours_per_week", "valid_from", "valid_to")


@transaction.atomic
def teacher_save(
    *,
    actor: Actor,
    provider: Provider,
    code: str,
    qualification: str,
    hours_per_week: Decimal,
    valid_from: date,
    valid_to: date | None = None,
    teacher: Teacher | None = None,
) -> Teacher:
    """A teacher with a qualification and weekly hours, new or changed.

    Ending one makes the seats of his or her groups fewer from that day on. Raises InvalidError.
    """
    require_manage_catalogue(actor, provider)
    row = (
        Teacher(provider=provider)
        if teacher is None
        else lock_row(Teacher.objects.all(), teacher.pk)
    )
    before = None if teacher is None else audit.snapshot(row, TEACHER_FIELDS)
    row.code, row.qualification, row.hours_per_week = code.strip(), qualification, hours_per_week
    row.valid_from, row.valid_to = valid_from, valid_to
    faults = field_violations(row) + _period_faults(valid_from, valid_to)
    if Teacher.objects.filter(provider=provider, code=row.code).exclude(pk=row.pk).exists():
        faults.append(
            Violation("code", "code_taken", _("This code is in use already. Choose another code."))
        )
    if faults:
        raise InvalidError(violations=faults)
    row.save()
    audit.record(
        actor=actor,
        action="teacher.saved",
        subject=row,
        before=before,
        after=audit.snapshot(row, TEACHER_FIELDS),
        organisation_ids=[provider.organisation_id],
    )
    return row


@transaction.atomic
def teacher_assign(
    *,
    actor: Actor,
    teacher: Teacher,
    group: CourseGroup,
    hours_per_week: Decimal,
    valid_from: date,
    valid_to: date | None = None,
) -> TeacherHours:
    """Weekly hours of a teacher for a group of the same provider, from one day to another.

    Locks the teacher: hours that are given to groups never exceed the hours of the teacher on any
    day. Raises InvalidError.
    """
    provider = group.course.provider
    require_manage_catalogue(actor, provider)
    teacher = lock_row(Teacher.objects.all(), teacher.pk)
    row = TeacherHours(
        teacher=teacher,
        group=group,
        hours_per_week=hours_per_week,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    faults = field_violations(row) + _period_faults(valid_from, valid_to)
    if teacher.provider_id != provider.pk:
        faults.append(
            Violation("teacher", "other_provider", _("This teacher works at another provider."))
        )
    if not faults and most_planned(teacher, valid_from, valid_to) + hours_per_week > (
        teacher.hours_per_week
    ):
        faults.append(
            Violation(
                "hours_per_week",
                "above_hours",
                _("The teacher would give more hours than he or she works. Enter fewer hours."),
            )
        )
    if faults:
        raise InvalidError(violations=faults)
    row.save()
    _record(actor, row, provider, "teacher_hours.planned")
    return row


@transaction.atomic
def teacher_unassign(*, actor: Actor, hours: TeacherHours) -> None:
    """The teacher no longer gives these hours."""
    provider = hours.group.course.provider
    require_manage_catalogue(actor, provider)
    _record(actor, hours, provider, "teacher_hours.removed")
    hours.delete()


def most_planned(teacher: Teacher, first: date, last: date | None) -> Decimal:
    """The most weekly hours planned on one day of the period; they only rise on a first day."""
    others = TeacherHours.objects.filter(teacher=teacher).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=first)
    )
    if last is not None:
        others = others.filter(valid_from__lte=last)
    days = {first, *(max(first, day) for day in others.values_list("valid_from", flat=True))}
    most = Decimal(0)
    for day in days:
        on_day = others.filter(valid_from__lte=day).filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=day)
        )
        most = max(most, on_day.aggregate(hours=Sum("hours_per_week"))["hours"] or Decimal(0))
    return most


def _period_faults(first: date, last: date | None) -> list[Violation]:
    if last is None or last >= first:
        return []
    return [
        Violation(
            "valid_to",
            "ends_before_start",
            _("The last day is before the first day. Correct one of the two."),
        )
    ]


def _record(actor: Actor, row: TeacherHours, provider: Provider, action: str) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=row,
        after=audit.snapshot(row, HOURS_FIELDS),
        organisation_ids=[provider.organisation_id],
    )
