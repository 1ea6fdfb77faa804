"""Tenders and the one form for an award, as a procurement officer uses them."""

import re
from datetime import date
from decimal import Decimal

import pytest

from backend.accounts.public import accounts_actor, grant_role
from backend.accounts.roles import Role
from procurement.models import Clause, Contract, ContractDocument, Lot, Tender
from tests.factories.organisations import RegionMembershipFactory
from tests.factories.procurement import contract_for
from tests.procurement.web.conftest import award

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def test_an_award_becomes_a_tender_lots_and_contracts(visitor, municipality, school):
    response = visitor.post("/contracts/new", award(municipality, school))

    contract = Contract.objects.get()
    assert response.status_code == 302, response.content.decode()
    assert response["Location"] == f"/contracts/{contract.uuid}"
    assert Tender.objects.get().status == "awarded"
    assert Tender.objects.get().cpv_codes == ["80400000", "85300000"]
    assert Lot.objects.get().awards.get().provider == school
    assert contract.options.get().start_date == date(2029, 1, 1)
    assert contract.versions.get().kpi_agreements.count() == 5
    assert contract.contract_lots.get().tariffs.first().amount == Decimal("14.50")
    page = visitor.get(f"/contracts/{contract.uuid}").content.decode()
    assert "Dit contract is een concept" in page
    page = visitor.get(f"/contracts/{contract.uuid}/activate").content.decode()
    assert "Vul eerst deze gaten" in page


def test_all_mistakes_of_the_form_come_at_once_and_nothing_is_written(
    visitor, municipality, school
):
    response = visitor.post(
        "/contracts/new",
        award(
            municipality,
            school,
            end_date="2026-01-01",
            cpv_codes="804",
            provider_1_price_1="",
        ),
    )

    page = response.content.decode()
    assert response.status_code == 400
    assert "Een CPV-code heeft acht cijfers" in page
    assert "De einddatum ligt voor de startdatum" in page
    assert "Kies minstens één perceel voor deze aanbieder" in page
    assert (Tender.objects.count(), Lot.objects.count(), Contract.objects.count()) == (0, 0, 0)


def test_more_lots_keep_what_was_filled_in(visitor, municipality, school):
    response = visitor.post("/contracts/new", award(municipality, school, add_lot="1"))

    page = response.content.decode()
    assert response.status_code == 200
    assert 'name="lot_2_code"' in page
    assert 'value="Inburgering 2027"' in page
    assert 'value="14,50"' in page
    assert not Contract.objects.exists()


def test_from_gaps_to_in_force(visitor, municipality, school):
    visitor.post(
        "/contracts/new",
        award(municipality, school, lot_1_components=["B"]),
    )
    contract = Contract.objects.get()
    refused = visitor.post(f"/contracts/{contract.uuid}/activate")
    assert refused.status_code == 400
    for one in ContractDocument.objects.all():
        answer = visitor.post(
            f"/contract-documents/{one.uuid}",
            {"kind": one.kind, "title": one.title, "issued_date": "2026-09-20", "required": "on"},
        )
        assert answer.status_code == 302, answer.content.decode()
    answer = visitor.post(f"/contracts/{contract.uuid}/activate")
    assert answer.status_code == 302, answer.content.decode()
    contract.refresh_from_db()
    assert contract.status == "active"


def test_the_buyer_is_changed_and_what_was_typed_stays(
    visitor, municipality, school, procurement_officer, region
):
    grant_role(
        actor=accounts_actor("test", region),
        user=procurement_officer,
        organisation=region,
        role=Role.PROCUREMENT_OFFICER,
    )
    neighbour = RegionMembershipFactory(region=region).municipality
    data = award(municipality, school, buyer=region.pk, change_buyer="1", title="Samen inkopen")
    page = visitor.post("/contracts/new", data).content.decode()
    assert f'value="{neighbour.pk}"' in page
    assert "Samen inkopen" in page
    assert not Contract.objects.exists()


def test_a_template_fills_in_a_lot_and_keeps_the_rest(visitor, municipality, school):
    data = award(municipality, school, template="1:MAP", cpv_codes="", title="MAP in de regio")
    page = visitor.post("/contracts/new", data).content.decode()
    assert "MAP in de regio" in page
    assert 'value="80530000"' in page
    assert re.search(r'name="lot_1_components" value="MAP"[^>]*checked', page)


def test_new_lots_get_codes_that_are_still_free(visitor, municipality, school):
    contract_for(school.courses.get(), municipalities=[municipality])
    assert Lot.objects.get().code == "P1"
    assert re.search(
        r'name="lot_1_code" value="P2"', visitor.get("/contracts/new").content.decode()
    )


def test_the_last_lot_and_provider_are_taken_away(visitor, municipality, school):
    more = award(municipality, school, lots="2", contractors="2", remove_lot="1")
    page = visitor.post("/contracts/new", more).content.decode()
    assert 'name="lot_2_code"' not in page
    assert 'name="provider_2_number"' in page


def test_each_lot_has_its_own_municipalities(visitor, municipality, school, region):
    neighbour = RegionMembershipFactory(region=region).municipality
    answer = visitor.post(
        "/contracts/new",
        award(
            municipality,
            school,
            lots="2",
            lot_1_municipalities=[neighbour.pk],
            lot_2_code="P2",
            lot_2_components=["B"],
            lot_2_target_groups=["asylum"],
            lot_2_execution="effort",
            lot_2_allocation="fit",
            lot_2_unit="learner_hour",
            provider_1_price_2="15",
        ),
    )
    assert answer.status_code == 302, answer.content.decode()
    takers = {
        one.code: [row.municipality for row in one.participations.all()]
        for one in Lot.objects.all()
    }
    assert takers == {"P1": [neighbour], "P2": [municipality]}


def test_a_lot_without_municipality_is_refused_and_nothing_is_written(
    visitor, municipality, school
):
    answer = visitor.post("/contracts/new", award(municipality, school, municipalities=[]))
    assert answer.status_code == 400
    assert "Kies minstens één gemeente" in answer.content.decode()
    assert (Tender.objects.count(), Lot.objects.count(), Contract.objects.count()) == (0, 0, 0)


def test_shares_are_asked_for_and_must_add_up_to_100(visitor, municipality, school):
    data = award(municipality, school, lot_1_allocation="share")
    answer = visitor.post("/contracts/new", data)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'name="provider_1_share_1"' in page
    assert "De aandelen van perceel P1 zijn samen" in page
    assert not Contract.objects.exists()
    answer = visitor.post("/contracts/new", data | {"provider_1_share_1": "100"})
    assert answer.status_code == 302, answer.content.decode()
    assert Lot.objects.get().awards.get().share == 100


def test_clauses_of_the_library_with_own_numbers(visitor, municipality, school):
    wrong = award(
        municipality, school, clauses=["acceptance", "ceiling"], clause_acceptance_working_days="99"
    )
    assert visitor.post("/contracts/new", wrong).status_code == 400
    falling = wrong | {"clause_acceptance_working_days": "3", "clause_ceiling_thresholds": "90, 70"}
    answer = visitor.post("/contracts/new", falling)
    assert "oplopende percentages" in answer.content.decode()
    right = falling | {"clause_ceiling_thresholds": ""}
    assert visitor.post("/contracts/new", right).status_code == 302
    found = dict(Clause.objects.values_list("kind", "parameters"))
    assert found == {
        "acceptance": {"working_days": 3},
        "ceiling": {"thresholds": [70, 90, 100]},
    }


def test_a_cpv_code_that_does_not_exist_is_refused_with_advice(visitor, municipality, school):
    answer = visitor.post("/contracts/new", award(municipality, school, cpv_codes="80850000"))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "CPV-code 80850000 bestaat niet. Bedoelt u" in page
    assert "80580000 (Verstrekken van taalcursussen)" in page
    assert not Tender.objects.exists()
