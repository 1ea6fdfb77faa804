"""Ask for background work in a transaction, and do it afterwards.

The promise: a committed message is done, and what its handler writes in the database takes effect
exactly once, however often workers are killed. Effects outside the database (a mail) take place
at least once.
"""

import random
import traceback
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from backend.common import clock
from backend.common.write_set import insert_row
from backend.outbox.choices import MessageState
from backend.outbox.models import OutboxMessage
from backend.outbox.registry import Registration, registration

log = structlog.get_logger(__name__)

MESSAGE_DONE = "outbox.message_done"
MESSAGE_RETRIED = "outbox.message_retried"
MESSAGE_FAILED = "outbox.message_failed"

# Retries after about 5 s, 10 s, 20 s ... 10 min: a mail server that is down for half an hour is
# outlived, and a message that can never succeed is put before a person within the hour.
LAST_ATTEMPT = 12
FIRST_DELAY_SECONDS = 5
LONGEST_DELAY_SECONDS = 600
LAST_ERROR_CHARACTERS = 4000


class OutsideTransactionError(RuntimeError):
    """Work was asked for outside atomic(): a crash between the change and the ask would lose it."""


def enqueue(
    topic: str,
    payload: Mapping[str, Any],
    *,
    key: str | None = None,
    available_at: datetime | None = None,
) -> OutboxMessage:
    """The message that will do this work once the surrounding transaction commits.

    MUST run inside atomic(), together with the change that asks for the work. With a `key` that
    was used before, the earlier message is returned and nothing is added. The payload SHOULD hold
    ids only.
    """
    message = message_of(topic, payload, key=key, available_at=available_at)
    if key is None:
        return insert_row(message)
    # DO NOTHING waits for a concurrent transaction with the same key, and leaves ours usable.
    OutboxMessage.objects.bulk_create([message], ignore_conflicts=True)
    return OutboxMessage.objects.get(key=key)


def message_of(
    topic: str,
    payload: Mapping[str, Any],
    *,
    key: str | None = None,
    available_at: datetime | None = None,
) -> OutboxMessage:
    """The row that `enqueue` writes, for a service that writes all its rows in one statement.

    MUST be made and written inside atomic(), and have no key that may be there already.
    """
    if not connection.in_atomic_block:
        raise OutsideTransactionError(topic)
    return OutboxMessage(
        topic=topic, payload=dict(payload), key=key, available_at=available_at or clock.now()
    )


def consume(limit: int = 100) -> int:
    """Does up to `limit` waiting messages, oldest first; how many were tried.

    Any number of processes may call this at once: a message is locked by whoever works on it,
    and the others skip it.
    """
    tried = 0
    while tried < limit and _consume_one(due()):
        tried += 1
    return tried


def run(message_id: int) -> bool:
    """Does this message unless it is done, not yet due or in other hands; whether it was tried."""
    return _consume_one(due().filter(pk=message_id))


def due() -> QuerySet[OutboxMessage]:
    """Messages that may be done now, oldest first."""
    return OutboxMessage.objects.filter(
        state=MessageState.PENDING, available_at__lte=clock.now()
    ).order_by("available_at", "pk")


def retry_failed(message_id: int) -> bool:
    """Gives a failed message a new series of attempts; False where it is not a failed one."""
    return bool(
        OutboxMessage.objects.filter(pk=message_id, state=MessageState.FAILED).update(
            state=MessageState.PENDING, attempts=0, available_at=clock.now(), handed_at=None
        )
    )


def delete_done(*, older_than: timedelta) -> int:
    """Forgets messages done longer ago than `older_than`, with their keys; how many."""
    before = clock.now() - older_than
    count, _by_model = OutboxMessage.objects.filter(
        state=MessageState.DONE, done_at__lt=before
    ).delete()
    return count


def _consume_one(candidates: QuerySet[OutboxMessage]) -> bool:
    """Tries the first candidate that nobody else holds; False where there is none."""
    message: OutboxMessage | None = None
    try:
        with transaction.atomic():
            message = _locked(candidates).first()
            if message is None:
                return False
            found = registration(message.topic)
            if found.lease is None:
                # Effect and mark in one transaction: both or neither survive a crash.
                found.handler(message.payload)
                _mark_done(message, found)
                return True
            # The lease, committed before the work: a killed worker's message comes back by itself.
            message.attempts += 1
            message.available_at = clock.now() + found.lease
            message.save(update_fields=["attempts", "available_at"])
        found.handler(message.payload)
        _mark_done(message, found)
    except Exception as error:
        if message is None:
            raise
        _postpone(message, error)
    return True


def _locked(candidates: QuerySet[OutboxMessage]) -> QuerySet[OutboxMessage]:
    return candidates.select_for_update(skip_locked=True)


def _mark_done(message: OutboxMessage, found: Registration) -> None:
    changes: dict[str, Any] = {"state": MessageState.DONE, "done_at": clock.now(), "last_error": ""}
    if found.forgets_payload:
        changes["payload"] = {}
    if found.lease is None:
        changes["attempts"] = message.attempts + 1
    OutboxMessage.objects.filter(pk=message.pk).update(**changes)
    log.info(MESSAGE_DONE, topic=message.topic, message_id=message.pk)


def _postpone(message: OutboxMessage, error: Exception) -> None:
    """Waits longer after each attempt; after the last one the message is failed, for a person.

    Runs after the transaction of the attempt has ended, and also when the attempt cost the
    connection (a terminated back-end, a forgotten transaction): then on a new one.
    """
    leased = message.available_at > clock.now()
    attempts = message.attempts if leased else message.attempts + 1
    failed = attempts >= LAST_ATTEMPT
    delay = min(FIRST_DELAY_SECONDS * 2 ** (attempts - 1), LONGEST_DELAY_SECONDS)
    # Spread, so that messages that failed together do not all come back at the same moment.
    delay *= random.uniform(0.8, 1.2)  # noqa: S311 - no secret
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    OutboxMessage.objects.filter(pk=message.pk, state=MessageState.PENDING).update(
        state=MessageState.FAILED if failed else MessageState.PENDING,
        attempts=attempts,
        available_at=clock.now() + timedelta(seconds=delay),
        handed_at=None,
        last_error=_described(error),
    )
    log.warning(
        MESSAGE_FAILED if failed else MESSAGE_RETRIED,
        topic=message.topic,
        message_id=message.pk,
        attempts=attempts,
        error=type(error).__name__,
    )


def _described(error: Exception) -> str:
    """Type and place of the error; its text may quote personal data and stays out."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
    return "\n".join([type(error).__name__, *places])[-LAST_ERROR_CHARACTERS:]


def hand_over(limit: int, *, again_after: timedelta) -> list[int]:
    """Marks due messages as told to Celery and returns their keys; see `relay`.

    A message told longer ago than `again_after` and still waiting is told again: its task was
    lost with a worker or with Redis. Telling twice is harmless, `run` works on it once.
    """
    now = clock.now()
    with transaction.atomic():
        keys = list(
            due()
            .filter(Q(handed_at__isnull=True) | Q(handed_at__lt=now - again_after))
            .select_for_update(skip_locked=True)
            .values_list("pk", flat=True)[:limit]
        )
        OutboxMessage.objects.filter(pk__in=keys).update(handed_at=now)
    return keys


def enqueue_scheduled(topic: str, *, local_hour: int | None = None) -> OutboxMessage | None:
    """The message of scheduled work: one an hour, or one a Dutch day at or after `local_hour`.

    The key names the period, so that two schedulers, or one that ticks twice, ask for it once;
    the hours are Dutch ones, so that summer time moves nothing. Hours of a day that were missed
    are made up for by the next tick of that day.
    """
    local = clock.now().astimezone(clock.NETHERLANDS)
    if local_hour is None:
        period = clock.now().strftime("%Y-%m-%dT%H")
    elif local.hour >= local_hour:
        period = local.date().isoformat()
    else:
        return None
    with transaction.atomic():
        return enqueue(topic, {"period": period}, key=f"schedule:{topic}:{period}")


def backlog() -> dict[str, int]:
    """How many messages wait past their moment and how many failed; for the health page."""
    late = clock.now() - timedelta(minutes=5)
    return {
        "late": OutboxMessage.objects.filter(
            state=MessageState.PENDING, available_at__lt=late
        ).count(),
        "failed": OutboxMessage.objects.filter(state=MessageState.FAILED).count(),
    }
