"""What a contract may know of lessons: given to somebody, and not recorded."""

from datetime import date

import pytest

from quality.contract_facts import unrecorded_lessons
from tests.factories.providers import IntakeMomentFactory
from tests.factories.quality import LessonFactory, placed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def test_lessons_that_were_given_and_not_recorded():
    intake = IntakeMomentFactory()
    group = intake.group
    placed(intake, start_date=date(2026, 10, 1))
    missing = LessonFactory(group=group, date=date(2026, 11, 2))
    LessonFactory(
        group=group, date=date(2026, 11, 3), is_cancelled=True, cancellation_reason="other"
    )
    LessonFactory(group=group, date=date(2026, 9, 1))
    LessonFactory(group=group, date=date(2026, 12, 1))
    LessonFactory(group=IntakeMomentFactory().group, date=date(2026, 11, 2))

    found = unrecorded_lessons(course_ids=[group.course_id], since=date(2026, 8, 1))

    assert [(one.subject.uuid, one.day) for one in found] == [(missing.uuid, date(2026, 11, 2))]
    assert unrecorded_lessons(course_ids=[group.course_id], since=date(2026, 11, 3)) == []
