"""The outbox through Celery on Redis: workers and Redis killed, nothing lost, nothing doubled."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from backend.outbox import services
from backend.outbox.choices import MessageState
from backend.outbox.mail import queue_mail
from backend.outbox.models import OutboxMessage
from tests.support.database import database_name
from tests.support.requirements import require_tool

MESSAGES = 60
LONGEST_WAIT_SECONDS = 180

pytestmark = pytest.mark.race


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start_redis(tmp_path) -> Iterator[Callable[[], subprocess.Popen]]:
    """Starts a Redis that keeps nothing on disk, on the same port each time."""
    program = require_tool("redis-server")
    port = free_port()
    running: list[subprocess.Popen] = []

    def start() -> subprocess.Popen:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
        running.append(subprocess.Popen([program, *options], stdout=subprocess.DEVNULL))
        wait_until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
        return running[-1]

    start.url = f"redis://127.0.0.1:{port}/0"
    yield start
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def start_worker(start_redis, tmp_path) -> Iterator[Callable[[], subprocess.Popen]]:
    """Starts a Celery worker of two processes that writes mails into `tmp_path`."""
    running: list[subprocess.Popen] = []
    environment = {
        **os.environ,
        "PASSEND_DATABASE": database_name(),
        "CELERY_BROKER_URL": start_redis.url,
        "DJANGO_SETTINGS_MODULE": "tests.backend.platform.celery_settings",
        "PASSEND_TEST_MAILS": str(tmp_path / "mails"),
        "PASSEND_LOG_LEVEL": "ERROR",
    }

    def start() -> subprocess.Popen:
        options = ["worker", "--concurrency", "2", "--loglevel", "error", "--without-gossip"]
        command = [sys.executable, "-m", "celery", "--app", "backend.celery", *options]
        running.append(
            subprocess.Popen(
                command,
                env=environment,
                cwd=settings.BASE_DIR,
                start_new_session=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        return running[-1]

    yield start
    for process in running:
        kill_group(process)


def kill_group(process: subprocess.Popen) -> None:
    """-9 for the worker and its children at once, as when a machine dies."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "took too long"
        time.sleep(0.1)


@pytest.fixture
def relay(start_redis) -> Iterator[Callable[[], None]]:
    """Hands over due messages, again after 2 seconds, as the scheduler does after 60."""
    from backend.celery import app

    before = app.conf.broker_url
    app.conf.broker_url = start_redis.url

    def hand_over() -> None:
        for key in services.hand_over(500, again_after=timedelta(seconds=2)):
            app.send_task("outbox.run_message", [key], retry=False)

    yield hand_over
    app.pool.force_close_all()
    app.conf.broker_url = before


def done() -> int:
    return OutboxMessage.objects.filter(state=MessageState.DONE).count()


def mails(folder: Path) -> list[str]:
    """What was sent; a file that a killed worker had opened and not yet written is no mail."""
    texts = [path.read_text() for path in folder.glob("*")] if folder.exists() else []
    return sorted(text for text in texts if text)


@pytest.mark.django_db(transaction=True)
def test_killed_workers_and_a_killed_redis_lose_and_double_nothing(
    start_redis, start_worker, relay, tmp_path
):
    redis = start_redis()
    with transaction.atomic():
        for item in range(MESSAGES):
            queue_mail(to="x@school.example", subject=f"{item}", body="", key=f"test:{item}")
    worker = start_worker()
    relay()
    wait_until(lambda: done() > 5)
    kill_group(worker)
    redis.kill()
    redis.wait()
    at_kill = done()
    assert at_kill < MESSAGES
    start_redis()
    start_worker()
    time.sleep(2)

    def finished() -> bool:
        relay()
        return done() == MESSAGES

    wait_until(finished)
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {MessageState.DONE}
    sent = mails(tmp_path / "mails")
    assert set(sent) == {str(item) for item in range(MESSAGES)}
    # A mail is outside the database: at most the two that were under way may leave twice.
    assert len(sent) <= MESSAGES + 2


class SlowFileBackend:
    """A mail server that takes a moment and writes each subject to a file of its own."""

    def __init__(self, **_options: object) -> None:
        self.folder = Path(os.environ["PASSEND_TEST_MAILS"])

    def send_messages(self, messages: list[EmailMessage]) -> int:
        self.folder.mkdir(exist_ok=True)
        for message in messages:
            time.sleep(0.05)
            (self.folder / f"{time.time_ns()}-{os.getpid()}").write_text(message.subject)
        return len(messages)
