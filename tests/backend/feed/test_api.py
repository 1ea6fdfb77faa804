"""The feed and webhooks over the API: a system subscribes and catches up by itself."""

from uuid import uuid4

import pytest

from backend.accounts.roles import Role
from backend.api.models import IdempotencyRecord
from backend.audit.models import AuditEvent
from backend.feed.choices import DeliveryState, EventKind
from backend.feed.models import WebhookDelivery, WebhookSubscription
from backend.feed.services.subscriptions import MOST_SUBSCRIPTIONS, secret_of
from tests.factories import feed
from tests.factories.accounts import client_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
BODY = {"url": feed.URL, "kinds": ["placement.accepted", "need.waiting"]}
SUBSCRIPTIONS = "/api/v1/webhook-subscriptions"


@pytest.fixture
def api(machine_client, api_as):
    return api_as(key=machine_client[1])


def post(api, path, body=None, key=None):
    return api.post(
        path, body or {}, format="json", headers={"Idempotency-Key": key or str(uuid4())}
    )


class TestSubscriptions:
    def test_a_system_subscribes_for_its_own_organisation_and_sees_the_secret_once(
        self, api, municipality
    ):
        answer = post(api, SUBSCRIPTIONS, BODY)
        assert answer.status_code == 201, answer.content
        made = answer.json()
        assert made["organisation"]["id"] == str(municipality.uuid)
        assert made["kinds"] == sorted(BODY["kinds"])
        assert made["secret"].startswith("whsec_")
        assert answer["Cache-Control"] == "no-store"
        shown = api.get(f"{SUBSCRIPTIONS}/{made['id']}")
        assert "secret" not in shown.json()
        assert "whsec" not in api.get(SUBSCRIPTIONS).content.decode()
        assert shown["ETag"] == answer["ETag"]

    def test_the_secret_stands_in_no_stored_answer_and_no_history(self, api):
        key = str(uuid4())
        first = post(api, SUBSCRIPTIONS, BODY, key).json()
        again = post(api, SUBSCRIPTIONS, BODY, key)
        assert again["Idempotency-Replayed"] == "true"
        assert again.json() == first
        assert WebhookSubscription.objects.count() == 1
        stored = bytes(IdempotencyRecord.objects.get(key=key).body).decode()
        history = str(list(AuditEvent.objects.values_list("after", flat=True)))
        assert "whsec" not in stored + history

    def test_all_faults_at_once(self, api):
        answer = post(api, SUBSCRIPTIONS, {"url": "http://10.0.0.1", "kinds": ["ping"]})
        assert answer.status_code == 400
        assert [one["field"] for one in answer.json()["errors"]] == ["url", "kinds"]
        answer = post(api, SUBSCRIPTIONS, BODY | {"url": "http://10.0.0.1"})
        assert [one["code"] for one in answer.json()["errors"]] == ["https_required"]

    def test_not_for_another_organisation(self, api, other_municipality, provider):
        body = BODY | {"organisation": str(other_municipality.uuid)}
        assert post(api, SUBSCRIPTIONS, body).json()["errors"][0]["code"] == "unknown_reference"

    def test_a_system_that_sees_no_objects_does_not_subscribe(self, municipality, api_as):
        key = client_with(Role.COUNCIL_READER, organisation=municipality)[1]
        assert post(api_as(key=key), SUBSCRIPTIONS, BODY).status_code == 403

    def test_a_caseworker_manages_no_systems(self, caseworker, municipality, api_as):
        feed.subscription(municipality)
        api = api_as(caseworker)
        assert api.get(SUBSCRIPTIONS).json()["total"] == 0
        body = BODY | {"organisation": str(municipality.uuid)}
        assert post(api, SUBSCRIPTIONS, body).status_code == 400

    def test_who_may_subscribe_for_several_says_for_which(self, region, municipality, api_as):
        key = client_with(Role.REGIONAL_COORDINATOR, organisation=region)[1]
        answer = post(api_as(key=key), SUBSCRIPTIONS, BODY)
        assert answer.json()["errors"][0]["field"] == "organisation"
        body = BODY | {"organisation": str(region.uuid)}
        assert post(api_as(key=key), SUBSCRIPTIONS, body).status_code == 201

    def test_it_is_changed_paused_and_removed_in_the_version_that_was_seen(self, api, municipality):
        one = feed.subscription(municipality)
        path = f"{SUBSCRIPTIONS}/{one.uuid}"
        seen = api.get(path)["ETag"]
        changed = api.patch(path, {"state": "paused"}, format="json", headers={"If-Match": seen})
        assert changed.json()["state"] == "paused"
        assert post(api, f"{path}/ping").json()["code"] == "subscription_paused"
        stale = api.patch(path, {"state": "active"}, format="json", headers={"If-Match": seen})
        assert stale.status_code == 412
        bad = api.patch(
            path, {"url": "https://10.1.1.1"}, format="json", headers={"If-Match": changed["ETag"]}
        )
        assert bad.json()["errors"][0]["code"] == "private_address"
        assert api.delete(path, headers={"If-Match": changed["ETag"]}).status_code == 204
        assert api.get(path).status_code == 404

    def test_a_new_secret_replaces_the_old_one(self, api, municipality):
        one = feed.subscription(municipality)
        old = secret_of(one)
        shown = post(api, f"{SUBSCRIPTIONS}/{one.uuid}/renew-secret").json()["secret"]
        one.refresh_from_db()
        assert shown == secret_of(one) != old

    def test_there_is_an_end_to_the_number(self, api, municipality):
        for number in range(MOST_SUBSCRIPTIONS):
            feed.subscription(municipality, url=f"{feed.URL}/{number}")
        assert post(api, SUBSCRIPTIONS, BODY).json()["errors"][0]["code"] == "too_many"


class TestFeed:
    def test_a_system_reads_what_came_after_the_last_number(self, api, municipality):
        events = [feed.event(municipality) for _number in range(3)]
        page = api.get("/api/v1/events?pageSize=2").json()
        assert [one["sequence"] for one in page["items"]] == [events[0].pk, events[1].pk]
        after = page["items"][-1]["sequence"]
        rest = api.get(f"/api/v1/events?sequenceAfter={after}&pageSize=2").json()
        assert [one["id"] for one in rest["items"]] == [str(events[2].uuid)]
        assert rest["total"] == 1

    def test_it_holds_no_more_than_ids(self, api, municipality):
        feed.event(municipality)
        (told,) = api.get("/api/v1/events").json()["items"]
        assert set(told) == {
            "id",
            "sequence",
            "kind",
            "organisation",
            "resource",
            "subjectId",
            "occurredAt",
            "recordedAt",
        }

    def test_another_organisation_sees_nothing_of_it(
        self, municipality, other_municipality, api_as
    ):
        told = feed.event(municipality)
        api = api_as(key=client_with(Role.CASEWORKER, organisation=other_municipality)[1])
        assert api.get("/api/v1/events").json()["total"] == 0
        assert api.get(f"/api/v1/events/{told.uuid}").status_code == 404

    @pytest.mark.parametrize("value", ["-1", "x", "1.5", "99999999999999999999"])
    def test_a_number_that_is_none_is_refused(self, api, value):
        answer = api.get(f"/api/v1/events?sequenceAfter={value}")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "sequenceAfter"

    def test_kinds_are_chosen(self, api, municipality):
        feed.event(municipality, EventKind.PLACEMENT_REFUSED)
        feed.event(municipality, EventKind.PLACEMENT_ACCEPTED)
        assert api.get("/api/v1/events?kind=placement.refused").json()["total"] == 1


class TestDeliveries:
    def test_what_became_of_each_is_read_and_sent_again(self, api, municipality):
        one = feed.delivery(municipality, DeliveryState.GIVEN_UP)
        page = api.get("/api/v1/webhook-deliveries?state=given_up").json()
        assert [row["id"] for row in page["items"]] == [str(one.uuid)]
        again = post(api, f"/api/v1/webhook-deliveries/{one.uuid}/resend")
        assert again.json()["state"] == "waiting"
        twice = post(api, f"/api/v1/webhook-deliveries/{one.uuid}/resend")
        assert twice.json()["code"] == "delivery_under_way"

    def test_others_do_not_see_them(self, municipality, other_municipality, api_as):
        one = feed.delivery(municipality, DeliveryState.GIVEN_UP)
        api = api_as(key=client_with(Role.CASEWORKER, organisation=other_municipality)[1])
        assert post(api, f"/api/v1/webhook-deliveries/{one.uuid}/resend").status_code == 404
        assert WebhookDelivery.objects.get().state == DeliveryState.GIVEN_UP
