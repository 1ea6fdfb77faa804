"""Starts in a row through the API: what the page plans and publishes, with every fault at once."""

from datetime import date
from uuid import uuid4

import pytest

from backend.accounts.roles import Role
from providers.models import IntakeMoment, IntakeSeries
from tests.factories.accounts import client_with
from tests.factories.providers import (
    CourseFactory,
    CourseGroupFactory,
    LocationFactory,
    ProviderFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
URL = "/api/v1/intake-series"


@pytest.fixture
def group(provider):
    school = ProviderFactory(organisation=provider)
    course = CourseFactory(provider=school)
    return CourseGroupFactory(course=course, location=LocationFactory(provider=school), max_size=12)


@pytest.fixture
def ours(api_as, provider):
    return api_as(key=client_with(Role.PROVIDER_PLANNER, organisation=provider)[1])


@pytest.fixture
def body(group):
    # The fourth Monday is 29 March 2027, the day after which is none; Easter Monday moves.
    return {
        "group": str(group.uuid),
        "frequency": "weeks",
        "step": 4,
        "firstDate": "2027-01-04",
        "lastDate": "2027-04-01",
        "weeks": 30,
        "seatsTotal": 12,
    }


def post(client, body, path=URL, key=None):
    headers = {"Idempotency-Key": key or str(uuid4())}
    return client.post(path, body, format="json", headers=headers)


def test_a_series_is_previewed_published_once_and_found_again(ours, body):
    planned = post(ours, body, f"{URL}/preview")
    assert planned.status_code == 200, planned.content
    assert [one["startDate"] for one in planned.json()["starts"]] == [
        "2027-01-04",
        "2027-02-01",
        "2027-03-01",
        "2027-03-30",
    ]
    assert not IntakeMoment.objects.exists()

    made = post(ours, body, key="one")
    assert made.status_code == 201, made.content
    assert post(ours, body, key="one").content == made.content
    assert IntakeSeries.objects.count() == 1
    assert ours.get(made.headers["Location"]).json() == made.json()
    starts = ours.get("/api/v1/intake-moments", {"series": made.json()["id"]}).json()
    assert [one["startDate"] for one in starts["items"]] == [
        one["startDate"] for one in planned.json()["starts"]
    ]

    again = post(ours, body, f"{URL}/preview").json()["starts"]
    assert all(one["remark"] for one in again)
    refused = post(ours, body)
    assert [one["code"] for one in refused.json()["errors"]] == ["no_starts"]


def test_every_fault_is_told_at_once(ours, body):
    wrong = body | {"step": 0, "firstDate": "2027-05-01", "seatsTotal": "many"}
    answer = post(ours, wrong)
    assert answer.status_code == 400
    found = {one["field"]: one["code"] for one in answer.json()["errors"]}
    assert set(found) == {"step", "seatsTotal", "lastDate"}
    assert found["lastDate"] == "ends_before_start"
    endless = post(ours, body | {"step": 1, "lastDate": "2030-01-01", "weeks": 0})
    assert {one["field"] for one in endless.json()["errors"]} == {"weeks", "lastDate"}
    assert not IntakeSeries.objects.exists()


def test_another_school_may_not(api_as, other_provider, body):
    stranger = api_as(key=client_with(Role.PROVIDER_PLANNER, organisation=other_provider)[1])
    assert post(stranger, body).status_code == 403
    assert post(stranger, body, f"{URL}/preview").status_code == 403
    assert not IntakeSeries.objects.filter(first_date=date(2027, 1, 4)).exists()
