"""Consumes the outbox without Celery: a process of its own, or a thread beside the demo server."""

import threading
from dataclasses import dataclass, field

import structlog
from django.db import Error, close_old_connections, connection

from backend.outbox import services

log = structlog.get_logger(__name__)

DATABASE_AWAY = "outbox.database_away"
WORKER_STARTED = "outbox.worker_started"
WORKER_STOPPED = "outbox.worker_stopped"

POLL_SECONDS = 1.0
AWAY_SECONDS = 2.0
BATCH = 100


def work(stop: threading.Event, *, poll_seconds: float = POLL_SECONDS) -> None:
    """Does messages until `stop` is set; a message that is under way is finished first."""
    log.info(WORKER_STARTED)
    try:
        while not stop.is_set():
            if not _work_once():
                stop.wait(poll_seconds)
    finally:
        connection.close()
        log.info(WORKER_STOPPED)


def _work_once() -> int:
    close_old_connections()
    try:
        # One at a time, so that a request to stop is heard between any two messages.
        return services.consume(1)
    except Error as error:
        # The database restarts or is away for a moment: nothing is lost, the rows wait.
        log.warning(DATABASE_AWAY, error=type(error).__name__)
        connection.close()
        threading.Event().wait(AWAY_SECONDS)
        return 0


@dataclass
class WorkerThread:
    """A worker beside the demo server, which ends with it."""

    stopping: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def start(self) -> "WorkerThread":
        self.thread = threading.Thread(
            target=work, args=(self.stopping,), name="outbox-worker", daemon=True
        )
        self.thread.start()
        return self

    def stop(self, timeout: float = 30) -> None:
        """Lets the message under way finish, for at most `timeout` seconds."""
        self.stopping.set()
        if self.thread is not None:
            self.thread.join(timeout)
