"""What other apps may use of the outbox; these names and their promises stay.

Ask for work inside the transaction that causes it with `enqueue` or `queue_mail`; do it in a
function of the app's `tasks.py` that `handles` a topic.
"""

from backend.outbox.mail import queue_mail
from backend.outbox.models import OutboxMessage
from backend.outbox.registry import Payload, handles, register, topics
from backend.outbox.services import (
    OutsideTransactionError,
    backlog,
    consume,
    delete_done,
    enqueue,
    enqueue_scheduled,
    message_of,
    retry_failed,
)
from backend.outbox.worker import TICK_SECONDS, WorkerThread

__all__ = [
    "TICK_SECONDS",
    "OutboxMessage",
    "OutsideTransactionError",
    "Payload",
    "WorkerThread",
    "backlog",
    "consume",
    "delete_done",
    "enqueue",
    "enqueue_scheduled",
    "handles",
    "message_of",
    "queue_mail",
    "register",
    "retry_failed",
    "topics",
]
