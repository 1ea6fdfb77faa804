"""Webhooks: signed, at least once, with growing pauses, and with an end."""

import base64
import hashlib
import hmac
from datetime import timedelta

import orjson
import pytest

from backend.common import clock
from backend.common.errors import NotAllowedError
from backend.feed.choices import DeliveryState, EventKind, SubscriptionState
from backend.feed.errors import DeliveryUnderWayError
from backend.feed.models import FeedEvent, WebhookDelivery, WebhookSubscription
from backend.feed.services.deliveries import (
    KEEP_DELIVERED,
    MOST_FAILURES,
    deliveries_forget,
    delivery_attempt,
    delivery_resend,
)
from backend.feed.services.subscriptions import (
    secret_of,
    subscription_change,
    subscription_ping,
)
from backend.notifications.models import Notification
from backend.outbox.public import consume
from tests.factories import feed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def verified(headers, body, secret):
    """As a receiver does it, by the text of Standard Webhooks."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{expected}" in headers["webhook-signature"].split(" ")


@pytest.fixture
def webhook(municipality, receiver) -> WebhookSubscription:
    return feed.subscription(municipality, url=receiver.url)


def test_an_event_arrives_signed_as_a_cloud_event_with_ids_only(webhook, municipality, receiver):
    event = feed.event(municipality)
    consume()
    ((headers, body),) = receiver.received
    assert headers["content-type"].startswith("application/cloudevents+json")
    assert verified(headers, body, secret_of(webhook))
    assert not verified(headers, body + b" ", secret_of(webhook))
    told = orjson.loads(body)
    assert told["specversion"] == "1.0"
    assert told["id"] == headers["webhook-id"] == str(event.uuid)
    assert told["type"] == "nl.passend.placement.accepted"
    assert told["subject"] == str(event.subject_id)
    assert told["dataref"].endswith(f"/api/v1/placements/{event.subject_id}")
    assert set(told["data"]) == {"organisation", "resource", "subjectId", "sequence"}
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.answer_status) == ("delivered", 1, 204)


def test_only_what_was_asked_for_is_sent_and_only_of_the_own_organisation(
    webhook, municipality, other_municipality, receiver
):
    feed.emit(municipality, EventKind.PLACEMENT_REFUSED)
    feed.emit(other_municipality, EventKind.PLACEMENT_ACCEPTED)
    consume()
    assert receiver.received == []
    assert FeedEvent.objects.count() == 2


def test_a_region_hears_of_its_members_and_not_of_others(
    region, municipality, other_municipality, receiver
):
    feed.subscription(region, url=receiver.url)
    feed.emit(municipality)
    feed.emit(other_municipality)
    consume()
    assert len(receiver.received) == 1


@pytest.mark.parametrize("status", [500, 404, 302])
def test_a_failure_is_tried_again_under_the_same_id(
    webhook, municipality, receiver, status, frozen_clock
):
    receiver.answers = [status]
    feed.emit(municipality)
    consume()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.error) == ("failed", "status")
    assert delivery.answer_status == status
    consume()
    assert len(receiver.received) == 1
    frozen_clock.shift(timedelta(seconds=6))
    consume()
    first, second = receiver.received
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert first[1] == second[1]
    delivery.refresh_from_db()
    webhook.refresh_from_db()
    assert (delivery.state, delivery.attempts, webhook.failures) == ("delivered", 2, 0)


def test_who_is_away_is_asked_by_one_message_at_a_time_and_paused_in_the_end(
    webhook, municipality, receiver, frozen_clock
):
    receiver.answers = [503] * 1000
    for _number in range(5):
        feed.emit(municipality)
    begun = clock.now()
    while WebhookSubscription.objects.get().state == SubscriptionState.ACTIVE:
        consume(500)
        frozen_clock.shift(timedelta(minutes=10))
    assert timedelta(days=1) < clock.now() - begun < timedelta(days=2)
    assert len(receiver.received) == MOST_FAILURES
    consume(500)
    told = Notification.objects.get(organisation=municipality)
    assert "127.0.0.1" in told.body
    assert told.path == f"/webhooks/{webhook.uuid}"
    frozen_clock.shift(timedelta(days=2))
    consume(500)
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"given_up"}
    assert len(receiver.received) == MOST_FAILURES

    feed.emit(municipality)
    consume(500)
    assert WebhookDelivery.objects.count() == 5


def test_one_message_that_is_never_accepted_does_not_stop_the_others(
    webhook, municipality, receiver, frozen_clock
):
    bad = feed.event(municipality)
    receiver.refused = {str(bad.uuid)}
    rounds = 0
    while WebhookDelivery.objects.get(event=bad).state != DeliveryState.GIVEN_UP:
        rounds += 1
        feed.emit(municipality)
        consume()
        frozen_clock.shift(timedelta(hours=3))
    webhook.refresh_from_db()
    assert webhook.state == SubscriptionState.ACTIVE
    assert WebhookDelivery.objects.get(event=bad).attempts == MOST_FAILURES
    consume()
    assert WebhookDelivery.objects.filter(state=DeliveryState.DELIVERED).count() == rounds


def test_an_attempt_that_was_noted_already_is_not_made_again(webhook, municipality, receiver):
    feed.emit(municipality)
    consume()
    delivery = WebhookDelivery.objects.get()
    delivery_attempt({"delivery": str(delivery.uuid), "attempts": 0})
    assert len(receiver.received) == 1


def test_a_person_sends_again_what_was_delivered(webhook, municipality, receiver):
    feed.emit(municipality)
    consume()
    delivery = WebhookDelivery.objects.get()
    delivery_resend(actor=feed.administrator(municipality), delivery=delivery)
    with pytest.raises(DeliveryUnderWayError):
        delivery_resend(actor=feed.administrator(municipality), delivery=delivery)
    consume()
    first, second = receiver.received
    assert first[0]["webhook-id"] == second[0]["webhook-id"]


def test_a_test_message_goes_to_one_subscription(webhook, municipality, receiver):
    feed.subscription(municipality, url=receiver.url + "&second")
    subscription_ping(actor=feed.administrator(municipality), subscription=webhook)
    consume()
    ((_headers, body),) = receiver.received
    assert orjson.loads(body)["type"] == "nl.passend.ping"


def test_nobody_else_sends_or_changes(webhook, other_municipality):
    stranger = feed.administrator(other_municipality)
    with pytest.raises(NotAllowedError):
        subscription_ping(actor=stranger, subscription=webhook)
    with pytest.raises(NotAllowedError):
        subscription_change(actor=stranger, subscription=webhook, changes={"state": "paused"})


def test_who_becomes_active_again_starts_without_failures(webhook, municipality):
    WebhookSubscription.objects.update(
        failures=10, state=SubscriptionState.PAUSED, paused_at=clock.now()
    )
    resumed = subscription_change(
        actor=feed.administrator(municipality),
        subscription=webhook,
        changes={"state": SubscriptionState.ACTIVE},
    )
    assert (resumed.failures, resumed.paused_at, resumed.retry_at) == (0, None, None)


def test_delivered_messages_are_kept_thirty_days(webhook, municipality, receiver, frozen_clock):
    feed.emit(municipality)
    consume()
    receiver.answers = [500]
    feed.emit(municipality)
    consume()
    assert deliveries_forget() == 0
    frozen_clock.shift(KEEP_DELIVERED + timedelta(days=1))
    assert deliveries_forget() == 1
    # What is still being tried stays.
    assert WebhookDelivery.objects.get().state == DeliveryState.FAILED


def test_the_database_holds_no_secret_in_the_clear(webhook):
    secret = secret_of(webhook)
    assert secret.startswith("whsec_")
    assert secret not in webhook.sealed_secret
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
