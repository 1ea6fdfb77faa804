"""Starts the web server, the same way in a container and in the demo.

Granian with as many processes as cores and one thread in each carried 1.5 to 2.5 times what
threads or ASGI did for this kind of work (docs/decisions/0004-web-server.md).
"""

import os
import sys
from pathlib import Path

from backend.settings import env


def web_workers() -> int:
    """Number of server processes: as set, or one per core this process may use."""
    chosen = env.WEB_WORKERS.number()
    if chosen > 0:
        return chosen
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def server_command(*, host: str, port: int) -> list[str]:
    """The command that serves Passend on `host` and `port` until it is stopped."""
    return [
        str(Path(sys.executable).with_name("granian")),
        "--interface",
        "wsgi",
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        str(web_workers()),
        "--blocking-threads",
        "1",
        "--respawn-failed-workers",
        "--no-ws",
        "--log-level",
        "warning",
        "backend.wsgi:application",
    ]


def server_environment() -> dict[str, str]:
    """The environment of the server's processes."""
    return {**os.environ, "PASSEND_PROCESS": "web"}


def main() -> None:
    command = server_command(host=env.BIND_HOST.text(), port=env.BIND_PORT.number())
    os.execve(command[0], command, server_environment())  # noqa: S606 - our own server


if __name__ == "__main__":
    main()
