"""Who is touched by a changed start and where they can go; seats lost to a lack of teachers."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from backend.common import clock
from providers.models import Teacher, TeacherHours
from tests.factories.matching import contracted_intake, placement
from tests.factories.providers import CourseFactory, CourseGroupFactory, IntakeMomentFactory
from tests.support.queries import assert_query_count, counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def place(municipality, provider):
    start = contracted_intake(
        municipality, provider=provider, start_date=clock.today() + timedelta(days=40)
    )
    return placement(municipality, state="offered", intake=start)


def listed(client, name, **query):
    answer = client.get(f"/api/v1/{name}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()["items"]


def test_people_of_a_start_and_where_they_can_go(
    api_as, caseworker, make_user, other_municipality, place
):
    start = place.intake_moment
    other = IntakeMomentFactory(
        group=start.group, start_date=start.start_date + timedelta(days=14), seats_total=9
    )
    client, named = api_as(caseworker), {"intakeMoment": str(start.uuid)}
    (one,) = listed(client, "affected-places", **named)
    assert one["placement"] == str(place.uuid)
    assert one["participantReference"] == place.participant.reference
    (there,) = listed(client, "alternative-starts", **named)
    assert there["intakeMoment"] == str(other.uuid)
    assert (there["seatsFree"], there["daysLater"], there["distanceKm"]) == (9, 14, 0.0)
    stranger = api_as(make_user("caseworker", other_municipality))
    assert listed(stranger, "affected-places", **named) == []
    missing = client.get("/api/v1/affected-places")
    assert missing.json()["errors"][0]["code"] == "required"
    assert missing.json()["errors"][0]["detail"].startswith("Noem het instroommoment")
    for name in ("affected-places", "alternative-starts"):
        with counted() as found:
            listed(client, name, **named)
        assert_query_count(f"GET /{name}", len(found))


def test_seats_that_teachers_do_not_carry(api_as, provider_planner, web_as, school):
    group = CourseGroupFactory(course=CourseFactory(provider=school), max_size=12)
    IntakeMomentFactory(group=group, seats_total=12)
    teacher = Teacher.objects.create(
        provider=school,
        code="D1",
        qualification="certified",
        hours_per_week=20,
        valid_from=date(2026, 1, 1),
    )
    TeacherHours.objects.create(
        teacher=teacher, group=group, hours_per_week=Decimal("2.4"), valid_from=date(2026, 11, 1)
    )
    client = api_as(provider_planner)
    found = listed(client, "teacher-shortages")
    page = web_as(provider_planner).get(reverse("capacity")).content.decode()
    assert str(group) in page
    assert {one["group"] for one in found} == {str(group.uuid)}
    assert found[0]["seatsLost"] == found[0]["seatsPromised"] - found[0]["seatsCarried"] > 0
    with counted() as asked:
        listed(client, "teacher-shortages")
    assert_query_count("GET /teacher-shortages", len(asked))
