"""Several consumers at once: every effect once; without the lock the same race doubles them."""

import threading
import time

import pytest
from django.db import connection, transaction

from backend.outbox import services
from backend.outbox.models import OutboxMessage
from backend.outbox.public import enqueue, register
from tests.backend.platform import effects

CONSUMERS = 4
MESSAGES = 40

pytestmark = pytest.mark.race


@pytest.fixture
def waiting_messages(topics, effect_table) -> None:
    def handler(payload):
        effects.write(payload["item"])
        time.sleep(0.005)  # long enough for the others to look for work

    register("test.effect", handler)
    with transaction.atomic():
        for item in range(MESSAGES):
            enqueue("test.effect", {"item": item})


def race(function) -> list:
    """What `function` returned in each of the threads that ran it at the same moment."""
    barrier = threading.Barrier(CONSUMERS)
    results = []

    def run() -> None:
        try:
            barrier.wait()
            results.append(function())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(CONSUMERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.usefixtures("waiting_messages")
def test_consumers_share_the_work_and_do_each_message_once():
    tried = race(services.consume)
    assert sum(tried) == MESSAGES
    assert effects.items() == list(range(MESSAGES))


@pytest.mark.usefixtures("waiting_messages")
def test_control_without_the_lock_effects_are_doubled(monkeypatch):
    monkeypatch.setattr(services, "_locked", lambda candidates: candidates)
    race(services.consume)
    done = effects.items()
    assert set(done) == set(range(MESSAGES))
    assert len(done) > MESSAGES


@pytest.mark.usefixtures("effect_table", "topics")
def test_one_key_asked_for_by_many_at_once_is_one_message():
    def ask() -> int:
        with transaction.atomic():
            return enqueue("test.effect", {}, key="the same").pk

    assert len(set(race(ask))) == 1
    assert OutboxMessage.objects.count() == 1
