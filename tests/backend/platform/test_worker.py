"""The worker without Celery: as a command, and as a thread beside the demo server."""

import threading
import time

import pytest
from django.core.management import call_command
from django.db import OperationalError, transaction

from backend import schedule
from backend.outbox import services, worker
from backend.outbox.models import OutboxMessage
from backend.outbox.public import WorkerThread, enqueue, register
from tests.backend.platform import effects


@pytest.fixture
def waiting_work(topics, effect_table) -> None:
    register("test.effect", lambda payload: effects.write(payload["item"]))
    with transaction.atomic():
        for item in range(5):
            enqueue("test.effect", {"item": item})


@pytest.mark.usefixtures("waiting_work")
def test_once_does_what_is_due_and_says_how_much(capsys):
    call_command("worker", "--once")
    assert capsys.readouterr().out.strip() == "5"
    assert effects.items() == [0, 1, 2, 3, 4]


@pytest.mark.usefixtures("waiting_work")
def test_a_thread_works_until_it_is_stopped():
    thread = WorkerThread().start()
    deadline = time.monotonic() + 20
    while len(effects.items()) < 5 and time.monotonic() < deadline:
        time.sleep(0.05)
    thread.stop()
    assert thread.thread is not None
    assert not thread.thread.is_alive()
    assert effects.items() == [0, 1, 2, 3, 4]


@pytest.mark.usefixtures("waiting_work")
def test_a_database_that_is_away_for_a_moment_is_waited_for(monkeypatch):
    monkeypatch.setattr(worker, "AWAY_SECONDS", 0)
    real, answers = services.consume, [OperationalError("away")]

    def consume(limit):
        if answers:
            raise answers.pop()
        return real(limit)

    monkeypatch.setattr(services, "consume", consume)
    assert worker._guarded(worker._work_once) is None
    assert worker._guarded(worker._work_once) == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("frozen_clock")  # late enough for all work of the day
def test_a_worker_without_a_scheduler_asks_for_scheduled_work_itself(monkeypatch):
    stop = threading.Event()
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    monkeypatch.setattr(worker.connection, "close", lambda: None)

    def tick():
        schedule.tick()
        schedule.tick()
        stop.set()

    worker.work(stop, tick=tick)

    asked = OutboxMessage.objects.values_list("topic", flat=True)
    assert sorted(asked) == sorted({work.topic for work in schedule.SCHEDULED_WORK})
