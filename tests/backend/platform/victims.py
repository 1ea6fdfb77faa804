"""Worker processes that a test kills; run from a clean process, never from a copy of the test's.

A copy of a process with threads can wait for ever for a lock that another thread held.
"""

import os
import threading
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.test")
django.setup()

from django.db import connection, transaction  # noqa: E402

from backend.common import clock  # noqa: E402
from backend.outbox import services, worker  # noqa: E402
from backend.outbox.choices import MessageState  # noqa: E402
from backend.outbox.public import Payload, register  # noqa: E402
from tests.backend.platform import effects  # noqa: E402

WORK_SECONDS = 0.02


def slow_effect(payload: Payload) -> None:
    effects.write(payload["item"])
    time.sleep(WORK_SECONDS)


def the_worker(database: str) -> None:
    connection.settings_dict["NAME"] = database
    register("test.effect", slow_effect)
    worker.work(threading.Event(), poll_seconds=0.05)


def forgetful_worker(database: str) -> None:
    """Marks a message done first and works after, as queues do that acknowledge on receipt."""
    connection.settings_dict["NAME"] = database
    while True:
        with transaction.atomic():
            message = services.due().select_for_update(skip_locked=True).first()
            if message is None:
                return
            message.state, message.done_at = MessageState.DONE, clock.now()
            message.save()
        with transaction.atomic():
            slow_effect(message.payload)
