"""Three layers of capacity through the API: the lines of the page, with filters and pages."""

from datetime import timedelta

import pytest
from django.urls import reverse

from backend.common import clock
from providers.models import SeatClaim
from tests.factories.procurement import contract_for
from tests.factories.providers import (
    CourseFactory,
    CourseGroupFactory,
    IntakeMomentFactory,
    ProviderFactory,
)
from tests.support.html import table_rows
from tests.support.queries import assert_query_count, counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
PATH = "/api/v1/capacity-lines"


def lot_of(provider, municipality, *, places=100):
    course = CourseFactory(provider=provider)
    today = clock.today()
    # As long as the page looks ahead, so that all of its places count.
    part = contract_for(
        course,
        municipalities=[municipality],
        places=places,
        start_date=today,
        end_date=today + timedelta(days=182),
    )
    group = CourseGroupFactory(course=course)
    moment = IntakeMomentFactory(group=group, seats_total=10, start_date=today + timedelta(days=30))
    return part, moment


@pytest.fixture
def world(municipality, provider):
    ours = ProviderFactory(organisation=provider)
    full = lot_of(ours, municipality, places=10)
    short = lot_of(ProviderFactory(organisation__name="Zuiderlicht"), municipality, places=40)
    SeatClaim.objects.create(intake_moment=full[1], organisation=municipality, state="confirmed")
    return full[0], short[0]


@pytest.fixture
def officer(api_as, procurement_officer):
    return api_as(procurement_officer)


def listed(client, **query):
    answer = client.get(PATH, query)
    assert answer.status_code == 200, answer.content
    return answer.json()["items"]


def test_the_layers_per_lot(officer, world):
    full, short = world
    enough, too_few = sorted(listed(officer), key=lambda one: one["contracted"])
    assert enough["contract"] == str(full.contract.uuid)
    assert enough["lot"] == str(full.lot.uuid)
    assert enough["provider"]["id"] == str(full.contract.provider.uuid)
    layers = ("contracted", "published", "used", "missing", "hasAlert")
    assert [enough[name] for name in layers] == [10, 10, 1, 0, False]
    assert [too_few[name] for name in layers] == [40, 10, 0, 30, True]
    assert too_few["contract"] == str(short.contract.uuid)


def test_filters_order_and_pages(officer, world):
    full, _short = world
    ours = str(full.contract.provider.uuid)
    assert [one["provider"]["id"] for one in listed(officer, provider=ours)] == [ours]
    assert [one["missing"] for one in listed(officer, hasAlert="true")] == [30]
    assert [one["missing"] for one in listed(officer, search="zuider")] == [30]
    assert [one["contracted"] for one in listed(officer, sort="-contracted")] == [40, 10]
    assert [one["contracted"] for one in listed(officer, sort="published,contracted")] == [10, 40]
    later = clock.today() + timedelta(days=31)
    assert {one["published"] for one in listed(officer, firstDate=later.isoformat())} == {0}
    page = officer.get(PATH, {"pageSize": "1", "page": "2", "sort": "contracted"})
    assert [one["contracted"] for one in page.json()["items"]] == [40]
    assert page["Total-Count"] == "2"
    assert page.json()["total"] == 2


def test_every_fault_of_a_request_at_once(officer):
    wrong = {
        "firstDate": "2027-01-01",
        "lastDate": "2026-01-01",
        "hasAlert": "maybe",
        "sort": "colour",
        "page": "0",
    }
    answer = officer.get(PATH, wrong)
    assert answer.status_code == 400
    assert {one["field"] for one in answer.json()["errors"]} == {
        "lastDate",
        "hasAlert",
        "sort",
        "page",
    }
    unknown = officer.get(PATH, {"colour": "red"})
    assert unknown.json()["errors"][0]["code"] == "unknown_parameter"


def test_a_provider_sees_its_own_also_without_a_contract(api_as, provider_planner, world):
    full, short = world
    group = CourseGroupFactory(course=CourseFactory(provider=full.contract.provider))
    IntakeMomentFactory(group=group, seats_total=7, start_date=clock.today() + timedelta(days=30))
    ours = api_as(provider_planner)
    found = {one["contracted"]: one for one in listed(ours)}
    assert set(found) == {10, None}
    assert (found[None]["contract"], found[None]["published"]) == (None, 7)
    # Naming another provider shows nothing of it.
    assert listed(ours, provider=str(short.contract.provider.uuid)) == []


def test_contracts_of_others_are_not_there(api_as, make_user, other_municipality, world):
    elsewhere = api_as(make_user("procurement_officer", other_municipality))
    assert listed(elsewhere) == []


def test_the_number_of_queries_does_not_grow(officer, municipality, world):
    listed(officer)
    with counted() as few:
        listed(officer)
    for _number in range(3):
        lot_of(ProviderFactory(), municipality)
    with counted() as many:
        assert len(listed(officer)) == 5
    assert len(few) == len(many)
    assert_query_count("GET /capacity-lines", len(many))


def test_the_page_shows_the_same_lines_with_filters_and_order(web_as, procurement_officer, world):
    client = web_as(procurement_officer)
    path = reverse("capacity")

    def providers(**query):
        answer = client.get(path, query)
        assert answer.status_code == 200, answer.content.decode()
        return [row[0] for row in table_rows(answer)]

    assert providers(search="zuider") == ["Zuiderlicht"]
    assert providers(alert="true") == ["Zuiderlicht"]
    assert providers(sort="-provider")[0] == "Zuiderlicht"
    nothing = client.get(path, {"search": "bestaat niet"}).content.decode()
    assert "Niets past bij alle filters samen" in nothing
    csv = client.get(path, {"export": "csv", "alert": "true"}).content.decode()
    assert len(csv.strip().splitlines()) == 2
    for wrong in ({"colour": "red"}, {"sort": "colour"}, {"alert": "maybe"}):
        assert client.get(path, wrong).status_code == 400
