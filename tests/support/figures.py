"""Figures of quality in tests: groups with attendance, and what was computed from them."""

from datetime import date

import pytest

from quality.definitions import ATTENDANCE
from quality.models import IndicatorValue
from tests.factories.quality import (
    GroupFactory,
    IntakeFactory,
    LessonFactory,
    attended_by,
    placed_many,
)

pytestmark = pytest.mark.django_db
OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))


def figure(code, provider=None, **fields):
    return (
        IndicatorValue.objects.latest()
        .select_related("indicator", "wave")
        .get(indicator__code=code, provider=provider, **fields)
    )


def october(provider=None):
    return figure(ATTENDANCE, provider, period_start=OCTOBER[0])


def class_of(provider, *minutes, size=None, day=date(2026, 10, 6), municipality=None):
    """A group with one lesson of 180 minutes, in which people were `minutes` present."""
    group = GroupFactory(provider=provider)
    intake = IntakeFactory(group=group)
    lesson = LessonFactory(group=group, date=day)
    people = placed_many(intake, size or len(minutes), municipality)
    attended_by(lesson, people, *minutes)
    return lesson, people
