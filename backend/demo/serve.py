"""Serves the demo: the site and API by granian, background work by a thread beside it."""

import signal
import socket
import subprocess
from collections.abc import Callable
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings

from backend import schedule
from backend.outbox.public import WorkerThread
from backend.serve import server_command, server_environment

HOST = "127.0.0.1"
PORTS_TRIED = 20
SECONDS_TO_START = 60
SECONDS_TO_STOP = 10


def is_free(port: int) -> bool:
    """Nobody listens on the port, so that a server can."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a port in the minute after its last connection counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port(wanted: int) -> int | None:
    """The wanted port, or the next free one after it; None when twenty are taken."""
    return next((port for port in range(wanted, wanted + PORTS_TRIED) if is_free(port)), None)


def address(port: int) -> str:
    return f"http://{HOST}:{port}"


def serve(port: int, ready: Callable[[], None]) -> int:
    """Serves until Ctrl+C or SIGTERM; calls `ready` once pages are answered. The exit status."""
    environment = server_environment() | {"PASSEND_PUBLIC_URL": address(port)}
    command = server_command(host=HOST, port=port)
    server = subprocess.Popen(command, env=environment)  # noqa: S603 - our own arguments
    # The worker is a thread of this process: what it sends names the port of the demo as well.
    settings.PUBLIC_URL = address(port)
    worker = WorkerThread(tick=schedule.tick).start()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if _wait(port, server):
            ready()
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _end(server)
        worker.stop()


def _wait(port: int, server: "subprocess.Popen[bytes]") -> bool:
    for _attempt in range(SECONDS_TO_START * 2):
        if server.poll() is not None:
            return False
        try:
            with urlopen(f"{address(port)}/health", timeout=10):  # noqa: S310 - our own address
                return True
        except (URLError, OSError):
            try:
                server.wait(0.5)
            except subprocess.TimeoutExpired:
                continue
    return False


def _end(server: "subprocess.Popen[bytes]") -> None:
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            server.kill()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
