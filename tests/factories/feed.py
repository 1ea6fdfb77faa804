"""Events and webhooks, made as the services make them."""

from uuid import uuid4

from django.db import transaction

from backend.accounts.actor import Actor, system_actor
from backend.common import clock
from backend.feed.choices import DeliveryState
from backend.feed.models import FeedEvent, WebhookDelivery, WebhookSubscription
from backend.feed.public import EventKind, Fact, Resource, events_emit
from backend.feed.services.events import events_record
from backend.feed.services.subscriptions import SubscriptionData, subscription_create
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission

URL = "https://zaken.gemeente.example/passend"


def administrator(organisation: Organisation) -> Actor:
    return system_actor("test", {Permission.MANAGE_ACCOUNTS: frozenset({organisation.pk})})


def subscription(organisation: Organisation, *kinds: str, url: str = URL) -> WebhookSubscription:
    return subscription_create(
        actor=administrator(organisation),
        organisation=organisation,
        data=SubscriptionData(url, kinds or (EventKind.PLACEMENT_ACCEPTED,)),
    )


def fact(organisation: Organisation, kind: EventKind) -> Fact:
    return Fact(
        organisation.pk,
        Permission.VIEW_PARTICIPANTS,
        kind,
        Resource.PLACEMENTS,
        uuid4(),
        clock.now(),
    )


def emit(organisation: Organisation, kind: EventKind = EventKind.PLACEMENT_ACCEPTED) -> None:
    """Asks for one event; the next `consume` writes it."""
    with transaction.atomic():
        events_emit([fact(organisation, kind)])


def event(organisation: Organisation, kind: EventKind = EventKind.PLACEMENT_ACCEPTED) -> FeedEvent:
    """One event, with a delivery for whoever asked for it."""
    events_record({"facts": [fact(organisation, kind).payload()]})
    return FeedEvent.objects.latest("pk")


def delivery(organisation: Organisation, state: DeliveryState) -> WebhookDelivery:
    """The delivery of one event to a new subscription, in this state without an attempt."""
    one = subscription(organisation)
    event(organisation)
    found = WebhookDelivery.objects.get(subscription=one)
    found.state = state
    found.delivered_at = clock.now() if state == DeliveryState.DELIVERED else None
    found.save()
    return found
