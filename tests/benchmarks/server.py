"""Target 14 of performance.md: `python -m tests.benchmarks.server [--quick]`.

The shipped server configuration (`backend.serve`: granian, one process per core with one thread,
connections kept 60 s) against gunicorn with 2 gthread workers of 4 threads and CONN_MAX_AGE=0,
where many Django sites start. Both serve the same application, settings and database; a list
page with everything on is asked for over 16 kept connections, in turns; medians count. The answers
are compared before anything is timed.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.test")
os.environ.setdefault("PASSEND_DATABASE", "bench_server")

THROUGHPUT_BAR, LATENCY_BAR = 2.0, 0.5
CONNECTIONS = 16
SHIPPED_PORT, REFERENCE_PORT = 8721, 8722
PAGE = "/api/v1/intake-moments?pageSize=20&sort=startDate"
ROWS = 200


@dataclass(frozen=True)
class Round:
    requests_per_second: float
    p95_milliseconds: float


@dataclass
class Served:
    name: str
    port: int
    process: "subprocess.Popen[bytes]"

    def wait(self) -> None:
        for _ in range(1200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"{self.name} does not listen on port {self.port}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Connection:
    """One kept HTTP/1.1 connection."""

    def __init__(self, port: int, key: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = (
            f"GET {PAGE} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n"
        ).encode()

    def get(self) -> tuple[int, bytes]:
        return self.send(self.request)

    def send(self, request: bytes) -> tuple[int, bytes]:
        """The status and body that come back."""
        self.socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.socket.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += self.socket.recv(65536)
        return int(head.split(b" ", 2)[1]), body

    def ask(self, times: int) -> list[float]:
        """Seconds that each of `times` requests took; every one must be answered with 200."""
        taken = []
        for _ in range(times):
            started = time.perf_counter()
            status, _body = self.get()
            assert status == 200, status
            taken.append(time.perf_counter() - started)
        return taken


def answer(server: Served, key: str) -> tuple[int, bytes]:
    connection = Connection(server.port, key)
    try:
        return connection.get()
    finally:
        connection.socket.close()


def drive(server: Served, key: str, requests: int) -> Round:
    connections = [Connection(server.port, key) for _ in range(CONNECTIONS)]
    each = requests // CONNECTIONS
    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        taken = [one for part in pool.map(lambda one: one.ask(each), connections) for one in part]
    seconds = time.perf_counter() - started
    for one in connections:
        one.socket.close()
    return Round(len(taken) / seconds, 1000 * statistics.quantiles(taken, n=20)[-1])


@contextmanager
def world() -> Iterator[tuple[Served, Served, str]]:
    """An own database with a catalogue, and both servers on it."""
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    from backend.accounts.roles import Role
    from backend.serve import server_command
    from tests.factories.accounts import client_with
    from tests.factories.organisations import MunicipalityFactory
    from tests.support.supply import make_supply

    old = setup_databases(verbosity=0, interactive=False)
    town = MunicipalityFactory(name="Meetstad").organisation
    make_supply(ROWS, town)
    key = client_with(Role.CASEWORKER, organisation=town)[1]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.placement_settings",
        "PASSEND_DATABASE": connection.settings_dict["NAME"],
        "PASSEND_PROCESS": "web",
    }
    gunicorn = [
        str(Path(sys.executable).with_name("gunicorn")),
        *("--bind", f"127.0.0.1:{REFERENCE_PORT}", "--worker-class", "gthread"),
        *("--workers", "2", "--threads", "4", "--log-level", "error"),
        "backend.wsgi:application",
    ]
    servers = [
        Served(
            "shipped",
            SHIPPED_PORT,
            _started(server_command(host="127.0.0.1", port=SHIPPED_PORT), environment),
        ),
        Served(
            "reference",
            REFERENCE_PORT,
            _started(gunicorn, {**environment, "PASSEND_CONN_MAX_AGE": "0"}),
        ),
    ]
    try:
        for server in servers:
            server.wait()
        yield servers[0], servers[1], key
    finally:
        for server in servers:
            server.stop()
        teardown_databases(old, verbosity=0)


def _started(command: list[str], environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    rounds, requests = (3, 320) if quick else (7, 960)
    shipped: list[Round] = []
    reference: list[Round] = []
    with world() as (ours, theirs, key):
        assert answer(ours, key) == answer(theirs, key)
        for _ in range(rounds + 1):
            shipped.append(drive(ours, key, requests))
            reference.append(drive(theirs, key, requests))
    return report(shipped[1:], reference[1:])


def report(shipped: list[Round], reference: list[Round]) -> int:
    rate, reference_rate = (
        statistics.median(one.requests_per_second for one in rounds)
        for rounds in (shipped, reference)
    )
    p95, reference_p95 = (
        statistics.median(one.p95_milliseconds for one in rounds) for rounds in (shipped, reference)
    )
    faster, slower = rate / reference_rate, p95 / reference_p95
    met = faster >= THROUGHPUT_BAR and slower <= LATENCY_BAR
    print(
        f"{'ok    ' if met else 'MISSED'} 14 shipped server against gthread 2x4 without kept "
        f"connections: {rate:.0f} / {reference_rate:.0f} requests a second = {faster:.2f} "
        f"(at least {THROUGHPUT_BAR:.1f}); p95 {p95:.0f} / {reference_p95:.0f} ms = {slower:.2f} "
        f"(at most {LATENCY_BAR:.1f})"
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
