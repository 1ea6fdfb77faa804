"""Budgets, ledger, claims, clauses and findings through the API."""

from uuid import uuid4

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.api.renderers import to_json
from backend.api.shapes import compile_shape
from procurement.models import Claim, ClauseBreach, LedgerEntry
from tests.factories.money import money_world, open_call_off
from tests.support.queries import assert_query_count
from tests.support.resources import all_resources

pytestmark = pytest.mark.django_db
NAMES = (
    "budgets",
    "expenses",
    "ledger-entries",
    "claims",
    "clauses",
    "clause-breaches",
    "milestones",
)
RESOURCES = [one for one in all_resources() if str(one).strip("/") in NAMES]


@pytest.fixture
def world(municipality, provider, frozen_clock):
    return money_world(municipality, provider)


@pytest.fixture
def officer(api_as, procurement_officer):
    return api_as(procurement_officer)


@pytest.fixture
def planner(api_as, provider_planner):
    return api_as(provider_planner)


def post(client, path, body):
    return client.post(
        f"/api/v1/{path}", body, format="json", headers={"Idempotency-Key": str(uuid4())}
    )


def claim_body(world, **changes):
    line = {
        "lineReference": "A1",
        "reference": str(world.call_offs[0].reference),
        "startDate": "2026-09-01",
        "endDate": "2026-09-30",
        "unit": "learner_hour",
        "quantity": "1.00",
        "rate": "14.50",
        "amount": "14.50",
    }
    return {
        "contract": str(world.contract.uuid),
        "municipality": str(world.budget.municipality.uuid),
        "number": "API-1",
        "month": "2026-09-01",
        "lines": [line | changes],
    }


def test_all_seven_resources_are_served():
    assert len(RESOURCES) == len(NAMES)


@pytest.mark.parametrize("resource", RESOURCES, ids=str)
def test_lists_show_what_the_serializer_says(resource, world):
    view = resource.view(world.actor)
    queryset = view.get_queryset().order_by("pk")
    expected = [view.serializer_class(one).data for one in queryset]
    shape = compile_shape(view.serializer_class, view.model)
    assert orjson.loads(to_json(shape.rows(queryset))) == orjson.loads(to_json(expected))
    assert expected or str(resource).endswith("expenses")


@pytest.mark.parametrize("name", NAMES)
def test_the_number_of_queries_stays_with_more_rows(name, officer, world, municipality):
    def count():
        officer.get(f"/api/v1/{name}")
        with CaptureQueriesContext(connection) as queries:
            assert officer.get(f"/api/v1/{name}").status_code == 200
        return len(queries)

    before = count()
    world.contract_lot.ceiling.places = 50
    world.contract_lot.ceiling.save()
    for _number in range(4):
        open_call_off(world, municipality)
    money_world(municipality, world.contract.provider.organisation, prefix="n", year=2027)
    assert count() == before
    assert_query_count(f"GET /api/v1/{name} with money", before)


def test_a_claim_is_sent_and_answered_per_line(planner, officer, world):
    sent = post(planner, "claims", claim_body(world)).json()
    assert (sent["state"], sent["lines"][0]["state"]) == ("submitted", "pending")
    wrong = claim_body(world, lineReference="A2", rate="15.00", amount="15.00")
    refused = post(planner, "claims", wrong | {"number": "API-2"}).json()
    assert refused["lines"][0]["faults"] == ["tariff_mismatch", "credit_chain_broken"]

    answer = post(officer, f"claims/{sent['id']}/assess", {})
    assert answer.json()["lines"][0]["state"] == "approved"
    assert post(officer, f"claims/{sent['id']}/assess", {}).json()["code"] == "claim_assessed"


def test_a_claim_that_is_wrong_as_a_whole_names_every_fault(planner, world):
    body = claim_body(world, endDate="2026-08-01")
    body["lines"] *= 2
    problem = post(planner, "claims", body).json()
    assert {(one["field"], one["code"]) for one in problem["errors"]} == {
        ("lines.0.endDate", "ends_before_start"),
        ("lines.0.lineReference", "reference_not_unique"),
        ("lines.1.endDate", "ends_before_start"),
        ("lines.1.lineReference", "reference_not_unique"),
    }
    assert Claim.objects.count() == 1


def test_a_line_is_refused_with_a_reason(officer, world):
    line = world.claim.lines.first()
    path = f"claims/{world.claim.uuid}/assess"
    answer = post(officer, path, {"refusals": [{"line": str(line.uuid), "reason": "Dubbel"}]})
    states = {one["id"]: one["state"] for one in answer.json()["lines"]}
    assert states[str(line.uuid)] == "refused"
    assert sorted(states.values()) == ["approved", "refused"]


def test_a_clause_goes_into_the_draft_only(officer, world):
    body = {"contract": str(world.draft.uuid), "kind": "report", "parameters": {"months": 0}}
    problem = post(officer, "clauses", body).json()
    assert [one["field"] for one in problem["errors"]] == ["parameters.months"]
    made = post(officer, "clauses", body | {"parameters": {"months": 6}}).json()
    assert made["parameters"] == {"months": 6, "working_days": 15}
    locked = post(officer, "clauses", body | {"contract": str(world.contract.uuid)})
    assert locked.json()["code"] == "clause_locked"


def test_a_finding_is_resolved_with_a_note(officer, planner, world):
    path = f"clause-breaches/{world.breach.uuid}"
    assert post(planner, f"{path}/acknowledge", {"note": "Gezien"}).status_code == 200
    assert post(officer, f"{path}/resolve", {}).status_code == 400
    assert post(officer, f"{path}/resolve", {"note": "Klaar"}).json()["state"] == "resolved"
    assert ClauseBreach.objects.get(pk=world.breach.pk).note == "Klaar"


def test_the_ledger_is_filtered_by_placement(planner, world):
    reference = str(world.call_offs[0].reference)
    found = planner.get("/api/v1/ledger-entries", {"placementReference": reference}).json()
    assert found["total"] == LedgerEntry.objects.filter(call_off=world.call_offs[0]).count()
    assert {one["placementReference"] for one in found["items"]} == {reference}


def test_a_budget_changes_with_if_match(officer, world):
    path = f"/api/v1/budgets/{world.budget.uuid}"
    etag = officer.get(path).headers["ETag"]
    changed = officer.patch(path, {"amount": "1.00"}, format="json", headers={"If-Match": etag})
    assert changed.json()["amount"] == "1.00"
