"""Changing what is in the catalogue: courses, groups with their lessons, locations.

Each change checks the rules of entering, keeps history, and leaves nothing half-written. A group
never becomes smaller than what is taken on one of its starts.
"""

from collections.abc import Sequence
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.audit.bulk import Change, record_many
from backend.common import clock
from backend.common.cleaning import field_violations
from backend.common.errors import InvalidError, Violation
from backend.common.locks import lock_row, lock_rows
from providers.choices import COMPONENT_KINDS, IntakeStatus
from providers.code_lists import special_group_faults
from providers.errors import CapacityBelowTakenError
from providers.models import Course, CourseGroup, IntakeMoment, Location, WeeklySlot
from providers.policies import require_manage_catalogue
from providers.services.catalogue import (
    CODE_LISTS,
    COURSE_FIELDS,
    GROUP_FIELDS,
    course_rules,
    group_rules,
    slot_faults,
)
from providers.services.drafts import SlotDraft
from providers.services.entering import broken
from providers.services.provider import LOCATION_FIELDS, coordinate_faults

EDITABLE_LOCATION = (
    *LOCATION_FIELDS, "street", "house_number", "municipality", "latitude", "longitude",
)  # fmt: skip


@transaction.atomic
def course_update(*, actor: Actor, course: Course, **fields: Any) -> Course:
    """The course with other properties; of `kind` and `component` the one follows the other.

    Raises NotAllowedError, InvalidError with every fault.
    """
    require_manage_catalogue(actor, course.provider)
    course = lock_row(Course.objects.select_related("provider"), course.pk)
    before = audit.snapshot(course, COURSE_FIELDS)
    for name in CODE_LISTS:
        if name in fields:
            fields[name] = list(fields[name])
    if "component" in fields and "kind" not in fields and course.kind in COMPONENT_KINDS:
        fields["kind"] = fields["component"]
    if "kind" in fields and "component" not in fields:
        fields["component"] = fields["kind"] if fields["kind"] in COMPONENT_KINDS else ""
    _set(course, fields, COURSE_FIELDS)
    others = Course.objects.filter(provider=course.provider_id).exclude(pk=course.pk)
    faults = field_violations(course) or broken(course_rules(course))
    if "special_groups" in fields:
        faults += special_group_faults(course.special_groups, had=before["special_groups"])
    faults += _taken_code(others, course.code)
    _save(actor, course, fields, faults, "course.changed", before, COURSE_FIELDS)
    return course


@transaction.atomic
def group_update(
    *, actor: Actor, group: CourseGroup, slots: Sequence[SlotDraft] | None = None, **fields: Any
) -> CourseGroup:
    """The group with other properties and, with `slots`, other weekly lessons.

    Raises NotAllowedError, InvalidError, and CapacityBelowTakenError when a start of the group has
    more taken seats than the new size. Locks the starts that are ahead.
    """
    provider = group.course.provider
    require_manage_catalogue(actor, provider)
    group = lock_row(CourseGroup.objects.select_related("course__provider", "location"), group.pk)
    before = {**audit.snapshot(group, GROUP_FIELDS), "lessons": _lessons(group)}
    _set(group, fields, GROUP_FIELDS)
    faults = field_violations(group) or broken(group_rules(group, provider))
    if slots is not None:
        faults += slot_faults(slots, "")
    others = CourseGroup.objects.filter(course=group.course_id).exclude(pk=group.pk)
    faults += _taken_code(others, group.code)
    if faults:
        raise InvalidError(violations=faults)
    _shrink(actor, group)
    group.save()
    if slots is not None:
        _replace_lessons(group, slots)
    audit.record(
        actor=actor,
        action="group.changed",
        subject=group,
        before=before,
        after={**audit.snapshot(group, GROUP_FIELDS), "lessons": _lessons(group)},
        organisation_ids=[provider.organisation_id],
    )
    return group


@transaction.atomic
def location_update(*, actor: Actor, location: Location, **fields: Any) -> Location:
    """The location with another address or facilities. Raises NotAllowedError, InvalidError."""
    require_manage_catalogue(actor, location.provider)
    location = lock_row(Location.objects.select_related("provider"), location.pk)
    before = audit.snapshot(location, EDITABLE_LOCATION)
    _set(location, fields, EDITABLE_LOCATION)
    others = Location.objects.filter(provider=location.provider_id).exclude(pk=location.pk)
    faults = field_violations(location) or coordinate_faults(location, "")
    faults += _taken_code(others, location.code)
    _save(actor, location, fields, faults, "location.changed", before, EDITABLE_LOCATION)
    return location


def _set(row: models.Model, fields: dict[str, Any], known: Sequence[str]) -> None:
    unknown = fields.keys() - set(known)
    if unknown:
        raise TypeError(f"{type(row).__name__} has no editable field {sorted(unknown)}")
    for name, value in fields.items():
        setattr(row, name, value)


def _taken_code(others: models.QuerySet[Any], code: str) -> list[Violation]:
    if not others.filter(code=code).exists():
        return []
    return [Violation("code", "code_taken", _("This code is in use already. Choose another code."))]


def _save(
    actor: Actor,
    row: Any,
    fields: dict[str, Any],
    faults: list[Violation],
    action: str,
    before: dict[str, Any],
    shown: Sequence[str],
) -> None:
    if faults:
        raise InvalidError(violations=faults)
    if not fields:
        return
    row.save(update_fields=list(fields))
    audit.record(
        actor=actor,
        action=action,
        subject=row,
        before=before,
        after=audit.snapshot(row, shown),
        organisation_ids=[row.provider.organisation_id],
    )


def _shrink(actor: Actor, group: CourseGroup) -> None:
    """Starts ahead offer at most what the group now holds; never fewer than are taken."""
    room = group.max_size if group.room_seats is None else min(group.max_size, group.room_seats)
    ahead = IntakeMoment.objects.filter(
        group=group, start_date__gte=clock.today(), seats_total__gt=room
    ).exclude(status=IntakeStatus.CANCELLED)
    locked = lock_rows(IntakeMoment.objects.all(), ahead.values_list("pk", flat=True))
    taken = dict(
        IntakeMoment.objects.with_seats_free()
        .filter(pk__in=locked)
        .values_list("pk", "seats_taken")
    )
    most = max((taken[pk] for pk in locked), default=0)
    if most > room:
        raise CapacityBelowTakenError(most)
    record_many(
        actor=actor,
        action="intake_moment.seats_changed",
        changes=[
            Change(
                one,
                before={"seats_total": one.seats_total},
                after={"seats_total": room},
                organisation_ids=(group.course.provider.organisation_id,),
            )
            for one in locked.values()
        ],
    )
    IntakeMoment.objects.filter(pk__in=locked).update(seats_total=room)


def _lessons(group: CourseGroup) -> list[str]:
    rows = WeeklySlot.objects.filter(group=group).order_by("weekday", "start_time")
    return [f"{one.weekday} {one.start_time:%H:%M}-{one.end_time:%H:%M}" for one in rows]


def _replace_lessons(group: CourseGroup, slots: Sequence[SlotDraft]) -> None:
    WeeklySlot.objects.filter(group=group).delete()
    WeeklySlot.objects.bulk_create(
        WeeklySlot(
            group=group,
            weekday=slot.weekday,
            start_time=slot.start_time,
            end_time=slot.end_time,
        )
        for slot in slots
    )
