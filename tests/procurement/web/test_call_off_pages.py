"""The list of call-offs and the page of one."""

import csv
import io

import pytest
from django.urls import reverse

from procurement.models import CallOff, LotMunicipality
from procurement.public import call_off_release
from tests.factories.money import money_world, open_call_off
from tests.factories.organisations import MunicipalityFactory
from tests.support.queries import assert_query_count, counted

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(municipality, provider, frozen_clock):
    return money_world(municipality, provider)


@pytest.fixture
def officer(web_as, procurement_officer):
    return web_as(procurement_officer)


def text(response):
    return response.content.decode()


def references(response):
    return [row[0].value.text for row in response.context["table"].rows]


def totals(response):
    return {str(one.term): one.value.amount for one in response.context["totals"]}


def test_the_list_adds_up_what_the_filters_leave(officer, world):
    call_off_release(actor=world.actor, reference=world.call_offs[0].reference)
    everything = totals(officer.get(reverse("call-offs")))
    released = totals(officer.get(reverse("call-offs"), {"state": "released"}))
    assert everything["Vastgelegd"] == 2900
    assert everything["Geleverd"] == 232
    assert released["Vastgelegd"] == 1450
    assert released["Vrijgegeven"] == 1334


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"contract": "C1"}, 2),
        ({"contract": "C"}, 0),
        ({"search": "C1 P1"}, 2),
        ({"lot": "P1"}, 2),
        ({"year": "2027"}, 2),
        ({"year": "2030"}, 0),
        ({"state": "released"}, 0),
    ],
)
def test_filters(officer, world, query, expected):
    response = officer.get(reverse("call-offs"), query)
    assert response.status_code == 200
    assert len(response.context["table"].rows) == expected


def test_choices_are_the_organisations_of_what_one_sees(officer, world, municipality, provider):
    by = {"municipality": municipality, "payer": municipality, "provider": provider}
    for key, organisation in by.items():
        response = officer.get(reverse("call-offs"), {key: organisation.uuid})
        assert len(response.context["table"].rows) == 2, key
    elsewhere = MunicipalityFactory().organisation
    assert officer.get(reverse("call-offs"), {"payer": elsewhere.uuid}).status_code == 400


def test_search_by_reference_and_sort_by_amount(officer, world):
    first = world.call_offs[0]
    call_off_release(actor=world.actor, reference=first.reference)
    short = str(first.reference)[:8]
    assert references(officer.get(reverse("call-offs"), {"search": str(first.reference)})) == [
        short
    ]
    assert references(officer.get(reverse("call-offs"), {"sort": "-released"}))[0] == short
    assert officer.get(reverse("call-offs"), {"sort": "person"}).status_code == 400


def test_a_payer_is_named(officer, world, municipality):
    payer = MunicipalityFactory(name="Centrumstad").organisation
    LotMunicipality.objects.update(payer=payer)
    one = open_call_off(world, municipality)
    assert "betaald door Centrumstad" in text(officer.get(reverse("call-offs")))
    assert "Centrumstad" in text(officer.get(reverse("call-off", args=[one.uuid])))


def test_a_download_holds_every_number(officer, world):
    response = officer.get(reverse("call-offs"), {"export": "csv"})
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    assert {one["Kenmerk van de plaatsing"] for one in rows} == {
        str(one.reference) for one in world.call_offs
    }
    assert {one["Geleverd"] for one in rows} == {"116.00"}
    assert officer.get(reverse("call-offs"), {"export": "xlsx"}).status_code == 200


def test_without_call_offs_the_page_says_how_one_comes(web_as, make_user, other_municipality):
    client = web_as(make_user("procurement_officer", other_municipality))
    assert "Er is nog niets afgeroepen" in text(client.get(reverse("call-offs")))


def test_one_call_off_leads_to_its_contract_claim_and_ledger(officer, world):
    page = text(officer.get(reverse("call-off", args=[world.call_offs[0].uuid])))
    for address in (
        reverse("contract", args=[world.contract.uuid]),
        reverse("lot", args=[world.contract_lot.lot.uuid]),
        reverse("claim", args=[world.claim.uuid]),
    ):
        assert address in page
    assert page.count("116,00") >= 3
    claim = text(officer.get(reverse("claim", args=[world.claim.uuid])))
    assert reverse("call-off", args=[world.call_offs[0].uuid]) in claim


def test_a_provider_gets_no_link_to_a_lot(web_as, provider_planner, world):
    page = text(web_as(provider_planner).get(reverse("call-off", args=[world.call_offs[0].uuid])))
    assert reverse("contract", args=[world.contract.uuid]) in page
    assert reverse("lot", args=[world.contract_lot.lot.uuid]) not in page


def test_queries_stay_with_more_rows(officer, world, municipality):
    def count(url):
        officer.get(url)
        with counted() as queries:
            assert officer.get(url).status_code == 200
        return len(queries)

    one = reverse("call-off", args=[CallOff.objects.first().uuid])
    before = count(reverse("call-offs"))
    world.contract_lot.ceiling.places = 50
    world.contract_lot.ceiling.save()
    for _number in range(4):
        open_call_off(world, municipality)
    assert count(reverse("call-offs")) == before
    assert_query_count("page call-offs with money", before)
    assert_query_count("page call-off with money", count(one))
