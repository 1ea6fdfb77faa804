"""What happens by the clock. Celery beat only ticks; the outbox makes each tick happen once.

Every entry asks the outbox for work with a key that names the hour or the Dutch day, so that two
schedulers at once, or one that was restarted, cause nothing twice. All times of beat are UTC; the
hour of nightly work is a Dutch hour and is judged when the tick comes (summer time).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from backend.accounts.public import expired_grants_clear
from backend.api.idempotency import remove_expired
from backend.changes.public import forget_old
from backend.nightly import check_capacity, forget_orphan_files
from backend.outbox.public import TICK_SECONDS, delete_done, enqueue_scheduled, register

RELAY_SECONDS = 2.0
# Keys of done messages guard against doing work twice; no retry and no replay comes this late.
KEEP_DONE = timedelta(days=90)

FORGET_DONE_MESSAGES = "outbox.forget_done"
FORGET_STORED_ANSWERS = "api.forget_stored_answers"
CHECK_CAPACITY = "providers.check_capacity"
FORGET_ORPHAN_FILES = "documents.forget_orphan_files"
WATCH_SUPPLY = "providers.watch"
CHECK_LEDGER = "procurement.check_ledger"
EVALUATE_CLAUSES = "procurement.evaluate_clauses"
APPLY_VERSIONS = "procurement.apply_versions"
FORGET_EXPIRED_GRANTS = "accounts.forget_expired_grants"
FORGET_PEOPLE = "matching.forget_people"
EXPIRE_PLACEMENTS = "matching.expire_placements"
FORGET_CHANGES = "changes.forget_old"


@dataclass(frozen=True)
class ScheduledWork:
    """A topic of the outbox that is asked for every hour, or once a Dutch day."""

    topic: str
    # Absent: every hour. Otherwise once a day, at or soon after this hour in the Netherlands.
    local_hour: int | None = None


SCHEDULED_WORK = (
    ScheduledWork(APPLY_VERSIONS, local_hour=0),
    ScheduledWork(FORGET_STORED_ANSWERS),
    ScheduledWork(FORGET_DONE_MESSAGES, local_hour=3),
    ScheduledWork(FORGET_CHANGES, local_hour=3),
    ScheduledWork(CHECK_CAPACITY, local_hour=4),
    ScheduledWork(FORGET_ORPHAN_FILES, local_hour=2),
    ScheduledWork(WATCH_SUPPLY, local_hour=5),
    ScheduledWork(CHECK_LEDGER, local_hour=4),
    ScheduledWork(EVALUATE_CLAUSES, local_hour=6),
    ScheduledWork(EXPIRE_PLACEMENTS),
    ScheduledWork(FORGET_PEOPLE, local_hour=1),
    ScheduledWork("feed.forget", local_hour=2),
    ScheduledWork(FORGET_EXPIRED_GRANTS, local_hour=2),
    ScheduledWork("quality.compute_indicators", local_hour=5),
    ScheduledWork("quality.raise_absence", local_hour=6),
    ScheduledWork("quality.post_deliveries"),
    ScheduledWork("quality.check_deliveries", local_hour=3),
)


def tick() -> None:
    """Asks for all scheduled work whose hour or day has come and that was not asked for yet."""
    for work in SCHEDULED_WORK:
        enqueue_scheduled(work.topic, local_hour=work.local_hour)


def forget_done_messages(_payload: object) -> None:
    """Deletes messages that were done long ago, and their keys."""
    delete_done(older_than=KEEP_DONE)


def forget_stored_answers(_payload: object) -> None:
    """Deletes answers kept for repeated requests, once their Idempotency-Key has expired."""
    remove_expired()


def forget_changes(_payload: object) -> None:
    """Deletes notes of changes that no process can still ask for."""
    forget_old()


def recount_seats(_payload: object) -> None:
    """Counts all seats again; an oversold intake moment is an error in the log."""
    check_capacity()


def forget_files(_payload: object) -> None:
    """Removes files that no document names."""
    forget_orphan_files()


def forget_expired_grants(_payload: object) -> None:
    """Deletes grants whose role has ended; they gave no right any more."""
    expired_grants_clear()


def register_topics() -> None:
    """Binds the topics of this page to their functions."""
    register(FORGET_STORED_ANSWERS, forget_stored_answers)
    register(FORGET_DONE_MESSAGES, forget_done_messages)
    register(FORGET_CHANGES, forget_changes)
    register(CHECK_CAPACITY, recount_seats)
    register(FORGET_ORPHAN_FILES, forget_files)
    register(FORGET_EXPIRED_GRANTS, forget_expired_grants)


def beat_schedule() -> dict[str, dict[str, Any]]:
    """The entries of Celery beat: the relay, and a tick for each piece of scheduled work."""
    entries: dict[str, dict[str, Any]] = {
        "relay": {
            "task": "outbox.relay_messages",
            "schedule": RELAY_SECONDS,
            # A relay that waited is out of date: the next one does its work.
            "options": {"expires": RELAY_SECONDS},
        }
    }
    for work in SCHEDULED_WORK:
        entries[work.topic] = {
            "task": "outbox.enqueue_scheduled",
            "schedule": TICK_SECONDS,
            "kwargs": {"topic": work.topic, "local_hour": work.local_hour},
            "options": {"expires": TICK_SECONDS},
        }
    return entries
