"""The API of matching: who sees which columns, what commands answer, what mistakes get."""

import copy
from datetime import date
from uuid import uuid4

import pytest

from backend.accounts.public import Role, accounts_actor, grant_permission, grant_role
from backend.audit.models import AccessEvent
from backend.organisations.permissions import Permission
from backend.outbox.public import consume
from matching.choices import PlacementState
from matching.models import Participant, Pip, Placement
from tests.factories.matching import (
    contracted_intake,
    everything,
    need,
    participant,
    pip,
    placement,
)
from tests.factories.providers import IntakeMomentFactory, SeatClaimFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]

PIP_BODY = {
    "decisionDate": "2026-09-01",
    "route": "B",
    "level": "B1",
    "literacy": "NVT",
    "entryLevel": "A0",
    "hoursPerWeek": 12,
    "availability": ["MO1", "WE1"],
    "latitude": 52.1,
    "longitude": 5.1,
    "earliestStartDate": "2026-09-14",
    "latestStartDate": "2027-06-30",
}
PERSON_BODY = {
    "reference": "k-1",
    "obligationStartDate": "2026-06-01",
    "settlementDate": "2026-07-01",
    "notifiedAtDate": "2026-07-15",
    "targetGroup": "asylum",
}


def post(client, path, body=None, *, key=None, **headers):
    headers = {"Idempotency-Key": key or str(uuid4()), **headers}
    return client.post(f"/api/v1/{path}", body or {}, format="json", headers=headers)


def problem(response, status):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    return response.json()


def errors(body):
    return [(one["field"], one["code"]) for one in body["errors"]]


@pytest.fixture
def desk(api_as, caseworker):
    return api_as(caseworker)


@pytest.fixture
def school(api_as, provider_planner):
    return api_as(provider_planner)


def test_from_person_to_accepted_place(desk, school, municipality, provider):
    intake = contracted_intake(municipality, provider=provider)
    person = post(desk, "participants", {**PERSON_BODY, "municipality": municipality.code})
    assert person.status_code == 201
    plan = post(desk, "pips", {**PIP_BODY, "participant": person.json()["id"]})
    assert plan.status_code == 201
    assert [one["component"] for one in plan.json()["needs"]] == ["B", "KNM", "MAP", "PVT"]
    advice = post(desk, f"pips/{plan.json()['id']}/recommendations")
    assert advice.status_code == 201
    (best,) = advice.json()["result"]["candidates"]
    assert advice["Location"] == f"/api/v1/match-records/{advice.json()['id']}"
    again = desk.get(f"/api/v1/pips/{plan.json()['id']}/recommendations")
    assert again.json() == advice.json()
    held = post(
        desk,
        "placements",
        {
            "need": advice.json()["need"]["id"],
            "intakeMoment": best["intakeMomentId"],
            "matchRecord": advice.json()["id"],
            "motivation": "Dichtbij huis.",
        },
    )
    assert (held.status_code, held.json()["state"]) == (201, "draft")
    path = f"placements/{held.json()['id']}"
    # A held seat is the municipality's own business.
    assert school.get(f"/api/v1/{path}").status_code == 404
    assert post(desk, f"{path}/offer").json()["state"] == "offered"
    assert [one["id"] for one in school.get("/api/v1/placements").json()["items"]] == [
        held.json()["id"]
    ]
    accepted = post(school, f"{path}/accept", {"messageId": str(uuid4())})
    assert (accepted.status_code, accepted.json()["state"]) == (200, "accepted")
    assert desk.get(f"/api/v1/{path}").json()["state"] == "accepted"
    assert Placement.objects.get().intake_moment == intake


PLACE_KEYS = {
    "id", "courseName", "component", "providerName", "locationName", "place", "startDate",
    "endDate",
}  # fmt: skip
REFERENCE_KEYS = {"id", "code", "name"}
EVENT_KEYS = {"id", "state", "happenedAt", "reasonCode", "note"}


def test_the_municipality_sees_exactly_these_keys(desk, municipality):
    found = placement(municipality, state=PlacementState.OFFERED)
    body = desk.get(f"/api/v1/placements/{found.uuid}").json()
    assert set(body) == {
        "id", "need", "participant", "municipality", "provider", "intakeMoment", "state",
        "matchRecord", "motivation", "overruledRules", "isReferral", "heldUntilAt", "offeredAt",
        "answerDueAt", "startDate", "endDate", "events", "createdAt",
    }  # fmt: skip
    assert set(body["participant"]) == {"id", "reference"}
    assert set(body["intakeMoment"]) == PLACE_KEYS


def test_the_provider_sees_exactly_these_keys(school, municipality, provider):
    intake = contracted_intake(municipality, provider=provider)
    found = placement(municipality, intake=intake, state=PlacementState.OFFERED)
    body = school.get(f"/api/v1/placements/{found.uuid}").json()
    assert set(body) == {
        "id", "need", "participant", "municipality", "intakeMoment", "state", "isReferral",
        "offeredAt", "answerDueAt", "startDate", "endDate", "events",
    }  # fmt: skip
    assert set(body["need"]) == {"id", "component", "pip"}
    assert set(body["need"]["pip"]) == {
        "route", "level", "literacy", "entryLevel", "hoursPerWeek", "needsChildcare",
        "needsWheelchairAccess",
    }  # fmt: skip
    assert set(body["participant"]) == {"id"}
    assert set(body["municipality"]) == REFERENCE_KEYS
    assert set(body["intakeMoment"]) == PLACE_KEYS
    assert {key for event in body["events"] for key in event} == EVENT_KEYS


def test_somebody_with_both_roles_gets_the_narrower_view(
    api_as, caseworker, make_user, municipality, provider
):
    both = make_user(Role.CASEWORKER, municipality)
    grant_role(
        actor=accounts_actor("test", provider),
        user=both,
        organisation=provider,
        role=Role.PROVIDER_PLANNER,
    )
    placement(municipality, state=PlacementState.OFFERED)
    (item,) = api_as(both).get("/api/v1/placements").json()["items"]
    assert "motivation" not in item


def test_a_name_is_seen_by_the_own_desk_and_the_accepting_school_and_every_look_is_logged(
    desk,
    school,
    api_as,
    other_caseworker,
    other_provider_planner,
    regional_coordinator,
    municipality,
    provider,
):
    intake = contracted_intake(municipality, provider=provider)
    found = placement(municipality, intake=intake, state=PlacementState.OFFERED)
    path = f"/api/v1/participants/{found.participant.uuid}/identity"
    assert desk.get(path).json()["givenName"] == "Testa"
    assert school.get(path).status_code == 404
    post(school, f"placements/{found.uuid}/accept")
    assert school.get(path).json()["familyName"] == "Voorbeeld"
    for other in (other_caseworker, other_provider_planner):
        assert api_as(other).get(path).status_code == 404
    assert api_as(regional_coordinator).get(path).status_code in {403, 404}
    looks = AccessEvent.objects.filter(subject_uuid=found.participant.uuid)
    assert looks.count() == 2


def test_the_name_is_entered_apart(desk, municipality):
    person = participant(municipality, identity=None)
    path = f"participants/{person.uuid}/identity"
    assert desk.get(f"/api/v1/{path}").status_code == 404
    body = {"givenName": "Nieuw", "familyName": "Naam"}
    assert post(desk, path, body).status_code == 201
    assert desk.get(f"/api/v1/{path}").json()["givenName"] == "Nieuw"


def test_the_work_list_has_tiers_and_filters(desk, municipality):
    need(municipality)
    urgent = need(municipality, latest_start_date=date(2026, 12, 1))
    items = desk.get("/api/v1/needs?component=B").json()["items"]
    assert [(one["id"] == str(urgent.uuid), one["tier"]) for one in items] == [
        (True, 1),
        (False, 3),
    ]
    assert desk.get("/api/v1/needs?tier=1&state=waiting").json()["total"] == 1
    assert desk.get("/api/v1/needs?waitingSinceFrom=2026-12-01").json()["total"] == 0


def test_a_run_is_asked_for_watched_and_taken_over_person_by_person(
    desk, api_as, regional_coordinator, region, municipality
):
    contracted_intake(municipality)
    need(municipality)
    office = api_as(regional_coordinator)
    assert post(desk, "match-runs", {"organisation": str(region.uuid)}).status_code == 403
    asked = post(office, "match-runs", {"organisation": str(region.uuid)})
    assert (asked.status_code, asked.json()["state"]) == (201, "queued")
    consume()
    run = office.get(asked["Location"]).json()
    assert (run["state"], run["progress"], run["summary"]["placed"]) == ("done", 100, 1)
    nested = desk.get(f"/api/v1/match-runs/{run['id']}/proposals?component=B").json()
    mine = desk.get(f"/api/v1/match-proposals?run={run['id']}&component=B").json()["items"]
    assert nested["items"] == mine
    assert mine[0]["score"] == sum(mine[0]["factors"].values())
    taken = post(desk, f"match-proposals/{mine[0]['id']}/accept", {"motivation": "Akkoord."})
    assert (taken.status_code, taken.json()["state"]) == (201, "offered")


# --- bad input: each mistake its problem, with a stable code and a Dutch sentence ---


def test_a2_on_the_education_route_and_dates_out_of_order_come_together(desk, municipality):
    person = participant(municipality)
    body = {
        **PIP_BODY,
        "participant": str(person.uuid),
        "route": "O",
        "level": "A2",
        "latestStartDate": "2026-09-02",
    }
    found = problem(post(desk, "pips", body), 400)
    assert found["code"] == "pip_invalid"
    assert errors(found) == [
        ("level", "level_not_for_education_route"),
        ("latestStartDate", "start_dates_out_of_order"),
    ]
    assert found["errors"][0]["detail"] == (
        "De onderwijsroute leidt op tot B1 of B2. Kies een hoger niveau of een andere leerroute."
    )
    assert not Pip.objects.exists()


def test_an_unknown_municipality(desk):
    found = problem(post(desk, "participants", {**PERSON_BODY, "municipality": "0000"}), 400)
    assert errors(found) == [("municipality", "unknown_municipality")]
    assert not Participant.objects.exists()


def test_malformed_json_and_unknown_fields(desk, municipality):
    headers = {"Idempotency-Key": "x"}
    response = desk.post("/api/v1/pips", "{", content_type="application/json", headers=headers)
    assert problem(response, 400)["code"] == "malformed_json"
    body = {**PIP_BODY, "participant": str(uuid4()), "levl": "A2"}
    assert errors(problem(post(desk, "pips", body), 400)) == [
        ("participant", "unknown_reference"),
        ("levl", "unknown_field"),
    ]


def test_an_unknown_filter(desk):
    found = problem(desk.get("/api/v1/needs?levl=A2"), 400)
    assert (found["code"], errors(found)) == (
        "unknown_parameter",
        [("levl", "unknown_parameter")],
    )


def place_body(one, intake):
    return {"need": str(one.uuid), "intakeMoment": str(intake.uuid)}


def test_a_place_outside_the_contract(desk, municipality):
    body = place_body(need(municipality), IntakeMomentFactory())
    found = problem(post(desk, "placements", body), 409)
    assert found["code"] == "placement_infeasible"
    assert errors(found) == [("intakeMoment", "REGION_CONTRACT")]
    assert found["errors"][0]["detail"].startswith("Uw gemeente heeft geen contract")
    assert not Placement.objects.exists()


def test_a_full_intake_moment(desk, municipality):
    intake = contracted_intake(municipality, seats_total=1)
    SeatClaimFactory(intake_moment=intake)
    found = problem(post(desk, "placements", place_body(need(municipality), intake)), 409)
    assert found["code"] == "intake_full"
    assert errors(found) == [("intakeMoment", "SEATS")]


def test_a_person_of_another_municipality_is_unknown(desk, municipality, other_municipality):
    intake = contracted_intake(municipality, other_municipality)
    body = place_body(need(other_municipality), intake)
    assert errors(problem(post(desk, "placements", body), 400)) == [("need", "unknown_reference")]


def test_a_stale_etag(desk, municipality):
    found = placement(municipality)
    path = f"/api/v1/placements/{found.uuid}"
    etag = desk.get(path)["ETag"]
    change = {"motivation": "Eerste."}
    first = desk.patch(path, change, format="json", headers={"If-Match": etag})
    assert (first.status_code, first.json()["motivation"]) == (200, "Eerste.")
    second = desk.patch(path, {"motivation": "Tweede."}, format="json", headers={"If-Match": etag})
    assert problem(second, 412)["code"] == "precondition_failed"
    missing = desk.patch(path, change, format="json")
    assert problem(missing, 428)["code"] == "if_match_missing"


def test_a_replayed_key_gives_the_same_answer_and_another_body_a_conflict(desk, municipality):
    intake, one = contracted_intake(municipality), need(municipality)
    body = place_body(one, intake)
    first = post(desk, "placements", body, key="k-1")
    again = post(desk, "placements", copy.deepcopy(body), key="k-1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotency-Replayed"] == "true"
    other = post(desk, "placements", {**body, "offer": True}, key="k-1")
    assert problem(other, 409)["code"] == "idempotency_key_reused"
    assert Placement.objects.count() == 1
    no_key = desk.post("/api/v1/placements", body, format="json")
    assert problem(no_key, 400)["code"] == "idempotency_key_missing"


def test_a_step_that_is_not_possible(desk, municipality):
    found = placement(municipality, state=PlacementState.WITHDRAWN)
    response = post(desk, f"placements/{found.uuid}/offer")
    assert problem(response, 409)["code"] == "transition_not_possible"


def test_commands_of_the_wrong_side(desk, school, municipality, provider):
    intake = contracted_intake(municipality, provider=provider)
    found = placement(municipality, intake=intake, state=PlacementState.OFFERED)
    assert problem(post(desk, f"placements/{found.uuid}/accept"), 403)["code"] == "not_allowed"
    body = {"reason": "moved"}
    assert problem(post(school, f"placements/{found.uuid}/withdraw", body), 403)
    found.refresh_from_db()
    assert found.state == PlacementState.OFFERED


def test_an_infeasible_place_by_right_and_reason(api_as, caseworker, municipality):
    intake, one = contracted_intake(municipality), need(municipality, literacy="AA")
    body = {**place_body(one, intake), "overruleReason": "Leest wel."}
    body["overruledRules"] = ["LITERACY"]
    refused = problem(post(api_as(caseworker), "placements", body), 403)
    assert refused["code"] == "overrule_not_allowed"
    grant_permission(
        actor=accounts_actor("test", municipality),
        user=caseworker,
        organisation=municipality,
        permission=Permission.OVERRULE,
        reason="Teamleider.",
    )
    done = post(api_as(caseworker), "placements", body)
    assert done.json()["overruledRules"] == ["LITERACY"]


@pytest.mark.parametrize(
    ("named", "code"), [(["DISTANCE"], "overrule_incomplete"), (["MARK"], "invalid_choice")]
)
def test_a_reason_names_what_it_sets_aside(api_as, caseworker, municipality, named, code):
    grant_permission(
        actor=accounts_actor("test", municipality),
        user=caseworker,
        organisation=municipality,
        permission=Permission.OVERRULE,
        reason="Teamleider.",
    )
    intake, one = contracted_intake(municipality), need(municipality, literacy="AA")
    body = {**place_body(one, intake), "overruleReason": "Leest wel.", "overruledRules": named}
    found = problem(post(api_as(caseworker), "placements", body), 400)
    assert code in {found["code"], *(one["code"] for one in found["errors"])}
    assert not Placement.objects.exists()


def test_a_plan_that_waits_for_nothing_gets_no_recommendation(desk, municipality):
    plan = pip(municipality)
    plan.needs.update(state="closed")
    response = post(desk, f"pips/{plan.uuid}/recommendations")
    assert problem(response, 409)["code"] == "already_placed"
    assert desk.get(f"/api/v1/pips/{plan.uuid}/recommendations").status_code == 404
    assert everything(municipality)
