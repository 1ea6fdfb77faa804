"""Call-offs through the API: who sees which, and what they add up to."""

from decimal import Decimal
from uuid import uuid4

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.api.renderers import to_json
from backend.api.shapes import compile_shape
from backend.common import clock
from procurement.models import CallOff, LedgerEntry, LotMunicipality
from procurement.public import call_off_open, call_off_release
from tests.factories.accounts import user_with
from tests.factories.money import money_world, open_call_off
from tests.factories.organisations import MunicipalityFactory
from tests.support.queries import assert_query_count
from tests.support.resources import all_resources

pytestmark = pytest.mark.django_db
PATH = "/api/v1/call-offs"
KINDS = ("committed", "released", "delivered", "claimed", "approved", "credited")


@pytest.fixture
def world(municipality, provider, frozen_clock):
    return money_world(municipality, provider)


@pytest.fixture
def officer(api_as, procurement_officer):
    return api_as(procurement_officer)


@pytest.fixture
def neighbour(world):
    """Another municipality in the same lot, for which a third one pays."""
    found = MunicipalityFactory(name="Buurstad").organisation
    payer = MunicipalityFactory(name="Betaalstad").organisation
    LotMunicipality.objects.create(
        lot=world.contract_lot.lot,
        municipality=found,
        payer=payer,
        valid_from=world.contract.start_date,
    )
    call_off_open(
        actor=world.actor,
        reference=uuid4(),
        person_key=uuid4(),
        contract_lot_id=world.contract_lot.pk,
        municipality_id=found.pk,
        component="B",
        start_date=clock.today(),
        end_date=clock.today(),
        hours=Decimal(10),
    )
    return found, payer


def listed(client, **query):
    answer = client.get(PATH, query)
    assert answer.status_code == 200, answer.content
    return answer.json()["items"]


def test_the_list_shows_what_the_serializer_says(world):
    (resource,) = (one for one in all_resources() if str(one).strip("/") == "call-offs")
    view = resource.view(world.actor)
    queryset = view.prepared(view.get_queryset()).order_by("pk")
    expected = [view.serializer_class(one).data for one in queryset]
    shape = compile_shape(view.serializer_class, view.model)
    assert orjson.loads(to_json(shape.rows(queryset))) == orjson.loads(to_json(expected))
    assert len(expected) == 2


def test_sums_are_those_of_the_ledger(officer, world):
    call_off_release(actor=world.actor, reference=world.call_offs[0].reference)
    for one in listed(officer):
        rows = LedgerEntry.objects.filter(call_off__uuid=one["id"])
        for kind in KINDS:
            amounts = rows.filter(kind=kind).values_list("amount", flat=True)
            assert Decimal(one[kind]) == sum(amounts), kind
    first = officer.get(f"{PATH}/{world.call_offs[0].uuid}").json()
    # 100 hours of 14.50 were agreed and 8 delivered; the rest was given back.
    assert (first["committed"], first["delivered"], first["released"]) == (
        "1450.00",
        "116.00",
        "1334.00",
    )
    assert first["tariff"]["amount"] == "14.50"


def test_each_party_sees_its_own(world, neighbour, api_as, officer, make_user, provider):
    municipality, payer = neighbour
    of_neighbour = {str(CallOff.objects.get(municipality=municipality).uuid)}
    all_of_them = {str(one.uuid) for one in CallOff.objects.all()}

    def seen_by(role, organisation):
        client = api_as(make_user(role, organisation))
        return {one["id"] for one in listed(client)}

    assert len(all_of_them) == 3
    # The buyer and the provider see the whole contract, a municipality and a payer their own.
    assert {one["id"] for one in listed(officer)} == all_of_them
    assert seen_by("provider_planner", provider) == all_of_them
    assert seen_by("procurement_officer", municipality) == of_neighbour
    assert seen_by("procurement_officer", payer) == of_neighbour


def test_a_provider_sees_nothing_of_another(world, api_as, other_provider):
    planner = api_as(user_with("provider_planner", other_provider))
    assert listed(planner) == []
    assert planner.get(f"{PATH}/{world.call_offs[0].uuid}").status_code == 404


def test_nothing_leads_to_a_person(officer, world, neighbour):
    key = str(CallOff.objects.get(municipality=neighbour[0]).person_key)
    answer = officer.get(PATH)
    assert key not in answer.content.decode()
    assert "personKey" not in answer.json()["items"][0]


def test_filters(officer, world, neighbour):
    one = world.call_offs[0]
    assert len(listed(officer, search=str(one.reference)[:13])) == 1
    assert len(listed(officer, payer=str(neighbour[1].uuid))) == 1
    assert len(listed(officer, contract=str(world.contract.uuid), state="committed")) == 3
    assert listed(officer, state="released") == []
    # The two run into 2027, the one of the neighbour lasts a day.
    assert len(listed(officer, year="2027")) == 2
    assert listed(officer, year="2025") == []
    assert officer.get(PATH, {"year": "1"}).status_code == 400
    assert officer.get(PATH, {"personKey": str(uuid4())}).status_code == 400


def test_the_number_of_queries_stays_with_more_rows(officer, world, municipality):
    def count():
        officer.get(PATH)
        with CaptureQueriesContext(connection) as queries:
            assert officer.get(PATH).status_code == 200
        return len(queries)

    before = count()
    world.contract_lot.ceiling.places = 50
    world.contract_lot.ceiling.save()
    for _number in range(4):
        open_call_off(world, municipality)
    assert count() == before
    assert_query_count("GET /api/v1/call-offs with money", before)
    with CaptureQueriesContext(connection) as queries:
        officer.get(f"{PATH}/{world.call_offs[0].uuid}")
    assert_query_count("GET /api/v1/call-offs/{id} with money", len(queries))
