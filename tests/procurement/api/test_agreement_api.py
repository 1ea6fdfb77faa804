"""Journey J1 in one request: a whole framework agreement, or every fault with its path."""

from copy import deepcopy
from uuid import uuid4

import pytest

from procurement.models import Contract, Lot, Tender
from providers.models import QualityMark
from tests.factories.organisations import RegionMembershipFactory
from tests.support.entering import new_group, new_provider
from tests.support.problems import assert_problem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
ADDRESS = "/api/v1/framework-agreements"


@pytest.fixture
def officer(api_as, procurement_officer):
    return api_as(procurement_officer)


@pytest.fixture
def school():
    provider = new_provider(kvk_number="12345678", bow_number="BOW-7")
    QualityMark.objects.create(
        provider=provider, kind="keurmerk", status="valid", valid_from="2025-01-01"
    )
    return new_group(provider).course.provider


def post(client, body, key=None):
    return client.post(
        ADDRESS, body, format="json", headers={"Idempotency-Key": key or str(uuid4())}
    )


def price(component, amount="14.50", first="2027-01-01", **more):
    return {
        "component": component,
        "unit": "learner_hour",
        "amount": amount,
        "validFrom": first,
        **more,
    }


@pytest.fixture
def body(municipality, school):
    return {
        "buyer": municipality.code,
        "tender": {
            "reference": "2026-INB",
            "title": "Inburgering 2027",
            "procedure": "european_open",
            "publicationReference": "TN-1",
            "awardDate": "2026-10-01",
        },
        "startDate": "2027-01-01",
        "endDate": "2028-12-31",
        "municipalities": [municipality.code],
        "lots": [
            {
                "code": "P1",
                "template": "B",
                "targetGroups": ["asylum"],
                "areas": ["Noord"],
                "volumeMin": 20,
                "volumeMax": 80,
                "ceilingAmount": "500000.00",
                "execution": "effort",
            },
            {"code": "P2", "template": "MAP", "targetGroups": ["asylum"]},
        ],
        "contractors": [
            {
                "provider": {"kvkNumber": "12345678"},
                "number": "C-1",
                "parts": [
                    {
                        "lot": "P1",
                        "tariffs": [
                            price("B", validTo="2027-12-31"),
                            price("B", "15.00", "2028-01-01"),
                            price("KNM"),
                        ],
                        "ceilingPlaces": 60,
                    }
                ],
            }
        ],
        "options": [{"endDate": "2029-12-31", "noticeDate": "2028-06-30"}],
        "indexation": {"method": "index", "firstYear": 2028, "indexName": "CBS CPI"},
        "clauses": [
            {"kind": "acceptance", "parameters": {"working_days": 3}},
            {"kind": "ceiling"},
        ],
        "kpiAgreements": [
            {"indicator": "T2", "norm": "90", "weight": "60", "minimumN": 12},
            {"indicator": "Q1", "norm": "80", "weight": "40"},
        ],
        "documents": [
            {"kind": "gva", "title": "GVA", "issuedDate": "2026-09-01", "maximumAgeMonths": 24}
        ],
    }


def faults(answer):
    assert answer.status_code == 400, answer.content
    return {(one["field"], one["code"]) for one in answer.json()["errors"]}


def written():
    return Tender.objects.count(), Lot.objects.count(), Contract.objects.count()


def test_one_request_registers_everything_and_says_what_is_missing(officer, body, school):
    answer = post(officer, body)
    assert answer.status_code == 201, answer.content
    tender, contract = Tender.objects.get(), Contract.objects.get()
    assert answer["Location"] == f"/api/v1/tenders/{tender.uuid}"
    assert (tender.status, tender.cpv_codes) == ("awarded", ["80580000", "80530000"])
    part = contract.contract_lots.get()
    assert (part.lot.components, part.ceiling.places) == (["B", "KNM"], 60)
    assert part.tariffs.count() == 3
    assert contract.options.get().end_date.isoformat() == "2029-12-31"
    assert contract.indexation_rule.index_name == "CBS CPI"
    version = contract.versions.get()
    assert list(version.kpi_agreements.values_list("indicator", "minimum_n")) == [
        ("Q1", 10),
        ("T2", 12),
    ]
    assert version.clauses.get(kind="acceptance").parameters == {"working_days": 3}
    assert contract.documents.get().title == "GVA"
    (shown,) = answer.json()["contracts"]
    assert (shown["id"], shown["status"]) == (str(contract.uuid), "draft")
    assert shown["gaps"] == []
    assert [(one["field"], one["code"]) for one in shown["warnings"]] == [
        ("tender.lots.0", "no_contractor")
    ]
    again = officer.get(f"/api/v1/contracts/{contract.uuid}/gaps").json()
    assert again == {"gaps": shown["gaps"], "warnings": shown["warnings"]}


def test_what_is_left_out_is_proposed_and_its_gaps_are_told(officer, body):
    for name in ("options", "indexation", "clauses", "kpiAgreements", "documents"):
        del body[name]
    answer = post(officer, body)
    contract = Contract.objects.get()
    assert sum(one.weight for one in contract.versions.get().kpi_agreements.all()) == 100
    assert contract.documents.count() == 5
    (shown,) = answer.json()["contracts"]
    assert {one["code"] for one in shown["gaps"]} == {"document_missing"}


def test_the_same_key_registers_once(officer, body):
    first, second = post(officer, body, "een-keer"), post(officer, body, "een-keer")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert written() == (1, 2, 1)


def test_faults_of_form_and_against_the_rules_come_at_once_with_their_paths(officer, body):
    body["tender"] |= {"reference": "", "cpvCodes": ["80850000"]}
    body["lots"][0] |= {"volumeMin": "veel", "volumeMax": 80, "ceilingAmount": "-1"}
    body["lots"][1] |= {"volumeMin": 90, "volumeMax": 10}
    body["lots"].append({"code": "P1", "template": "PVT", "targetGroups": []})
    body["contractors"][0]["provider"] = {"kvkNumber": "99999999"}
    (part,) = body["contractors"][0]["parts"]
    part["tariffs"][1] |= {"validFrom": "2027-06-01"}
    part["tariffs"].append(price("Z"))
    part["tariffs"].append(price("KNM", "-2", detail="avond"))
    body["contractors"][0]["parts"].append({"lot": "P9"})
    body["options"][0]["noticeDate"] = "2029-06-30"
    body["indexation"] = {"method": "fixed", "firstYear": 2028}
    body["clauses"] += [{"kind": "acceptance"}, {"kind": "nee"}]
    body["clauses"][0]["parameters"] = {"working_days": 99}
    body["kpiAgreements"][0]["weight"] = "70"
    body["documents"][0]["issuedDate"] = "2099-01-01"
    body["onbekend"] = 1

    found = faults(post(officer, body))

    assert {
        ("onbekend", "unknown_field"),
        ("tender.reference", "blank"),
        ("tender.cpvCodes.0", "unknown_cpv_code"),
        ("lots.0.volumeMin", "invalid"),
        ("lots.1.volumeMax", "range_reversed"),
        ("lots.2.code", "repeated"),
        ("contractors.0.provider", "unknown_provider"),
        ("contractors.0.parts.0.tariffs.1.validFrom", "tariff_overlaps"),
        ("contractors.0.parts.0.tariffs.3.component", "component_not_in_lot"),
        ("contractors.0.parts.0.tariffs.4.amount", "negative"),
        ("options.0.noticeDate", "notice_too_late"),
        ("indexation.percentage", "required"),
        ("clauses.0.parameters.working_days", "invalid_parameter"),
        ("clauses.2.kind", "repeated"),
        ("clauses.3.kind", "invalid_choice"),
        ("kpiAgreements", "weights_not_100"),
        ("documents.0.issuedDate", "date_in_future"),
    } <= found
    assert written() == (0, 0, 0)


def test_a_lot_that_nobody_named_is_told_when_the_lots_are_well_formed(officer, body):
    body["contractors"][0]["parts"][0]["lot"] = "P9"
    assert faults(post(officer, body)) == {("contractors.0.parts.0.lot", "unknown_lot")}


@pytest.mark.parametrize("place", ["startDate", "endDate"])
def test_a_wrong_day_makes_nothing_else_wrong(officer, body, place):
    body[place] = "31-12-2028"
    assert faults(post(officer, body)) == {(place, "invalid")}


def test_what_contracts_have_in_common_is_told_once(officer, body):
    other = new_provider(code="tweede", name="Tweede school (demo)", duo_number="0000000009")
    body["contractors"].append(
        deepcopy(body["contractors"][0])
        | {"provider": {"duoNumber": "0000000009"}, "number": "C-1"}
    )
    body["endDate"] = "2026-01-01"
    found = faults(post(officer, body))
    assert ("endDate", "ends_before_start") in found
    assert not any(field.startswith("contractors.0.e") for field, _code in found)
    assert {("contractors.0.number", "repeated"), ("contractors.1.number", "repeated")} <= found
    assert other.contracts.count() == 0


def test_shares_and_ranks_of_a_lot_must_fit(officer, body):
    body["lots"][0]["allocation"] = "share"
    body["contractors"][0]["parts"][0]["share"] = "60"
    assert faults(post(officer, body)) == {("contractors", "shares_not_100")}
    body["contractors"][0]["parts"][0]["share"] = "100"
    assert post(officer, body).status_code == 201


def test_a_provider_is_named_by_one_number_that_only_it_has(officer, body, school):
    contractor = body["contractors"][0]
    for number in ({}, {"kvkNumber": "12345678", "bowNumber": "BOW-7"}, "12345678"):
        contractor["provider"] = number
        assert faults(post(officer, body)) == {("contractors.0.provider", "one_number")}
    new_provider(code="dubbel", duo_number="0000000008", kvk_number="12345678")
    contractor["provider"] = {"kvkNumber": "12345678"}
    assert faults(post(officer, body)) == {("contractors.0.provider", "several_providers")}
    contractor["provider"] = {"bowNumber": "BOW-7"}
    assert post(officer, body).status_code == 201
    assert Contract.objects.get().provider == school


def test_municipalities_per_lot_and_who_pays(officer, body, municipality, region):
    neighbour = RegionMembershipFactory(region=region).municipality
    body["lots"][1]["municipalities"] = [neighbour.code, str(neighbour.uuid)]
    assert faults(post(officer, body)) == {("lots.1.municipalities.1", "takes_part_already")}
    body["lots"][1]["municipalities"] = [neighbour.code]
    body["payer"] = municipality.code
    assert post(officer, body).status_code == 201
    (row,) = Lot.objects.get(code="P2").participations.all()
    assert (row.municipality, row.payer) == (neighbour, municipality)
    assert faults(post(officer, body | {"buyer": "9999"})) == {("buyer", "unknown_reference")}


def test_another_role_registers_nothing(api_as, quality_officer, body):
    assert_problem(post(api_as(quality_officer), body), 403, "not_allowed", errors=[])


def test_a_lot_without_a_provider_is_a_warning_on_screen_too(
    officer, body, web_as, procurement_officer
):
    post(officer, body)
    contract, visitor = Contract.objects.get(), web_as(procurement_officer)
    page = visitor.get(f"/contracts/{contract.uuid}/activate").content.decode()
    assert "Geen aanbieder levert perceel P2" in page
    assert (
        "Geen contract levert: P2"
        in visitor.get(f"/tenders/{contract.tender.uuid}").content.decode()
    )
    # It keeps nobody from going on.
    assert visitor.post(f"/contracts/{contract.uuid}/activate").status_code == 302
    Lot.objects.get(code="P2").delete()
    page = visitor.get(f"/tenders/{contract.tender.uuid}").content.decode()
    assert "Percelen zonder aanbieder" not in page
