"""Lessons come from the weekly lessons, without holidays, once."""

from datetime import date, time

import pytest

from backend.audit.models import AuditEvent
from backend.common.errors import NotAllowedError
from quality.choices import CancellationReason, LessonForm
from quality.errors import LessonAlreadyRecordedError
from quality.models import Lesson
from quality.services.lessons import lesson_cancel, lessons_generate
from tests.factories.quality import (
    GroupFactory,
    IntakeFactory,
    LessonFactory,
    attended,
    placed,
    provider_of,
)

pytestmark = pytest.mark.django_db


def test_weekly_lessons_become_lessons_except_on_holidays(planner_actor, provider):
    group = GroupFactory(provider=provider_of(provider), weekdays=(1, 5, 6))
    intake = IntakeFactory(group=group, start_date=date(2026, 12, 21), end_date=date(2027, 1, 2))
    assert lessons_generate(actor=planner_actor, intake_moment=intake) == 3
    # 25 and 26 December are Friday and Saturday, 1 January is a Friday.
    assert list(Lesson.objects.values_list("date", flat=True)) == [
        date(2026, 12, 21),
        date(2026, 12, 28),
        date(2027, 1, 2),
    ]


def test_a_second_call_adds_nothing_and_keeps_what_was_recorded(planner_actor, intake, amina):
    created = lessons_generate(actor=planner_actor, intake_moment=intake)
    first = Lesson.objects.order_by("date").first()
    attended(first, amina, 90)
    assert created > 50
    assert lessons_generate(actor=planner_actor, intake_moment=intake) == 0
    assert first.attendances.count() == 1


def test_two_starts_of_one_group_share_their_lessons(planner_actor, intake):
    lessons_generate(actor=planner_actor, intake_moment=intake)
    later = IntakeFactory(
        group=intake.group, start_date=date(2026, 9, 1), end_date=date(2027, 6, 10)
    )
    # Only the lessons after the end of the first start are new: 1, 3, 8 and 10 June.
    assert lessons_generate(actor=planner_actor, intake_moment=later) == 4


def test_an_online_course_has_remote_lessons(planner_actor, provider):
    group = GroupFactory(provider=provider_of(provider))
    group.course.mode = "online"
    group.course.save()
    intake = IntakeFactory(group=group)
    lessons_generate(actor=planner_actor, intake_moment=intake)
    assert set(Lesson.objects.values_list("form", flat=True)) == {LessonForm.REMOTE}


def test_a_teacher_plans_no_lessons(teacher_actor, intake):
    with pytest.raises(NotAllowedError):
        lessons_generate(actor=teacher_actor, intake_moment=intake)
    assert not Lesson.objects.exists()


def test_a_cancelled_lesson_keeps_its_reason_in_history(teacher_actor, lesson):
    lesson_cancel(actor=teacher_actor, lesson=lesson, reason=CancellationReason.NO_ROOM)
    lesson.refresh_from_db()
    assert (lesson.is_cancelled, lesson.cancellation_reason) == (True, "no_room")
    event = AuditEvent.objects.about(lesson).get()
    assert event.action == "lesson.cancelled"
    assert event.before == {"is_cancelled": False, "cancellation_reason": ""}


def test_a_recorded_lesson_cannot_be_cancelled(teacher_actor, lesson):
    lesson.recorded_at = "2026-11-17T12:00:00Z"
    lesson.save()
    with pytest.raises(LessonAlreadyRecordedError):
        lesson_cancel(actor=teacher_actor, lesson=lesson, reason=CancellationReason.NO_ROOM)


@pytest.mark.parametrize(
    ("start", "end", "on_list"),
    [
        (date(2026, 11, 17), date(2027, 1, 1), True),
        (date(2026, 11, 18), date(2027, 1, 1), False),
        (date(2026, 6, 2), date(2026, 11, 17), True),
        (date(2026, 6, 2), date(2026, 11, 16), False),
    ],
)
def test_first_and_last_day_of_a_person_are_on_the_list(intake, lesson, start, end, on_list):
    from quality.querysets import roster_of

    placement = placed(intake, start_date=start, end_date=end)
    assert (placement in roster_of(lesson)) is on_list
    # The set-wise form that the figures use says the same.
    rows = Lesson.objects.with_roster().filter(pk=lesson.pk)
    assert (placement.pk in rows.values_list("placement", flat=True)) is on_list


@pytest.mark.parametrize("state", ["draft", "offered", "refused", "withdrawn", "expired"])
def test_who_is_not_accepted_is_not_on_the_list(intake, lesson, state):
    from quality.querysets import roster_of

    placed(intake, state=state)
    assert not roster_of(lesson).exists()
    assert not Lesson.objects.with_roster().exists()


def test_people_of_another_start_of_the_group_are_on_the_same_list_once(intake, lesson, amina):
    other = IntakeFactory(
        group=intake.group, start_date=date(2026, 9, 1), end_date=date(2026, 12, 24)
    )
    carla = placed(other)
    LessonFactory(start_time=time(13), end_time=time(15))
    rows = Lesson.objects.with_roster().values_list("pk", "placement")
    assert sorted(rows) == sorted([(lesson.pk, amina.pk), (lesson.pk, carla.pk)])
