"""Tenders and the one form for an award, as a procurement officer uses them."""

from datetime import date
from decimal import Decimal

import pytest

from procurement.models import Contract, ContractDocument, Lot, Tender
from providers.models import QualityMark
from tests.support.entering import new_group, new_provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def visitor(web_as, procurement_officer):
    return web_as(procurement_officer)


@pytest.fixture
def school():
    provider = new_provider()
    QualityMark.objects.create(
        provider=provider, kind="keurmerk", status="valid", valid_from=date(2025, 1, 1)
    )
    return new_group(provider).course.provider


def award(municipality, school, **changes):
    base = {
        "buyer": municipality.pk,
        "reference": "2026-INB",
        "title": "Inburgering 2027",
        "procedure": "sas",
        "cpv_codes": "80400000-8, 85300000",
        "award_date": "2026-10-01",
        "start_date": "2027-01-01",
        "end_date": "2028-12-31",
        "option_end_date": "2029-12-31",
        "option_notice_date": "2028-06-30",
        "index_name": "CBS CPI",
        "municipalities": [municipality.pk],
        "lots": 1,
        "contractors": 1,
        "lot_1_code": "P1",
        "lot_1_components": ["B", "KNM"],
        "lot_1_target_groups": ["asylum"],
        "lot_1_execution": "effort",
        "lot_1_allocation": "fit",
        "lot_1_unit": "learner_hour",
        "provider_1_provider": school.pk,
        "provider_1_number": "C-1",
        "provider_1_price_1": "14,50",
    }
    return base | changes


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
