"""`manage.py worker`: does background and scheduled work without Celery."""

import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from backend import schedule
from backend.outbox import services, worker


class Command(BaseCommand):
    help = "Doet het achtergrondwerk uit de outbox, zonder Celery. / Consumes the outbox."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, then stop")
        parser.add_argument("--poll-seconds", type=float, default=worker.POLL_SECONDS)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            total = 0
            while tried := services.consume():
                total += tried
            self.stdout.write(f"{total}")
            return
        stop = threading.Event()

        def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, ask_to_stop)
        signal.signal(signal.SIGINT, ask_to_stop)
        worker.work(stop, poll_seconds=options["poll_seconds"], tick=schedule.tick)
