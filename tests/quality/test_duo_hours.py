"""The hours for DUO are those that were attended, in whole hours."""

from datetime import date

import pytest

from matching.models import Need
from quality.models import Lesson
from quality.services.duo_hours import hours_for_duo
from tests.factories.quality import LessonFactory, attended
from tests.support.queries import assert_query_count, counted

pytestmark = pytest.mark.django_db


def test_attended_minutes_count_as_whole_hours(amina, bilal, intake):
    assert hours_for_duo(amina.participant) == {"uren": 0}
    for day, minutes in ((16, 100), (17, 60), (18, 0)):
        lesson = LessonFactory(group=intake.group, date=date(2026, 11, day))
        attended(lesson, amina, minutes)
        attended(lesson, bilal, 120)
    assert hours_for_duo(amina.participant) == {"uren": 2}


@pytest.mark.parametrize(("component", "hours"), [("KNM", 2), ("Z", 2), ("MAP", 0), ("PVT", 0)])
def test_language_and_knm_count_and_other_modules_do_not(amina, lesson, component, hours):
    Need.objects.filter(pk=amina.need_id).update(component=component)
    attended(lesson, amina, 120)
    assert hours_for_duo(amina.participant) == {"uren": hours}


def test_a_lesson_that_was_not_given_does_not_count(amina, lesson):
    attended(lesson, amina, 120)
    Lesson.objects.update(is_cancelled=True, cancellation_reason="other")
    assert hours_for_duo(amina.participant) == {"uren": 0}


def test_the_caseworker_of_the_person_fetches_them(api_as, caseworker, other_caseworker, amina):
    address = f"/api/v1/participants/{amina.participant.uuid}/duo-hours"
    client = api_as(caseworker)
    client.get(address)  # What is read once per process is read now.
    with counted() as queries:
        found = client.get(address).json()
    assert_query_count("api participant hours for DUO", len(queries))
    assert found == {"reference": amina.participant.reference, "body": {"uren": 0}}
    assert api_as(other_caseworker).get(address).status_code == 404
