"""What a provider offers: courses, groups with weekly lessons, intake moments.

Everything is entered in bulk: one course is a list of one. All violations of all rows are reported
together, with the number of the row in front of the field.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.codelists.public import lists_held
from backend.common import clock, events
from backend.common.codes import Component, Level
from backend.common.errors import Violation
from backend.common.locks import lock_row
from providers.choices import (
    COMPONENT_KINDS,
    INTAKE_TRANSITIONS,
    LITERACY_COMPONENTS,
    CourseKind,
    IntakeStatus,
)
from providers.code_lists import special_group_faults
from providers.errors import IntakeStateError
from providers.events import IntakeMomentCancelled, IntakeMomentReopened
from providers.models import Course, CourseGroup, IntakeMoment, Provider, WeeklySlot
from providers.policies import require_manage_catalogue
from providers.selectors.teachers import GroupLimits, group_limits
from providers.services.drafts import CourseDraft, GroupDraft, IntakeDraft, SlotDraft
from providers.services.entering import (
    BATCH_SIZE,
    record_rows,
    repeated_codes,
    repeated_keys,
    row_faults,
    row_prefix,
    write_rows,
)

COURSE_FIELDS = (
    "code", "name", "kind", "component", "level_from", "level_to", "target_level", "literacy",
    "hours_per_week", "total_hours", "mode", "age_from", "age_to", "special_groups",
    "support_languages", "description", "is_active",
)  # fmt: skip
# Lists of codes: tuples in a draft, lists in the database.
CODE_LISTS = ("literacy", "special_groups", "support_languages")
GROUP_FIELDS = ("code", "course", "location", "min_size", "max_size", "room_seats")
INTAKE_FIELDS = ("group", "start_date", "end_date", "seats_total", "status")
# Components whose course leads to a language level that a PIP asks for.
ROUTES = frozenset({Component.B1_ROUTE, Component.EDUCATION_ROUTE, Component.Z_ROUTE})


@transaction.atomic
def courses_add(*, actor: Actor, provider: Provider, drafts: Sequence[CourseDraft]) -> list[Course]:
    """New courses of one provider, in the order given; all or none."""
    require_manage_catalogue(actor, provider)
    courses = [Course(provider=provider, **course_fields(one)) for one in drafts]
    known = provider.courses.values_list("code", flat=True)
    with lists_held():
        faults = row_faults(courses, "courses", _new_course_rules)
    # Without a kind of its own, an unknown component is one mistake and not two.
    derived = {
        f"{row_prefix('courses', number, len(drafts))}kind"
        for number, one in enumerate(drafts)
        if one.component and not one.kind
    }
    faults = [fault for fault in faults if fault.field not in derived]
    faults += repeated_codes([one.code for one in drafts], known, "courses")
    write_rows(Course, courses, faults)
    record_rows(actor, "course.added", courses, COURSE_FIELDS, provider)
    return courses


def course_fields(draft: CourseDraft) -> dict[str, Any]:
    """The fields of a course as the draft gives them; the kind follows from the component."""
    fields = {name: getattr(draft, name) for name in draft.__dataclass_fields__}
    fields["kind"] = draft.kind or draft.component
    return {**fields, **{name: list(fields[name]) for name in CODE_LISTS}}


def course_add(*, actor: Actor, provider: Provider, draft: CourseDraft) -> Course:
    """One new course; see `courses_add`."""
    return courses_add(actor=actor, provider=provider, drafts=[draft])[0]


@transaction.atomic
def groups_add(
    *, actor: Actor, provider: Provider, drafts: Sequence[GroupDraft]
) -> list[CourseGroup]:
    """New groups with their weekly lessons, in the order given; all or none.

    Course and location must be this provider's own.
    """
    require_manage_catalogue(actor, provider)
    groups = [
        CourseGroup(
            course=one.course,
            location=one.location,
            code=one.code,
            min_size=one.min_size,
            max_size=one.max_size,
            room_seats=one.room_seats,
        )
        for one in drafts
    ]
    faults = row_faults(groups, "groups", lambda group: group_rules(group, provider))
    for number, one in enumerate(drafts):
        faults += slot_faults(one.slots, row_prefix("groups", number, len(drafts)))
    known = CourseGroup.objects.filter(course__provider=provider).values_list("course_id", "code")
    faults += repeated_keys(((g.course_id, g.code) for g in groups), known, "groups", "code")
    write_rows(CourseGroup, groups, faults)
    WeeklySlot.objects.bulk_create(
        [
            WeeklySlot(
                group=group,
                weekday=slot.weekday,
                start_time=slot.start_time,
                end_time=slot.end_time,
            )
            for group, one in zip(groups, drafts, strict=True)
            for slot in one.slots
        ],
        batch_size=BATCH_SIZE,
    )
    record_rows(actor, "group.added", groups, GROUP_FIELDS, provider)
    return groups


def group_add(*, actor: Actor, provider: Provider, draft: GroupDraft) -> CourseGroup:
    """One new group; see `groups_add`."""
    return groups_add(actor=actor, provider=provider, drafts=[draft])[0]


@transaction.atomic
def intake_moments_publish(
    *, actor: Actor, provider: Provider, drafts: Sequence[IntakeDraft]
) -> list[IntakeMoment]:
    """New starts with their seats, in the order given; all or none.

    A start lies today or later, ends after it starts, offers at most the group's largest size, and
    a group starts once a day. Status "draft" keeps it from everybody but the provider.
    """
    require_manage_catalogue(actor, provider)
    intakes = [
        IntakeMoment(
            group=one.group,
            start_date=one.start_date,
            end_date=one.end_date,
            seats_total=one.seats_total,
            status=one.status,
        )
        for one in drafts
    ]
    limits = group_limits(one.group for one in drafts)
    faults = row_faults(
        intakes,
        "intake_moments",
        lambda intake: _intake_rules(intake, provider, limits[intake.group_id]),
    )
    known = IntakeMoment.objects.filter(group__course__provider=provider).values_list(
        "group_id", "start_date"
    )
    keys = ((one.group_id, one.start_date) for one in intakes)
    faults += repeated_keys(keys, known, "intake_moments", "start_date")
    write_rows(IntakeMoment, intakes, faults)
    record_rows(actor, "intake_moment.published", intakes, INTAKE_FIELDS, provider)
    return intakes


def intake_moment_publish(*, actor: Actor, provider: Provider, draft: IntakeDraft) -> IntakeMoment:
    """One new start; see `intake_moments_publish`."""
    return intake_moments_publish(actor=actor, provider=provider, drafts=[draft])[0]


@transaction.atomic
def intake_moment_change_status(
    *, actor: Actor, intake_moment_id: int, status: IntakeStatus, reason: str = ""
) -> IntakeMoment:
    """The start is published, closed or cancelled, as INTAKE_TRANSITIONS allows.

    Locks the intake moment, so that nobody claims a seat on a start that is being cancelled.
    Publishes IntakeMomentCancelled, IntakeMomentReopened. Raises IntakeStateError, BusyError.
    """
    intake = lock_row(IntakeMoment.objects.all(), intake_moment_id)
    provider = intake.group.course.provider
    require_manage_catalogue(actor, provider)
    if status not in INTAKE_TRANSITIONS[IntakeStatus(intake.status)]:
        raise IntakeStateError
    before = audit.snapshot(intake, ["status"])
    intake.status = status
    intake.status_reason = reason
    intake.status_changed_at = clock.now()
    intake.save(update_fields=["status", "status_reason", "status_changed_at"])
    audit.record(
        actor=actor,
        action=f"intake_moment.{status}",
        subject=intake,
        before=before,
        after=audit.snapshot(intake, ["status"]),
        reason=reason,
        organisation_ids=[provider.organisation_id],
    )
    if status == IntakeStatus.CANCELLED:
        events.publish(IntakeMomentCancelled(intake.pk, reason))
    if status == IntakeStatus.PUBLISHED and before["status"] == IntakeStatus.CLOSED:
        events.publish(IntakeMomentReopened(intake.pk))
    return intake


def course_rules(course: Course) -> Iterable[tuple[bool, Violation]]:
    yield (
        not _component_fits(course),
        Violation(
            "component",
            "kind_component",
            _(
                "This kind of course and this component do not belong together. "
                "Choose the component of the same name, or none for a course that is no component."
            ),
        ),
    )
    yield (
        course.age_from is not None
        and course.age_to is not None
        and course.age_from > course.age_to,
        Violation("age_from", "ages", _("The lowest age is above the highest. Swap the two.")),
    )
    yield (
        course.level_from in Level.values
        and course.level_to in Level.values
        and course.level_from > course.level_to,
        Violation(
            "level_from",
            "entry_levels",
            _("The lowest entry level is above the highest. Swap the two."),
        ),
    )
    yield (
        course.component in ROUTES and course.target_level < course.level_from,
        Violation(
            "target_level",
            "target_below_entry",
            _("The target level is below the entry level. Choose a higher target level."),
        ),
    )
    yield (
        course.hours_per_week <= 0,
        Violation("hours_per_week", "not_positive", _("Enter more than 0 hours per week.")),
    )
    yield (
        course.total_hours < 1,
        Violation("total_hours", "not_positive", _("Enter at least 1 hour in total.")),
    )


def _new_course_rules(course: Course) -> Iterable[tuple[bool, Violation]]:
    yield from course_rules(course)
    yield from ((True, fault) for fault in special_group_faults(course.special_groups))


def _component_fits(course: Course) -> bool:
    if course.kind in COMPONENT_KINDS:
        return course.component == course.kind
    if course.kind == CourseKind.LITERACY:
        return course.component in ("", *LITERACY_COMPONENTS)
    return course.component == ""


def group_rules(group: CourseGroup, provider: Provider) -> Iterable[tuple[bool, Violation]]:
    yield (
        group.course.provider_id != provider.pk,
        Violation("course", "other_provider", _("This course belongs to another provider.")),
    )
    yield (
        group.location.provider_id != provider.pk,
        Violation("location", "other_provider", _("This location belongs to another provider.")),
    )
    yield (
        group.min_size > group.max_size,
        Violation(
            "min_size",
            "sizes",
            _("The smallest group is larger than the largest. Correct one of the two."),
        ),
    )
    yield (
        group.room_seats is not None and group.room_seats < group.min_size <= group.max_size,
        Violation(
            "room_seats",
            "room_below_minimum",
            _("The smallest group does not fit in this room. Choose another room."),
        ),
    )


def _intake_rules(
    intake: IntakeMoment, provider: Provider, limits: GroupLimits
) -> Iterable[tuple[bool, Violation]]:
    yield (
        intake.group.course.provider_id != provider.pk,
        Violation("group", "other_provider", _("This group belongs to another provider.")),
    )
    yield (
        intake.end_date <= intake.start_date,
        Violation(
            "end_date",
            "ends_before_start",
            _("The end date is not after the start date. Correct one of the two."),
        ),
    )
    yield (
        intake.start_date < clock.today(),
        Violation(
            "start_date", "in_the_past", _("This start is in the past. Choose a later date.")
        ),
    )
    yield from seat_rules(intake.seats_total, intake.start_date, limits)
    yield (
        intake.status not in (IntakeStatus.DRAFT, IntakeStatus.PUBLISHED),
        Violation("status", "status", _("A new start is a draft or published.")),
    )


def seat_rules(seats: int, day: date, limits: GroupLimits) -> Iterable[tuple[bool, Violation]]:
    """At most what group, room and qualified teachers can take on `day`."""
    yield (
        seats > limits.max_size,
        Violation(
            "seats_total",
            "above_group_maximum",
            _("The group has room for fewer people. Enter a lower number."),
        ),
    )
    yield (
        limits.room_seats is not None and limits.room_seats < seats <= limits.max_size,
        Violation(
            "seats_total",
            "above_room",
            _("The room has fewer seats. Enter a lower number, or choose another room."),
        ),
    )
    teachers = limits.teacher_seats(day)
    yield (
        teachers is not None and teachers < seats <= limits.max_size,
        Violation(
            "seats_total",
            "above_teachers",
            _(
                "The qualified teachers of this group have hours for %(seats)s people. "
                "Enter a lower number, or plan more hours."
            )
            % {"seats": teachers},
        ),
    )


def slot_faults(slots: Sequence[SlotDraft], prefix: str) -> list[Violation]:
    """Lessons end after they start, stand on a day of the week, and do not overlap."""
    faults = []
    for number, slot in enumerate(slots):
        place = f"{prefix}slots.{number}."
        if not 1 <= slot.weekday <= 7:
            faults.append(
                Violation(place + "weekday", "weekday", _("Choose a day from Monday to Sunday."))
            )
        if slot.end_time <= slot.start_time:
            faults.append(
                Violation(place + "end_time", "times", _("A lesson ends after it starts."))
            )
        if any(
            other.weekday == slot.weekday
            and other.start_time < slot.end_time
            and slot.start_time < other.end_time
            for other in slots[:number]
        ):
            faults.append(
                Violation(
                    place + "start_time",
                    "overlap",
                    _("This lesson overlaps another lesson of the group. Choose another time."),
                )
            )
    return faults
