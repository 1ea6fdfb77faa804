"""What is done with contracts on screen is done through the API by the same rules."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from backend.accounts.roles import Role
from backend.api.renderers import to_json
from backend.api.shapes import compile_shape
from backend.common.spreadsheets import write_csv
from procurement.choices import IndexationMethod
from procurement.models import (
    Clause,
    Contract,
    ContractLot,
    ContractVersion,
    IndexationRule,
    Lot,
    Tariff,
)
from procurement.services.contract_sheet_columns import CONTRACTS
from tests.factories.procurement import contract_for
from tests.support.entering import new_group, new_provider
from tests.support.problems import assert_problem
from tests.support.queries import assert_query_count, counted
from tests.support.resources import all_resources

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
NAMES = ("contracts", "contract-lots", "contract-versions", "lots", "tariffs")
RESOURCES = [one for one in all_resources() if str(one).strip("/") in NAMES]


@pytest.fixture
def officer(api_as, procurement_officer):
    return api_as(procurement_officer)


@pytest.fixture
def school():
    return new_group(new_provider()).course.provider


@pytest.fixture
def part(municipality, school):
    return contract_for(school.courses.get(), municipalities=[municipality], places=40)


@pytest.fixture
def draft(municipality, school):
    return contract_for(school.courses.get(), municipalities=[municipality], status="draft")


def post(client, path, body):
    return client.post(
        f"/api/v1/{path}", body, format="json", headers={"Idempotency-Key": str(uuid4())}
    )


def write(client, method, path, body=None):
    etag = client.get(f"/api/v1/{path}").headers["ETag"]
    send = getattr(client, method)
    return send(f"/api/v1/{path}", body, format="json", headers={"If-Match": etag})


def test_a_price_ends_on_a_day_with_a_reason(officer, part):
    tariff = part.tariffs.get()
    path = f"tariffs/{tariff.uuid}/end"
    refused = post(officer, path, {"validTo": "2024-01-01", "reason": " "})
    assert {one["field"] for one in refused.json()["errors"]} == {"reason"}
    answer = post(officer, path, {"validTo": "2026-12-31", "reason": "Nieuwe prijs"})
    assert answer.json()["validTo"] == "2026-12-31"


def test_what_is_not_agreed_yet_is_taken_out_of_a_draft(officer, draft):
    tariff, course = draft.tariffs.get(), draft.contract_courses.get().course
    assert write(officer, "delete", f"tariffs/{tariff.uuid}").status_code == 204
    shown = post(officer, f"contract-lots/{draft.uuid}/remove-course", {"course": str(course.uuid)})
    assert shown.json()["courses"] == []
    again = post(officer, f"contract-lots/{draft.uuid}/courses", {"courses": [str(course.uuid)]})
    assert [one["code"] for one in again.json()["courses"]] == [course.code]
    assert write(officer, "delete", f"contract-lots/{draft.uuid}").status_code == 204
    assert not ContractLot.objects.exists()
    assert not Tariff.objects.exists()
    assert Lot.objects.exists()


def test_nothing_is_taken_out_of_a_contract_in_force(officer, part):
    tariff = part.tariffs.get()
    answer = write(officer, "delete", f"tariffs/{tariff.uuid}")
    assert_problem(answer, 409, "contract_state", errors=[])
    assert write(officer, "delete", f"contract-lots/{part.uuid}").status_code == 409
    assert Tariff.objects.filter(pk=tariff.pk).exists()


def test_removing_asks_for_the_version_that_was_read(officer, draft):
    path = f"/api/v1/tariffs/{draft.tariffs.get().uuid}"
    assert_problem(officer.delete(path), 428, "if_match_missing", errors=[])
    stale = officer.delete(path, headers={"If-Match": '"of-yesterday"'})
    assert stale.status_code == 412
    assert Tariff.objects.exists()


def test_a_lot_changes_until_a_contract_for_it_is_in_force(officer, draft):
    path = f"lots/{draft.lot.uuid}"
    answer = write(officer, "patch", path, {"title": "B1 in de avond", "volumeMax": 90})
    assert (answer.json()["title"], answer.json()["volumeMax"]) == ("B1 in de avond", 90)
    missing = write(officer, "patch", path, {"components": ["Z"]})
    assert [one["code"] for one in missing.json()["errors"]] == ["component_in_use"]
    Contract.objects.update(status="active")
    assert_problem(write(officer, "patch", path, {"title": "Te laat"}), 409, "lot_in_use")


def test_a_municipality_joins_and_leaves_a_lot(officer, part, municipality):
    path = f"lots/{part.lot.uuid}"
    body = {
        "municipality": str(municipality.uuid),
        "validTo": "2026-12-31",
        "reason": "Herindeling",
    }
    left = post(officer, f"{path}/leave", body)
    assert left.json()["municipalities"][0]["validTo"] == "2026-12-31"
    late = post(officer, f"{path}/leave", body | {"validTo": "2027-12-31"})
    assert [one["code"] for one in late.json()["errors"]] == ["takes_no_part"]
    joined = post(
        officer,
        f"{path}/municipalities",
        {
            "municipalities": [
                {
                    "municipality": str(municipality.uuid),
                    "validFrom": "2027-01-01",
                    "payer": str(municipality.uuid),
                }
            ]
        },
    )
    assert [one["payer"] for one in joined.json()["municipalities"]][-1]["name"] == "Eigenstad"


def test_indexation_shows_every_price_before_it_changes_one(officer, part):
    body = {
        "contract": str(part.contract.uuid),
        "effectiveDate": "2027-01-01",
        "percentage": "3.30",
        "rounding": "0.05",
    }
    shown = post(officer, "indexations/preview", body)
    assert shown.status_code == 200, shown.content
    [price] = shown.json()["prices"]
    assert (price["oldAmount"], price["newAmount"], price["difference"]) == (
        "14.50",
        "15.00",
        "0.50",
    )
    assert Tariff.objects.count() == 1
    late = post(officer, "indexations/preview", body | {"effectiveDate": "2020-01-01"})
    assert "outside_contract" in {one["code"] for one in late.json()["errors"]}


def test_the_indexation_rule_is_set_and_shown_with_the_contract(officer, part):
    path = f"contracts/{part.contract.uuid}"
    refused = post(officer, f"{path}/indexation-rule", {"method": "index", "firstYear": 2027})
    assert [one["field"] for one in refused.json()["errors"]] == ["indexName"]
    rule = {"method": "fixed", "firstYear": 2027, "percentage": "2.00"}
    answer = post(officer, f"{path}/indexation-rule", rule)
    assert answer.json()["indexationRule"]["percentage"] == "2.00"
    assert IndexationRule.objects.get().method == IndexationMethod.FIXED


def test_an_amendment_with_ceilings_is_corrected_and_a_draft_withdrawn(officer, part):
    body = {
        "contract": str(part.contract.uuid),
        "effectiveDate": "2027-01-01",
        "reason": "Meer plaatsen",
        "ceilings": [{"contractLot": str(part.uuid), "places": 60}],
    }
    amended = post(officer, "contract-versions", body).json()
    assert [one["ceilingPlaces"] for one in amended["lots"]] == [60]
    confirmed = post(officer, f"contract-versions/{amended['id']}/confirm", {}).json()
    assert confirmed["agreedAt"]
    for day, number in (("2026-12-31", 1), ("2027-01-01", 2)):
        held = officer.get("/api/v1/contract-versions", {"heldOn": day}).json()["items"]
        assert [one["number"] for one in held] == [number]
    corrected = post(
        officer,
        f"contract-versions/{amended['id']}/correct",
        {"reason": "Het waren er 55", "ceilings": [{"contractLot": str(part.uuid), "places": 55}]},
    )
    assert corrected.status_code == 201
    found = corrected.json()
    assert (found["kind"], found["replaces"]["number"]) == ("correction", 2)
    assert corrected.headers["Location"].endswith(found["id"])
    assert write(officer, "delete", f"contract-versions/{found['id']}").status_code == 204
    assert ContractVersion.objects.count() == 2
    locked = write(officer, "delete", f"contract-versions/{amended['id']}")
    assert_problem(locked, 409, "version_locked", errors=[])


def test_clauses_are_chosen_from_the_library_changed_and_removed(officer, draft):
    contract = draft.contract
    version = ContractVersion.objects.create(
        contract=contract,
        number=1,
        title="Concept",
        effective_date=contract.start_date,
        end_date=contract.end_date,
    )
    path = f"contract-versions/{version.uuid}/clauses"
    assert post(officer, path, {"kinds": ["acceptance", "ceiling"]}).status_code == 200
    assert set(Clause.objects.values_list("kind", flat=True)) == {"acceptance", "ceiling"}
    clause = Clause.objects.get(kind="acceptance")
    changed = write(officer, "patch", f"clauses/{clause.uuid}", {"parameters": {"working_days": 3}})
    assert changed.json()["parameters"] == {"working_days": 3}
    assert write(officer, "delete", f"clauses/{clause.uuid}").status_code == 204
    assert post(officer, path, {}).status_code == 200
    assert Clause.objects.filter(kind="acceptance").exists()


def sheet_row(**changes):
    base = {
        "number": "C-1",
        "title": "Raamovereenkomst",
        "provider": "0000000001",
        "start_date": date(2027, 1, 1),
        "end_date": date(2028, 12, 31),
        "lot": "P9",
        "component": "B",
        "unit": "learner_hour",
        "valid_from": date(2027, 1, 1),
        "amount": Decimal("14.50"),
        "execution": "effort",
    }
    return base | changes


def upload(client, municipality, rows):
    return client.post(
        "/api/v1/contract-sheets",
        {
            "buyer": str(municipality.uuid),
            "file": SimpleUploadedFile("contracten.csv", write_csv(CONTRACTS, rows)),
        },
        format="multipart",
        headers={"Idempotency-Key": str(uuid4())},
    )


def test_a_sheet_of_contracts_is_checked_and_then_committed(officer, municipality, school):
    checked = upload(officer, municipality, [sheet_row()])
    assert checked.status_code == 201, checked.content
    sheet = checked.json()
    assert (sheet["report"]["new"], sheet["report"]["faults"]) == (["C-1"], [])
    assert not Contract.objects.exists()
    done = post(officer, f"contract-sheets/{sheet['id']}/commit", {})
    assert done.json()["committedAt"]
    assert Contract.objects.get().number == "C-1"
    again = post(officer, f"contract-sheets/{sheet['id']}/commit", {})
    assert_problem(again, 409, "sheet_taken_over", errors=[])


def test_a_sheet_with_mistakes_reports_them_and_commits_nothing(officer, municipality, school):
    sheet = upload(officer, municipality, [sheet_row(provider="Bestaat Niet")]).json()
    assert [one["code"] for one in sheet["report"]["faults"]] == ["unknown_provider"]
    refused = post(officer, f"contract-sheets/{sheet['id']}/commit", {})
    assert refused.status_code == 400
    assert not Contract.objects.exists()


def test_the_contract_calendar_is_read_through_the_api(officer, part):
    found = officer.get(
        "/api/v1/contract-deadlines", {"firstDate": "2028-12-01", "lastDate": "2028-12-31"}
    )
    [end] = found.json()["items"]
    assert (end["kind"], end["dayDate"]) == ("contract_ends", "2028-12-31")
    assert end["contract"] == str(part.contract.uuid)
    known = officer.get(
        "/api/v1/contract-deadlines",
        {"firstDate": "2028-12-01", "lastDate": "2028-12-31"},
        headers={"If-None-Match": found.headers["ETag"]},
    )
    assert known.status_code == 304
    period = {"firstDate": "2028-12-01", "lastDate": "2028-12-31"}
    for more, number in (
        ({"kind": "contract_ends,notice"}, 1),
        ({"kind": "notice"}, 0),
        ({"search": part.contract.number}, 1),
        ({"search": "somewhere else"}, 0),
    ):
        some = officer.get("/api/v1/contract-deadlines", period | more)
        assert len(some.json()["items"]) == number, more
    for asked in (
        {"kind": "contract_ends,nothing"},
        {"lastDate": "1999-01-01"},
        {"firstDate": "2000-01-01", "lastDate": "2030-01-01"},
        {"firstDate": "morgen"},
        {"from": "2026-01-01"},
    ):
        assert officer.get("/api/v1/contract-deadlines", asked).status_code == 400, asked


@pytest.mark.parametrize("resource", RESOURCES, ids=str)
def test_lists_show_what_the_serializer_says(resource, part, draft, make_actor, municipality):
    IndexationRule.objects.create(
        contract=part.contract, method="index", index_name="CPI", first_year=2027
    )
    view = resource.view(make_actor(Role.PROCUREMENT_OFFICER, municipality))
    queryset = view.get_queryset().order_by("pk")
    expected = [view.serializer_class(one).data for one in queryset]
    shape = compile_shape(view.serializer_class, view.model)
    assert orjson.loads(to_json(shape.rows(queryset))) == orjson.loads(to_json(expected))


@pytest.mark.parametrize("name", NAMES)
def test_the_number_of_queries_stays_with_more_rows(name, officer, part, municipality, school):
    def count():
        officer.get(f"/api/v1/{name}")
        with counted() as queries:
            assert officer.get(f"/api/v1/{name}").status_code == 200
        return len(queries)

    before = count()
    for _number in range(3):
        contract_for(school.courses.get(), municipalities=[municipality], places=10)
    assert count() == before
    assert_query_count(f"GET /api/v1/{name} with contracts", before)


def test_the_list_of_sheets_costs_the_same_for_more_sheets(officer, municipality, school):
    def count():
        officer.get("/api/v1/contract-sheets")
        with counted() as queries:
            assert officer.get("/api/v1/contract-sheets").status_code == 200
        return len(queries)

    upload(officer, municipality, [sheet_row()])
    before = count()
    for number in range(3):
        upload(officer, municipality, [sheet_row(number=f"C-{number}")])
    assert count() == before
    assert_query_count("GET /api/v1/contract-sheets with contracts", before)
