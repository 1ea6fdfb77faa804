"""Suppliers through the API: numbers for the talk about a contract, and no person."""

from datetime import timedelta

import pytest

from backend.common import clock
from procurement.models import CallOff, ClauseBreach
from procurement.public import call_off_release
from procurement.services.breaches import breach_resolve
from tests.factories.money import money_world
from tests.factories.providers import ProviderFactory

pytestmark = pytest.mark.django_db
PATH = "/api/v1/suppliers"


@pytest.fixture
def world(municipality, provider, frozen_clock):
    ProviderFactory(organisation__name="A zonder contract")
    return money_world(municipality, provider)


@pytest.fixture
def officer(api_as, procurement_officer):
    return api_as(procurement_officer)


def listed(client, **query):
    answer = client.get(PATH, query)
    assert answer.status_code == 200, answer.content
    return answer.json()["items"]


def test_numbers_are_those_of_the_rows(officer, world):
    (one,) = listed(officer)
    waiting = ClauseBreach.objects.exclude(state="resolved")
    assert one["id"] == str(world.contract.provider.uuid)
    assert one["openBreaches"] == waiting.filter(severity="breach").count()
    assert one["openSignals"] == waiting.filter(severity="signal").count()
    assert one["openBreaches"] + one["openSignals"] > 1
    assert (one["runningContracts"], one["runningPlaces"]) == (1, 2)
    assert officer.get(f"{PATH}/{one['id']}").json() == one


def test_what_is_over_or_resolved_counts_no_more(officer, world):
    (before,) = listed(officer)
    breach_resolve(actor=world.actor, breach=world.breach, note="Besproken")
    call_off_release(actor=world.actor, reference=world.call_offs[0].reference)
    CallOff.objects.filter(pk=world.call_offs[1].pk).update(
        end_date=clock.today() - timedelta(days=1)
    )
    (after,) = listed(officer)
    kind = "openBreaches" if world.breach.severity == "breach" else "openSignals"
    assert after[kind] == before[kind] - 1
    assert after["runningPlaces"] == 0


def test_only_contracts_that_one_sees_count(api_as, make_user, world, other_municipality):
    elsewhere = api_as(make_user("procurement_officer", other_municipality))
    assert listed(elsewhere) == []
    identity = world.contract.provider.uuid
    assert elsewhere.get(f"{PATH}/{identity}").status_code == 404


def test_a_provider_sees_itself(api_as, provider_planner, world):
    (one,) = listed(api_as(provider_planner))
    assert one["id"] == str(world.contract.provider.uuid)


def test_filters_on_numbers(officer, world):
    assert len(listed(officer, runningPlacesMin="2")) == 1
    assert listed(officer, runningPlacesMin="3") == []
