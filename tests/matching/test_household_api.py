"""Households and bundles over the API."""

from uuid import uuid4

import pytest

from matching.models import Household
from tests.factories.matching import contracted_intake, pip

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def post(client, path, body=None):
    headers = {"Idempotency-Key": str(uuid4())}
    return client.post(f"/api/v1/{path}", body or {}, format="json", headers=headers)


def body_of(*plans, **fields):
    return {"participants": [str(one.participant.uuid) for one in plans], **fields}


def test_a_household_is_made_read_changed_and_removed(api_as, caseworker, municipality):
    client = api_as(caseworker)
    first, second, third = (pip(municipality) for _ in range(3))
    made = post(client, "households", body_of(first, second, untilDate="2027-03-01"))
    assert made.status_code == 201, made.content
    found = made.json()
    assert found["coupling"] == "together"
    assert found["wish"] == "same_place"
    assert found["untilDate"] == "2027-03-01"
    assert {one["reference"] for one in found["participants"]} == {
        first.participant.reference,
        second.participant.reference,
    }
    url = made["Location"]
    listed = client.get("/api/v1/households", {"participant": str(first.participant.uuid)})
    assert [one["id"] for one in listed.json()["items"]] == [found["id"]]
    change = body_of(first, third, wish="opposite_times")
    headers = {"If-Match": client.get(url)["ETag"]}
    changed = client.patch(url, change, format="json", headers=headers)
    assert changed.status_code == 200, changed.content
    assert changed.json()["wish"] == "opposite_times"
    assert changed.json()["untilDate"] == "2027-03-01"
    stale = client.patch(url, {"coupling": "split"}, format="json", headers=headers)
    assert stale.status_code == 412
    gone = client.delete(url, headers={"If-Match": client.get(url)["ETag"]})
    assert gone.status_code == 204
    assert not Household.objects.exists()


def test_faults_name_their_field(api_as, caseworker, municipality):
    first, second = pip(municipality), pip(municipality)
    answer = post(
        api_as(caseworker),
        "households",
        body_of(first, second, coupling="split", untilDate="2027-03-01"),
    )
    assert answer.status_code == 400
    assert answer.json()["code"] == "household_invalid"
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [
        ("untilDate", "until_without_together")
    ]


def test_a_bundle_is_asked_for_and_read_again(api_as, caseworker, municipality):
    client = api_as(caseworker)
    plan = pip(municipality)
    contracted_intake(municipality)
    made = post(client, f"pips/{plan.uuid}/bundles")
    assert made.status_code == 201, made.content
    result = made.json()["result"]
    assert [one["component"] for one in result["waiting"]] == ["B", "KNM", "MAP", "PVT"]
    assert [one["component"] for one in result["proposals"][0]["parts"]] == ["B"]
    assert client.get(made["Location"]).json() == made.json()
    assert client.get(f"/api/v1/pips/{plan.uuid}/bundles").json()["id"] == made.json()["id"]
