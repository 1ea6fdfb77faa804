"""Background work of the feed; the outbox finds it here."""

from backend.feed.services.deliveries import (
    DELIVER_LEASE,
    DELIVER_TOPIC,
    deliveries_forget,
    delivery_attempt,
)
from backend.feed.services.events import RECORD_TOPIC, events_forget, events_record
from backend.outbox.public import Payload, handles, register

# Asked for by the schedule (backend/schedule.py).
FORGET_TOPIC = "feed.forget"

register(RECORD_TOPIC, events_record)
register(DELIVER_TOPIC, delivery_attempt, lease=DELIVER_LEASE)


@handles(FORGET_TOPIC)
def forget_feed_task(payload: Payload) -> None:
    """Deletes events and deliveries whose time has passed."""
    deliveries_forget()
    events_forget()
