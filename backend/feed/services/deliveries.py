"""Pushing events to subscribers: at least once, with growing pauses, and with an end.

What fails is tried again for about a day and a half. A subscriber that is away is asked by one
message at a time: the others wait for it, so that a dead address costs nobody else anything.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.public import Actor
from backend.audit.public import record
from backend.common import clock
from backend.common.locks import lock_row
from backend.feed import policies
from backend.feed.choices import DeliveryError, DeliveryState, SubscriptionState
from backend.feed.cloudevents import CONTENT_TYPE, cloud_event
from backend.feed.errors import DeliveryUnderWayError, SubscriptionPausedError
from backend.feed.models import FeedEvent, WebhookDelivery, WebhookSubscription
from backend.feed.signing import headers_of, unsealed
from backend.feed.targets import Sent, send
from backend.notifications.public import notify, register_kind
from backend.organisations.public import Permission
from backend.outbox.public import Payload, enqueue

DELIVER_TOPIC = "feed.deliver"
# Longer than an attempt can take; a worker that was killed loses at most this time.
DELIVER_LEASE = timedelta(minutes=2)
# The pauses after the first, second, ... failure: together a day and a half.
PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=18),
)
# Others ask first after a failure: one message that is never taken must not stand for all.
BEHIND_OTHERS = timedelta(seconds=1)
# So many failures in a row pause the subscription; as many of one message give it up.
MOST_FAILURES = len(PAUSES) + 1
KEEP_DELIVERED = timedelta(days=30)
OPEN_STATES = (DeliveryState.WAITING, DeliveryState.FAILED)
PAUSED_NOTICE = "webhook_paused"


def register_kinds() -> None:
    """Declares the texts; called once when the house is wired."""
    register_kind(
        PAUSED_NOTICE,
        title=_("A webhook was paused after too many failures"),
        body=_("%(host)s. Have the system put right, and make the webhook active again."),
    )


def deliveries_begin(
    wanted: Iterable[tuple[WebhookSubscription, FeedEvent]],
) -> list[WebhookDelivery]:
    """A delivery for each pair, and the message that does it. MUST run inside atomic()."""
    made = WebhookDelivery.objects.bulk_create(
        WebhookDelivery(subscription=subscription, event=event) for subscription, event in wanted
    )
    for delivery in made:
        _ask(delivery)
    return made


def delivery_attempt(payload: Payload) -> None:
    """One attempt, unless it was made already; outside any transaction, for the net is slow."""
    delivery = (
        WebhookDelivery.objects.select_related("subscription", "event__organisation")
        .filter(uuid=payload["delivery"], state__in=OPEN_STATES, attempts=payload["attempts"])
        .first()
    )
    if delivery is None or _put_off(delivery):
        return
    body = cloud_event(delivery.event)
    secret = unsealed(delivery.subscription.sealed_secret)
    headers = headers_of(str(delivery.event.uuid), clock.now(), body, secret)
    sent = send(
        delivery.subscription.url,
        body,
        {**headers, "Content-Type": CONTENT_TYPE, "User-Agent": "Passend-Webhooks/1"},
    )
    with transaction.atomic():
        _note(delivery.pk, payload["attempts"], sent)


def delivery_resend(*, actor: Actor, delivery: WebhookDelivery) -> WebhookDelivery:
    """Sends once more what was delivered or given up, under the same id.

    Raises NotAllowedError, DeliveryUnderWayError, SubscriptionPausedError.
    """
    policies.require_manage(actor, delivery.subscription.organisation_id)
    with transaction.atomic():
        subscription = lock_row(WebhookSubscription.objects.all(), delivery.subscription_id)
        delivery = lock_row(WebhookDelivery.objects.all(), delivery.pk)
        if subscription.state != SubscriptionState.ACTIVE:
            raise SubscriptionPausedError
        if delivery.state in OPEN_STATES:
            raise DeliveryUnderWayError
        before = delivery.state
        delivery.state = DeliveryState.WAITING
        delivery.attempts = 0
        delivery.delivered_at, delivery.next_attempt_at = None, clock.now()
        delivery.save()
        _ask(delivery)
        record(
            actor=actor,
            action="webhook_delivery.resent",
            subject=delivery,
            before={"state": before},
            after={"state": delivery.state},
            organisation_ids=[subscription.organisation_id],
        )
        return delivery


def deliveries_forget() -> int:
    """Deletes what was delivered, or given up, longer ago than its retention; how many."""
    count, _by_model = (
        WebhookDelivery.objects.exclude(state__in=OPEN_STATES)
        .filter(last_attempt_at__lt=clock.now() - KEEP_DELIVERED)
        .delete()
    )
    return count


def _ask(delivery: WebhookDelivery) -> None:
    payload = {"delivery": str(delivery.uuid), "attempts": delivery.attempts}
    enqueue(DELIVER_TOPIC, payload, available_at=delivery.next_attempt_at)


@transaction.atomic
def _put_off(delivery: WebhookDelivery) -> bool:
    """Whether no attempt is made now: given up when paused, later while the other side is away."""
    subscription = delivery.subscription
    if subscription.state == SubscriptionState.PAUSED:
        delivery.state, delivery.error = DeliveryState.GIVEN_UP, DeliveryError.PAUSED
        delivery.next_attempt_at, delivery.last_attempt_at = None, clock.now()
        delivery.save()
        return True
    if subscription.retry_at is None or subscription.retry_at <= clock.now():
        return False
    delivery.next_attempt_at = subscription.retry_at
    delivery.save(update_fields=["next_attempt_at"])
    _ask(delivery)
    return True


def _note(delivery_id: int, attempts: int, sent: Sent) -> None:
    """Writes down one attempt; one that somebody else wrote down already counts once."""
    found = WebhookDelivery.objects.select_related("subscription").get(pk=delivery_id)
    subscription = lock_row(WebhookSubscription.objects.all(), found.subscription_id)
    delivery = lock_row(WebhookDelivery.objects.all(), delivery_id)
    if delivery.attempts != attempts or delivery.state not in OPEN_STATES:
        return
    delivery.attempts += 1
    delivery.last_attempt_at = clock.now()
    delivery.answer_status, delivery.error = sent.status, sent.error
    delivery.next_attempt_at = None
    if sent.succeeded:
        delivery.state, delivery.delivered_at = DeliveryState.DELIVERED, clock.now()
        subscription.failures, subscription.retry_at = 0, None
    else:
        _note_failure(subscription, delivery)
    delivery.save()
    subscription.save(update_fields=["failures", "retry_at", "state", "paused_at"])
    if delivery.state == DeliveryState.FAILED:
        _ask(delivery)


def _note_failure(subscription: WebhookSubscription, delivery: WebhookDelivery) -> None:
    subscription.failures += 1
    if subscription.failures >= MOST_FAILURES:
        _pause(subscription)
    else:
        subscription.retry_at = clock.now() + PAUSES[subscription.failures - 1]
    if subscription.state == SubscriptionState.PAUSED or delivery.attempts >= MOST_FAILURES:
        delivery.state = DeliveryState.GIVEN_UP
    else:
        delivery.state = DeliveryState.FAILED
        delivery.next_attempt_at = clock.now() + PAUSES[delivery.attempts - 1] + BEHIND_OTHERS


def _pause(subscription: WebhookSubscription) -> None:
    if subscription.state == SubscriptionState.PAUSED:
        return
    subscription.state, subscription.paused_at = SubscriptionState.PAUSED, clock.now()
    subscription.retry_at = None
    notify(
        organisation_id=subscription.organisation_id,
        permission=Permission.MANAGE_ACCOUNTS,
        kind=PAUSED_NOTICE,
        path=f"/webhooks/{subscription.uuid}",
        key=f"{PAUSED_NOTICE}:{subscription.uuid}:{subscription.paused_at.isoformat()}",
        params={"host": host_of(subscription.url)},
    )


def host_of(url: str) -> str:
    """The address without what may be a secret in its path or query."""
    return url.split("://", 1)[-1].split("/", 1)[0].split("?", 1)[0]
