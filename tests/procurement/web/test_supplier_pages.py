"""The page of a provider as a contract manager opens it for a review (journey J2)."""

import pytest
from django.urls import reverse

from backend.common import clock
from procurement.models import ClauseBreach
from tests.factories.money import money_world
from tests.factories.providers import ProviderFactory
from tests.support.html import table_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(municipality, provider, frozen_clock):
    return money_world(municipality, provider)


def opened(client, provider):
    response = client.get(reverse("provider", args=[provider.uuid]))
    assert response.status_code == 200
    return response.content.decode()


def test_the_officer_finds_contracts_findings_and_places(web_as, procurement_officer, world):
    page = opened(web_as(procurement_officer), world.contract.provider)
    organisation = world.contract.provider.organisation
    for address in (
        reverse("contract", args=[world.contract.uuid]),
        reverse("breach", args=[world.breach.uuid]),
        f"{reverse('breaches')}?state=unsettled&amp;provider={organisation.uuid}",
        f"{reverse('call-offs')}?state=running&amp;provider={organisation.uuid}",
    ):
        assert address in page


def test_the_links_lead_to_what_was_counted(web_as, procurement_officer, world):
    client = web_as(procurement_officer)
    provider = world.contract.provider.organisation
    findings = client.get(reverse("breaches"), {"state": "unsettled", "provider": provider.uuid})
    places = client.get(reverse("call-offs"), {"state": "running", "provider": provider.uuid})
    waiting = ClauseBreach.objects.exclude(state="resolved")
    assert len(table_rows(findings)) == waiting.count()
    assert len(table_rows(places)) == 2


def test_resolved_findings_are_gone(web_as, procurement_officer, world):
    ClauseBreach.objects.update(state="resolved", resolved_at=clock.now())
    page = opened(web_as(procurement_officer), world.contract.provider)
    assert reverse("breach", args=[world.breach.uuid]) not in page
    assert "Er ligt niets open" in page


def test_others_see_the_school_without_its_contracts(web_as, caseworker, world):
    page = opened(web_as(caseworker), world.contract.provider)
    assert world.contract.number not in page
    assert "Open bevindingen" not in page


def test_a_provider_sees_its_own_and_nothing_of_another(web_as, provider_planner, world):
    client = web_as(provider_planner)
    assert reverse("breach", args=[world.breach.uuid]) in opened(client, world.contract.provider)
    assert "Open bevindingen" not in opened(client, ProviderFactory())
