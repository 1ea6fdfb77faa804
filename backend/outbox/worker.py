"""Consumes the outbox without Celery: a process of its own, or a thread beside the demo server."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from django.db import Error, close_old_connections, connection

from backend.outbox import services

log = structlog.get_logger(__name__)

DATABASE_AWAY = "outbox.database_away"
WORKER_STARTED = "outbox.worker_started"
WORKER_STOPPED = "outbox.worker_stopped"

Tick = Callable[[], None]

POLL_SECONDS = 1.0
# How often the clock is looked at for scheduled work; which is asked for once per hour or day.
TICK_SECONDS = 600.0
AWAY_SECONDS = 2.0
BATCH = 100


def work(
    stop: threading.Event, *, poll_seconds: float = POLL_SECONDS, tick: Tick | None = None
) -> None:
    """Does messages until `stop` is set; a message that is under way is finished first.

    `tick` asks for scheduled work at the start and every TICK_SECONDS: the place of a scheduler
    where there is none.
    """
    log.info(WORKER_STARTED)
    next_tick = time.monotonic()
    try:
        while not stop.is_set():
            if tick is not None and time.monotonic() >= next_tick:
                next_tick = time.monotonic() + TICK_SECONDS
                _guarded(tick)
            if not _guarded(_work_once):
                stop.wait(poll_seconds)
    finally:
        connection.close()
        log.info(WORKER_STOPPED)


def _work_once() -> int:
    # One at a time, so that a request to stop is heard between any two messages.
    return services.consume(1)


def _guarded(step: Callable[[], int | None]) -> int | None:
    """The step's answer; None when the database is away for a moment: the rows wait."""
    close_old_connections()
    try:
        return step()
    except Error as error:
        log.warning(DATABASE_AWAY, error=type(error).__name__)
        connection.close()
        threading.Event().wait(AWAY_SECONDS)
        return None


@dataclass
class WorkerThread:
    """A worker beside the demo server, which ends with it."""

    tick: Tick | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def start(self) -> "WorkerThread":
        self.thread = threading.Thread(
            target=work,
            args=(self.stopping,),
            kwargs={"tick": self.tick},
            name="outbox-worker",
            daemon=True,
        )
        self.thread.start()
        return self

    def stop(self, timeout: float = 30) -> None:
        """Lets the message under way finish, for at most `timeout` seconds."""
        self.stopping.set()
        if self.thread is not None:
            self.thread.join(timeout)
