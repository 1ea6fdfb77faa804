"""Recording events: asked for in the transaction of the fact, written by the outbox."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from backend.accounts.public import REGION_WIDE_PERMISSIONS
from backend.common import clock
from backend.feed.choices import EventKind, Resource
from backend.feed.models import FeedEvent, WebhookSubscription
from backend.feed.services.deliveries import deliveries_begin
from backend.organisations.public import Permission, region_ids_of
from backend.outbox.public import Payload, enqueue

RECORD_TOPIC = "feed.record"
KEEP_EVENTS = timedelta(days=90)
# One recorder at a time, so that numbers become visible in their order ("feed" in ASCII).
RECORDER_LOCK = 0x66656564
BATCH = 1000


@dataclass(frozen=True)
class Fact:
    """One event to be: for whom, what happened, and to which object of the API."""

    organisation_id: int
    permission: Permission
    kind: EventKind
    resource: Resource
    subject_id: UUID
    occurred_at: datetime

    def payload(self) -> dict[str, Any]:
        values = asdict(self)
        return values | {
            "permission": self.permission.value,
            "kind": self.kind.value,
            "resource": self.resource.value,
            "subject_id": str(self.subject_id),
            "occurred_at": self.occurred_at.isoformat(),
        }


def events_emit(facts: Iterable[Fact], *, key: str | None = None) -> None:
    """These facts come into the feed once the surrounding transaction commits; once per `key`.

    MUST run inside atomic(). One message of the outbox per thousand facts, however many there are.
    """
    listed = [fact.payload() for fact in facts]
    for start in range(0, len(listed), BATCH):
        part = None if key is None else f"feed:{key}:{start}"
        enqueue(RECORD_TOPIC, {"facts": listed[start : start + BATCH]}, key=part)


def events_record(payload: Payload) -> None:
    """Writes the events of a message, with a delivery for everybody who asked for them."""
    with transaction.atomic():
        lock_recorder()
        events = FeedEvent.objects.bulk_create(
            FeedEvent(**one | {"occurred_at": datetime.fromisoformat(one["occurred_at"])})
            for one in payload["facts"]
        )
        deliveries_begin(_wanted(events))


def lock_recorder() -> None:
    """Until the end of the transaction nobody else writes events. MUST run inside atomic()."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [RECORDER_LOCK])


def _wanted(events: Sequence[FeedEvent]) -> Iterable[tuple[WebhookSubscription, FeedEvent]]:
    """Which active subscription asked for which event, its own or as region of the municipality."""
    listeners: dict[tuple[int, bool], list[WebhookSubscription]] = {}
    for event in events:
        at_region = Permission(event.permission) in REGION_WIDE_PERMISSIONS
        audience = (event.organisation_id, at_region)
        if audience not in listeners:
            listeners[audience] = _listeners(*audience)
        for subscription in listeners[audience]:
            if event.kind in subscription.kinds:
                yield subscription, event


def _listeners(organisation_id: int, at_region: bool) -> list[WebhookSubscription]:
    organisations = {organisation_id}
    if at_region:
        organisations |= region_ids_of(organisation_id, clock.today())
    return list(
        WebhookSubscription.objects.active()
        .filter(organisation_id__in=organisations, organisation__is_active=True)
        .order_by("pk")
    )


def events_forget() -> int:
    """Deletes events past their retention with their deliveries; how many.

    The newest of them stays: below the oldest event that is there, numbers have been forgotten.
    """
    past = FeedEvent.objects.filter(created_at__lt=clock.now() - KEEP_EVENTS).order_by("-pk")
    newest = past.values_list("pk", flat=True).first()
    if newest is None:
        return 0
    _all, by_model = FeedEvent.objects.filter(pk__lt=newest).delete()
    return by_model.get(FeedEvent._meta.label, 0)


def oldest_sequence() -> int:
    """The lowest number in the feed; 0 while it is empty."""
    return FeedEvent.objects.order_by("pk").values_list("pk", flat=True).first() or 0
