"""Background work of the supply side; every handler may run twice."""

from datetime import timedelta

from backend.outbox.public import Payload, handles
from providers.services.alerts import supply_watch
from providers.spreadsheets.background import (
    PUBLISH_TOPIC,
    catalogue_import_publish_waiting,
)
from providers.spreadsheets.services import CHECK_TOPIC, catalogue_import_read_waiting

# Asked for by the schedule (backend/schedule.py).
WATCH_TOPIC = "providers.watch"


@handles(WATCH_TOPIC, lease=timedelta(minutes=10))
def watch_supply_task(payload: Payload) -> None:
    """Stops that begin or end today, and the alerts of the day."""
    supply_watch()


@handles(CHECK_TOPIC, lease=timedelta(minutes=5))
def check_catalogue_file_task(payload: Payload) -> None:
    """Reads a large file that was uploaded, and leaves its report."""
    catalogue_import_read_waiting(import_id=int(payload["import"]))


@handles(PUBLISH_TOPIC, lease=timedelta(minutes=10))
def publish_catalogue_file_task(payload: Payload) -> None:
    """Writes the many changes of an import that somebody published."""
    catalogue_import_publish_waiting(payload)
