"""`manage.py postgres start|status|stop`: Passend's own PostgreSQL."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backend.common.embedded.errors import EmbeddedServerError
from backend.common.embedded.server import EmbeddedServer


class Command(BaseCommand):
    help = "Start, toont of stopt de eigen PostgreSQL. / Starts, shows or stops its own PostgreSQL."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["start", "status", "stop"])

    def handle(self, *args: Any, **options: Any) -> None:
        data_dir = settings.DATABASES["default"].get("DATA_DIR")
        if data_dir is None:
            raise CommandError(
                "DATABASE_URL is gezet; die server beheert Passend niet.\n"
                "DATABASE_URL is set; Passend does not manage that server."
            )
        server = EmbeddedServer(Path(str(data_dir)))
        try:
            self.stdout.write(getattr(self, f"_{options['action']}")(server))
        except EmbeddedServerError as error:
            raise CommandError(str(error)) from error

    def _start(self, server: EmbeddedServer) -> str:
        running = server.start()
        return f"PostgreSQL draait / runs (pid {running.pid}): {running.socket_dir}"

    def _status(self, server: EmbeddedServer) -> str:
        running = server.running()
        if running is None:
            return f"PostgreSQL draait niet / does not run: {server.data_dir}"
        return f"PostgreSQL draait / runs (pid {running.pid}): {running.socket_dir}"

    def _stop(self, server: EmbeddedServer) -> str:
        return (
            "PostgreSQL is gestopt / stopped."
            if server.stop()
            else "PostgreSQL draaide niet / did not run."
        )
