"""Starts the web server, the same way in a container and in the demo.

Granian with as many processes as cores and one thread in each carried 1.5 to 2.5 times what
threads or ASGI did for this kind of work (docs/decisions/platform-web-server.md).
"""

import os
import socket
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
        # Less than the ten seconds that a container gets: idle kept connections hold nothing up.
        "--workers-kill-timeout",
        "8",
        "--no-ws",
        "--log-level",
        "warning",
        "backend.wsgi:application",
    ]


def server_environment() -> dict[str, str]:
    """The environment of the server's processes."""
    return {**os.environ, "PASSEND_PROCESS": "web"}


def port_is_free(host: str, port: int) -> bool:
    """Whether nobody listens on this address now."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1" if host == "0.0.0.0" else host, port)) != 0  # noqa: S104


def port_taken(port: int) -> str:
    """What to tell whoever starts a server on a port that is taken."""
    return (
        f"Poort {port} is bezet door een ander programma. Stop dat, of kies een andere poort: "
        f"{env.BIND_PORT.name}={port + 1}\n"
        f"Port {port} is taken by another program. Stop it, or choose another port: "
        f"{env.BIND_PORT.name}={port + 1}"
    )


def main() -> None:
    host, port = env.BIND_HOST.text(), env.BIND_PORT.number()
    if not port_is_free(host, port):
        sys.exit(port_taken(port))
    command = server_command(host=host, port=port)
    os.execve(command[0], command, server_environment())  # noqa: S606 - our own server


if __name__ == "__main__":
    main()
