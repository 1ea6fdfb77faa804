"""Background work of the supply side; every handler may run twice."""

from datetime import timedelta

from backend.outbox.public import Payload, handles
from providers.services.alerts import supply_watch

# Asked for by the schedule (backend/schedule.py).
WATCH_TOPIC = "providers.watch"


@handles(WATCH_TOPIC, lease=timedelta(minutes=10))
def watch_supply_task(payload: Payload) -> None:
    """Stops that begin or end today, and the alerts of the day."""
    supply_watch()
