"""Real threads: a link is used once, and two teachers do not overwrite each other."""

from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db import models

from backend.accounts.roles import Role
from backend.common import clock
from quality.choices import AttendanceStatus, FeedbackChannel
from quality.models import FeedbackPending
from quality.questionnaire import CORE_QUESTIONS
from quality.services.attendance import AttendanceEntry, attendance_record
from quality.services.feedback import feedback_submit, token_hmac, wave_invite
from tests.factories.quality import WaveFactory, placed
from tests.support.races import kinds, race

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
CLIENTS = 8


@pytest.fixture
def token(make_actor, municipality, intake):
    placed(intake, municipality)
    today = clock.today()
    wave = WaveFactory(
        organisation=municipality, opens_date=today, closes_date=today + timedelta(days=9)
    )
    actor = make_actor(Role.QUALITY_OFFICER, municipality)
    return wave_invite(actor=actor, wave=wave)[0].token


def submit(token):
    feedback_submit(
        hmac=token_hmac(token),
        language="nl",
        channel=FeedbackChannel.LINK,
        answers=dict.fromkeys(CORE_QUESTIONS, 3),
    )


def test_a_link_is_used_once_by_eight_at_once(token):
    results = race([partial(submit, token)] * CLIENTS)
    assert kinds(results) == {"NoneType": 1, "feedback_link_unusable": CLIENTS - 1}
    assert FeedbackPending.objects.count() == 1


def test_control_without_the_lock_a_link_is_used_more_than_once(token, monkeypatch):
    monkeypatch.setattr(models.QuerySet, "select_for_update", lambda self, **_options: self)
    meet = Barrier(CLIENTS)
    first = models.QuerySet.first

    def found_together(self):
        row = first(self)
        meet.wait(timeout=10)
        return row

    monkeypatch.setattr(models.QuerySet, "first", found_together)
    race([partial(submit, token)] * CLIENTS)
    assert FeedbackPending.objects.count() == CLIENTS


def test_of_eight_lists_at_once_one_is_saved(make_actor, provider, lesson, amina):
    actor = make_actor(Role.TEACHER, provider)

    def save(number):
        entry = AttendanceEntry(amina.uuid, AttendanceStatus.LATE, classroom_minutes=number + 1)
        attendance_record(actor=actor, lesson=lesson, entries=[entry], expected_version=0)

    results = race([partial(save, number) for number in range(CLIENTS)])
    assert kinds(results) == {"NoneType": 1, "attendance_changed": CLIENTS - 1}
