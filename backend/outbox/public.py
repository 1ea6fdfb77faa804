"""What other apps may use of the outbox; these names and their promises stay.

Ask for work inside the transaction that causes it with `enqueue` or `queue_mail`; do it in a
function of the app's `tasks.py` that `handles` a topic.
"""

from backend.outbox.mail import queue_mail
from backend.outbox.registry import Payload, handles, register, topics
from backend.outbox.services import (
    OutsideTransactionError,
    backlog,
    consume,
    delete_done,
    enqueue,
    retry_failed,
)
from backend.outbox.worker import WorkerThread

__all__ = [
    "OutsideTransactionError",
    "Payload",
    "WorkerThread",
    "backlog",
    "consume",
    "delete_done",
    "enqueue",
    "handles",
    "queue_mail",
    "register",
    "retry_failed",
    "topics",
]
