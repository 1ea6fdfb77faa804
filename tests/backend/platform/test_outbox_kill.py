"""Worker processes killed with -9 in the middle of their work: nothing lost, nothing doubled."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connections, transaction

from backend.common import clock
from backend.outbox import services, worker
from backend.outbox.choices import MessageState
from backend.outbox.models import OutboxMessage
from backend.outbox.public import enqueue, register
from tests.backend.platform import effects

MESSAGES = 160
WORKERS = 2
# A worker is killed each time so many messages are done, so that each kill falls amid the work.
KILL_AFTER = (10, 30, 50, 70, 90, 110)
LONGEST_WAIT_SECONDS = 180

pytestmark = pytest.mark.race


@pytest.fixture
def slow_work(topics, effect_table) -> None:
    def handler(payload):
        effects.write(payload["item"])
        time.sleep(0.02)

    register("test.effect", handler)
    with transaction.atomic():
        for item in range(MESSAGES):
            enqueue("test.effect", {"item": item})


def the_worker() -> None:
    worker.work(threading.Event(), poll_seconds=0.05)


def forgetful_worker() -> None:
    """Marks a message done first and works after, as queues do that acknowledge on receipt."""
    while True:
        with transaction.atomic():
            message = services.due().select_for_update(skip_locked=True).first()
            if message is None:
                return
            message.state, message.done_at = MessageState.DONE, clock.now()
            message.save()
        with transaction.atomic():
            effects.write(message.payload["item"])
            time.sleep(0.02)


def start(function: Callable[[], None]) -> int:
    """Process id of a copy of this process that runs `function`."""
    # A copy must not share a connection; both open their own.
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        try:
            function()
        finally:
            os._exit(0)
    return pid


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def pending() -> int:
    return OutboxMessage.objects.filter(state=MessageState.PENDING).count()


def work_with_kills(function: Callable[[], None]) -> None:
    """Runs workers until no message waits, killing one of them again and again meanwhile."""
    workers = [start(function) for _ in range(WORKERS)]
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    try:
        for done in KILL_AFTER:
            while pending() > MESSAGES - done and time.monotonic() < deadline:
                time.sleep(0.005)
            assert pending() > 0
            kill(workers.pop(0))
            workers.append(start(function))
        while pending() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
    finally:
        for pid in workers:
            kill(pid)


@pytest.mark.usefixtures("slow_work")
def test_killed_workers_lose_and_double_nothing():
    work_with_kills(the_worker)
    assert pending() == 0
    assert Counter(effects.items()) == Counter(range(MESSAGES))


@pytest.mark.usefixtures("slow_work")
def test_control_a_worker_that_acknowledges_first_loses_work():
    work_with_kills(forgetful_worker)
    assert pending() == 0
    assert len(set(effects.items())) < MESSAGES
