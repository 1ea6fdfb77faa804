"""Around a run over the API: preview, what it changed, refusing a proposal, and what-if."""

from datetime import date
from uuid import uuid4

import pytest

from backend.outbox.public import consume
from tests.factories.matching import contracted_intake, need
from tests.support.queries import counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def post(client, path, body):
    headers = {"Idempotency-Key": str(uuid4())}
    return client.post(f"/api/v1/{path}", body, format="json", headers=headers)


def run_of(office, region):
    asked = post(office, "match-runs", {"organisation": str(region.uuid)})
    consume()
    return office.get(asked["Location"]).json()


def test_preview_run_changes_what_if_and_refusal(
    api_as, caseworker, regional_coordinator, region, municipality
):
    office, desk = api_as(regional_coordinator), api_as(caseworker)
    first = contracted_intake(municipality, seats_total=1, start_date=date(2027, 1, 11))
    other = contracted_intake(municipality, seats_total=1, start_date=date(2027, 2, 1))
    need(municipality)

    preview = office.get(f"/api/v1/match-runs/preview?organisation={region.uuid}").json()
    assert (preview["needs"], preview["byTier"], preview["seats"]) == (4, [0, 0, 4], 2)
    assert preview["organisation"]["code"] == region.code
    unknown = office.get(f"/api/v1/match-runs/preview?organisation={uuid4()}")
    assert unknown.status_code == 400

    run = run_of(office, region)
    changes = office.get(f"/api/v1/match-runs/{run['id']}/changes").json()
    assert changes == {"previousRun": None, "counts": None}
    found = desk.get(f"/api/v1/match-proposals?run={run['id']}&component=B").json()["items"]
    proposal = found[0]
    assert proposal["intakeMoment"]["id"] == str(first.uuid)
    assert proposal["decision"] is None
    assert proposal["reservedUntilAt"] == run["reservedUntilAt"]

    address = f"/api/v1/match-proposals/{proposal['id']}"
    effect = desk.get(f"{address}/what-if?intakeMoment={other.uuid}").json()
    assert (effect["fits"], effect["isProposed"]) == (True, False)
    assert effect["loses"] == effect["moves"] == effect["gains"] == [0, 0, 0]

    path = f"match-proposals/{proposal['id']}/decline"
    assert post(desk, path, {"reason": "wrong"}).status_code == 400
    refused = post(desk, path, {"reason": "not_wanted"})
    assert (refused.status_code, refused.json()["decision"]["kind"]) == (201, "declined")
    again = post(desk, path, {"reason": "not_wanted"})
    assert (again.status_code, again.json()["code"]) == (409, "proposal_decided")
    listed = desk.get("/api/v1/match-proposals?decision=declined").json()["items"]
    assert [one["id"] for one in listed] == [proposal["id"]]

    second = run_of(office, region)
    changes = office.get(f"/api/v1/match-runs/{second['id']}/changes").json()
    assert changes["previousRun"] == run["id"]
    assert changes["counts"]["other_place"] == 1


def test_the_list_of_proposals_asks_the_same_number_of_questions_for_any_number(
    web_as, api_as, caseworker, regional_coordinator, region, municipality
):
    office, client = api_as(regional_coordinator), web_as(caseworker)

    def questions():
        need(municipality)
        contracted_intake(municipality)
        run = run_of(office, region)
        address = f"/match-runs/{run['id']}/proposals"
        client.get(address)
        with counted() as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    assert questions() == questions()
