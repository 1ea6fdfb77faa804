"""What follows from the ledger, through the API: the same numbers as on the pages."""

from decimal import Decimal

import pytest

from backend.common import clock
from procurement.public import Delivery, deliveries_record
from procurement.selectors.budgets import accountability, accountable_entries, budget_lines
from procurement.selectors.claim_proposals import months_to_claim_by
from tests.factories.money import money_world
from tests.support.queries import assert_query_count, counted

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(municipality, provider, frozen_clock):
    return money_world(municipality, provider)


@pytest.fixture
def officer(api_as, procurement_officer):
    return api_as(procurement_officer)


def listed(client, name, **query):
    answer = client.get(f"/api/v1/{name}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()["items"]


def test_accountability_per_reference_year_and_category(officer, world):
    rows = accountability(accountable_entries(world.actor), clock.today().year)
    found = listed(officer, "accountability-lines")
    assert [one["reference"] for one in found] == [one.reference for one in rows]
    assert [Decimal(one["delivered"]) for one in found] == [one.delivered for one in rows]
    first = found[0]
    assert listed(officer, "accountability-lines", reference=first["reference"]) == [
        one for one in found if one["reference"] == first["reference"]
    ]
    assert listed(officer, "accountability-lines", year="2021") == []
    assert listed(officer, "accountability-lines", category="O") == []
    page = officer.get("/api/v1/accountability-lines", {"pageSize": "1"})
    assert (len(page.json()["items"]), page["Total-Count"]) == (1, str(len(rows)))


def test_a_budget_with_what_is_committed_and_spent(officer, municipality, world):
    year = world.budget.year
    found = listed(officer, "budget-lines", municipality=str(municipality.uuid), year=str(year))
    rows = budget_lines(municipality.pk, year)
    assert [(one["category"], Decimal(one["left"])) for one in found] == [
        (one.category, one.left) for one in rows
    ]
    assert any(Decimal(one["committed"]) for one in found)


def test_accountability_is_searched_and_sorted(officer, world):
    found = listed(officer, "accountability-lines", sort="-reference")
    keys = [one["reference"] for one in found]
    assert keys == sorted(keys, reverse=True)
    assert len(keys) > 1
    some = listed(officer, "accountability-lines", search=keys[0])
    assert {one["reference"] for one in some} == {keys[0]}


def test_expected_spend_per_month(officer, municipality, world):
    found = listed(officer, "forecast-months", municipality=str(municipality.uuid))
    assert sum(Decimal(one["expected"]) for one in found) > 0
    year = found[0]["month"][:4]
    some = listed(officer, "forecast-months", municipality=str(municipality.uuid), year=year)
    assert some == [one for one in found if one["month"].startswith(year)]


def test_a_provider_finds_the_months_to_claim(api_as, provider_planner, world):
    more = Delivery(world.call_offs[0].reference, clock.today().replace(day=1), Decimal(9))
    deliveries_record(actor=world.actor, deliveries=[more])
    rows = months_to_claim_by(world.actor)
    found = listed(api_as(provider_planner), "claim-months")
    assert [Decimal(one["difference"]) for one in found] == [one.difference for one in rows]
    assert rows
    turned = listed(api_as(provider_planner), "claim-months", sort="difference")
    assert [Decimal(one["difference"]) for one in turned] == sorted(one.difference for one in rows)
    assert listed(api_as(provider_planner), "claim-months", search="nowhere") == []
    contract = str(world.contract.uuid)
    assert len(listed(api_as(provider_planner), "claim-months", contract=contract)) == len(rows)


def test_faults_and_strangers(api_as, make_user, officer, municipality, other_municipality, world):
    missing = officer.get("/api/v1/budget-lines", {"year": "1900"})
    assert missing.status_code == 400
    assert {one["field"] for one in missing.json()["errors"]} == {"municipality", "year"}
    stranger = api_as(make_user("procurement_officer", other_municipality))
    named = {"municipality": str(municipality.uuid)}
    assert listed(stranger, "accountability-lines") == []
    assert listed(stranger, "budget-lines", **named) == []
    assert listed(stranger, "forecast-months", **named) == []


@pytest.mark.parametrize(
    "name", ["accountability-lines", "budget-lines", "forecast-months", "claim-months"]
)
def test_queries_are_counted(api_as, procurement_officer, provider_planner, world, name):
    client = api_as(provider_planner if name == "claim-months" else procurement_officer)
    query = {"municipality": str(world.budget.municipality.uuid)}
    query = query if name in ("budget-lines", "forecast-months") else {}
    listed(client, name, **query)
    with counted() as found:
        listed(client, name, **query)
    assert_query_count(f"GET /{name}", len(found))
