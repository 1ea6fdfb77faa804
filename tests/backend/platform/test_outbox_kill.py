"""Worker processes killed with -9 in the middle of their work: nothing lost, nothing doubled."""

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from backend.outbox.choices import MessageState
from backend.outbox.models import OutboxMessage
from backend.outbox.public import enqueue, register
from tests.backend.platform import effects, victims

MESSAGES = 160
WORKERS = 2
# A worker is killed each time so many messages are done, so that each kill falls amid the work.
KILL_AFTER = (10, 30, 50, 70, 90, 110)
LONGEST_WAIT_SECONDS = 180

pytestmark = pytest.mark.race


@pytest.fixture(scope="module")
def clean_process():
    """Starts processes from one that has no threads and no connections."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.backend.platform.victims"])
    return context


@pytest.fixture
def slow_work(topics, effect_table) -> None:
    register("test.effect", victims.slow_effect)
    with transaction.atomic():
        for item in range(MESSAGES):
            enqueue("test.effect", {"item": item})


def pending() -> int:
    return OutboxMessage.objects.filter(state=MessageState.PENDING).count()


def work_with_kills(context, function: Callable[[str], None]) -> None:
    """Runs workers until no message waits, killing one of them again and again meanwhile."""

    def start():
        process = context.Process(target=function, args=(connection.settings_dict["NAME"],))
        process.start()
        return process

    def kill(process) -> None:
        process.kill()
        process.join()

    workers = [start() for _ in range(WORKERS)]
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    try:
        for done in KILL_AFTER:
            while pending() > MESSAGES - done and time.monotonic() < deadline:
                time.sleep(0.005)
            assert pending() > 0
            kill(workers.pop(0))
            workers.append(start())
        while pending() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
    finally:
        for process in workers:
            kill(process)


@pytest.mark.usefixtures("slow_work")
def test_killed_workers_lose_and_double_nothing(clean_process):
    work_with_kills(clean_process, victims.the_worker)
    assert pending() == 0
    assert Counter(effects.items()) == Counter(range(MESSAGES))


@pytest.mark.usefixtures("slow_work")
def test_control_a_worker_that_acknowledges_first_loses_work(clean_process):
    work_with_kills(clean_process, victims.forgetful_worker)
    assert pending() == 0
    assert len(set(effects.items())) < MESSAGES
