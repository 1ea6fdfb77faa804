"""Lessons: generated from the weekly lessons of a group, and cancelled."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.db import transaction

from backend.accounts.actor import Actor
from backend.audit.public import record, snapshot
from backend.common.business_days import is_holiday
from backend.common.locks import lock_row
from providers.models import IntakeMoment, WeeklySlot
from providers.public import DeliveryMode, IntakeStatus
from quality import policies
from quality.choices import CancellationReason, LessonForm
from quality.errors import LessonAlreadyRecordedError
from quality.models import Lesson

BATCH = 2000
AUDITED = ("is_cancelled", "cancellation_reason")


def lessons_generate(*, actor: Actor, intake_moment: IntakeMoment) -> int:
    """Every weekly lesson of the group from start to end of the intake moment exists as a lesson.

    Official Dutch holidays are left out; lessons that exist already stay as they are, so a second
    call changes nothing. Returns the number of new lessons.
    """
    return lessons_generate_many(actor=actor, intake_moments=[intake_moment])


def lessons_generate_many(*, actor: Actor, intake_moments: Iterable[IntakeMoment]) -> int:
    """As `lessons_generate` for many starts, with a constant number of reads."""
    moments = list(
        IntakeMoment.objects.filter(pk__in=[one.pk for one in intake_moments])
        .exclude(status=IntakeStatus.CANCELLED)
        .select_related("group__course__provider")
        .prefetch_related("group__weekly_slots")
    )
    owners = {one.group.course.provider.organisation_id for one in moments}
    for owner in owners:
        policies.require_plan_lessons(actor, owner)
    lessons = [lesson for moment in moments for lesson in _lessons_of(moment)]
    with transaction.atomic():
        before = Lesson.objects.filter(group__in=[one.group_id for one in moments]).count()
        Lesson.objects.bulk_create(lessons, batch_size=BATCH, ignore_conflicts=True)
        created = Lesson.objects.filter(group__in=[one.group_id for one in moments]).count()
        created -= before
        for moment in moments:
            if created:
                record(
                    actor=actor,
                    action="lessons.generated",
                    subject=moment,
                    organisation_ids=[moment.group.course.provider.organisation_id],
                )
    return created


def _lessons_of(moment: IntakeMoment) -> Iterator[Lesson]:
    course = moment.group.course
    form = LessonForm.REMOTE if course.mode == DeliveryMode.ONLINE else LessonForm.CLASSROOM
    slots: dict[int, list[WeeklySlot]] = {}
    for slot in moment.group.weekly_slots.all():
        slots.setdefault(slot.weekday, []).append(slot)
    for day in _days(moment.start_date, moment.end_date):
        for slot in slots.get(day.isoweekday(), ()):
            if is_holiday(day):
                continue
            yield Lesson(
                group_id=moment.group_id,
                provider_organisation_id=course.provider.organisation_id,
                date=day,
                start_time=slot.start_time,
                end_time=slot.end_time,
                minutes_scheduled=_minutes(slot),
                form=form,
            )


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def _minutes(slot: WeeklySlot) -> int:
    any_day = date(2000, 1, 1)
    length = datetime.combine(any_day, slot.end_time) - datetime.combine(any_day, slot.start_time)
    return int(length.total_seconds() // 60)


def lesson_cancel(*, actor: Actor, lesson: Lesson, reason: CancellationReason) -> Lesson:
    """The lesson counts in no attendance figure any more; refused once attendance was recorded."""
    policies.require_record(actor, lesson.provider_organisation_id)
    with transaction.atomic():
        lesson = lock_row(Lesson.objects.all(), lesson.pk)
        if lesson.recorded_at is not None:
            raise LessonAlreadyRecordedError
        before = snapshot(lesson, AUDITED)
        lesson.is_cancelled = True
        lesson.cancellation_reason = reason
        lesson.full_clean(validate_unique=False)
        lesson.save(update_fields=["is_cancelled", "cancellation_reason"])
        record(
            actor=actor,
            action="lesson.cancelled",
            subject=lesson,
            before=before,
            after=snapshot(lesson, AUDITED),
            reason=str(CancellationReason(reason).label),
            organisation_ids=[lesson.provider_organisation_id],
        )
    return lesson
