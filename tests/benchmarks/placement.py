"""Targets 5 and 6 of performance.md: `python -m tests.benchmarks.placement [--quick]`.

POST /api/v1/placements with everything (key authentication, rights, all rules, seat, ceiling, match
record, events, audit, outbox, idempotency, the answer through the caller's eyes) against a bare
WSGI program that only does one insert-with-check. Both are served by granian with one blocking
thread per worker and as many workers as cores, over HTTP/1.1 with 32 kept connections, in turns;
medians count. In every round both have fewer seats than requests and must sell exactly the seats.
CPU is that of the server's process tree and of its PostgreSQL back-ends.

Target 6: the same requests for one hot intake moment against each for an intake moment of its own.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from uuid import uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.test")
os.environ.setdefault("PASSEND_DATABASE", "bench_placement")

import orjson
import psutil

BAR = 0.25
HOT_THROUGHPUT_BAR, HOT_LATENCY_BAR = 0.6, 2.0
CONNECTIONS = 32
SEATS_OF_REQUESTS = 0.8
OURS_PORT, BARE_PORT = 8711, 8712


@dataclass(frozen=True)
class Round:
    requests_per_second: float
    milliseconds_cpu: float
    # Of which in the back-ends of PostgreSQL.
    milliseconds_database: float
    p95_milliseconds: float
    created: int
    statuses: frozenset[int]


class Server:
    """A granian server with its process tree."""

    def __init__(self, target: str, port: int, environment: dict[str, str]) -> None:
        command = [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
            *("--port", str(port), "--workers", str(os.cpu_count()), "--blocking-threads", "1"),
            *("--log-level", "error", target),
        ]
        self.port = port
        self.process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait(self) -> None:
        for _ in range(900):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"no server on port {self.port}")

    def cpu(self) -> float:
        tree = psutil.Process(self.process.pid)
        times = [one.cpu_times() for one in [tree, *tree.children(recursive=True)]]
        return sum(one.user + one.system for one in times)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            for one in [*psutil.Process(self.process.pid).children(recursive=True), self.process]:
                one.kill()


def database_cpu() -> float:
    """CPU of all PostgreSQL back-ends of this benchmark's database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pid from pg_stat_activity where datname = current_database()")
        pids = [pid for (pid,) in cursor.fetchall()]
    total = 0.0
    for pid in pids:
        times = psutil.Process(pid).cpu_times()
        total += times.user + times.system
    return total


class Connection:
    """One kept HTTP/1.1 connection that only reads the status and skips the body."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> int:
        self.socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.socket.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        lower = head.lower()
        length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += self.socket.recv(65536)
        return int(head.split(b" ", 2)[1])


def request_bytes(path: str, body: dict[str, Any], headers: dict[str, str]) -> bytes:
    content = orjson.dumps(body)
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + content


def drive(server: Server, requests: list[bytes]) -> Round:
    """Sends all requests over the connections as fast as they are answered."""
    shares = [requests[number::CONNECTIONS] for number in range(CONNECTIONS)]
    connections = [Connection(server.port) for _ in shares]
    before, before_database = server.cpu(), database_cpu()
    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        answers = list(pool.map(_send_all, connections, shares))
    seconds = time.perf_counter() - started
    database = database_cpu() - before_database
    cpu = server.cpu() - before + database
    for connection in connections:
        connection.socket.close()
    statuses = [status for share in answers for status, _taken in share]
    taken = [seconds for share in answers for _status, seconds in share]
    return Round(
        len(requests) / seconds,
        1000 * cpu / len(requests),
        1000 * database / len(requests),
        1000 * statistics.quantiles(taken, n=20)[-1],
        statuses.count(201),
        frozenset(statuses),
    )


def _send_all(connection: Connection, requests: list[bytes]) -> list[tuple[int, float]]:
    """Status and seconds of each."""
    found = []
    for request in requests:
        started = time.perf_counter()
        status = connection.send(request)
        found.append((status, time.perf_counter() - started))
    return found


@contextmanager
def world() -> Any:
    """An own database, and both servers on it."""
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    from tests.benchmarks.placement_bare import TABLES

    old = setup_databases(verbosity=0, interactive=False)
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
    settings = connection.get_connection_params()
    bare = " ".join(
        f"{key}={settings[key]}" for key in ("host", "port", "user", "dbname") if key in settings
    )
    name = connection.settings_dict["NAME"]
    ours = {
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.placement_settings",
        "PASSEND_DATABASE": name,
    }
    servers = [
        Server("backend.wsgi:application", OURS_PORT, ours),
        Server("tests.benchmarks.placement_bare:application", BARE_PORT, {"BARE_DATABASE": bare}),
    ]
    try:
        for server in servers:
            server.wait()
        yield servers
    finally:
        for server in servers:
            server.stop()
        teardown_databases(old, verbosity=0)


class Demand:
    """People who wait, with the match record a caseworker has looked at, and a key to ask with."""

    def __init__(self, count: int) -> None:
        from backend.accounts.roles import Role
        from matching.models import Need
        from matching.public import participants_register, pips_register, recommendation_create
        from tests.factories.accounts import client_with
        from tests.factories.matching import PARTICIPANT, PIP, everything
        from tests.factories.organisations import MunicipalityFactory

        self.town = MunicipalityFactory(name="Meetstad").organisation
        actor = everything(self.town)
        people = participants_register(
            actor=actor,
            municipality_id=self.town.pk,
            rows=[(replace(PARTICIPANT, reference=f"p{n}"), None) for n in range(count)],
        )
        pips_register(actor=actor, rows=[(person, PIP) for person in people])
        needs = Need.objects.filter(component="B").order_by("pk")
        self.waiting = iter([(one, recommendation_create(actor=actor, need=one)) for one in needs])
        _, self.key = client_with(Role.CASEWORKER, organisation=self.town)

    def requests(self, count: int, seats: int) -> tuple[Any, list[bytes]]:
        from tests.factories.matching import contracted_intake

        intake = contracted_intake(self.town, seats_total=seats, places=10 * count)
        return intake, self._requests([intake] * count)

    def spread_requests(self, count: int) -> list[bytes]:
        """Each for an intake moment of its own, all of one course."""
        from providers.models import CourseGroup, IntakeMoment
        from tests.factories.matching import contracted_intake

        one = contracted_intake(self.town, seats_total=10, places=10 * count)
        group = one.group
        groups = CourseGroup.objects.bulk_create(
            CourseGroup(
                course=group.course,
                location=group.location,
                code=f"S{number}",
                min_size=group.min_size,
                max_size=group.max_size,
            )
            for number in range(count)
        )
        made = IntakeMoment.objects.bulk_create(
            IntakeMoment(
                group=each,
                start_date=one.start_date,
                end_date=one.end_date,
                seats_total=10,
                status=one.status,
            )
            for each in groups
        )
        return self._requests(made)

    def _requests(self, intakes: list[Any]) -> list[bytes]:
        return [
            request_bytes(
                "/api/v1/placements",
                {
                    "need": str(one.uuid),
                    "intakeMoment": str(intake.uuid),
                    "matchRecord": str(record.uuid),
                    "motivation": "Dichtbij en op tijd.",
                    "offer": True,
                },
                {"Authorization": f"Bearer {self.key}", "Idempotency-Key": str(uuid4())},
            )
            for intake, (one, record) in zip(
                intakes, islice(self.waiting, len(intakes)), strict=True
            )
        ]


def bare_requests(number: int, count: int, seats: int) -> list[bytes]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("insert into bare_intake values (%s, %s, 0)", [number, seats])
    return [request_bytes("/", {"intake": number, "need": str(uuid4())}, {}) for _ in range(count)]


def check_ours(intake: Any, seats: int, found: Round) -> None:
    from matching.models import Placement
    from providers.models import SeatClaim

    sold = SeatClaim.objects.occupying().filter(intake_moment=intake).count()
    placed = Placement.objects.filter(intake_moment=intake, state="offered").count()
    assert found.statuses == {201, 409}, found
    assert sold == placed == found.created == seats, (sold, placed, found.created, seats)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    rounds, requests = (3, 100) if quick else (5, 250)
    seats = int(requests * SEATS_OF_REQUESTS)
    ours: list[Round] = []
    bare: list[Round] = []
    hot: list[Round] = []
    spread: list[Round] = []
    with world() as (our_server, bare_server):
        demand = Demand((3 * rounds + 1) * requests)
        analyze()
        for number in range(rounds + 1):
            intake, made = demand.requests(requests, seats)
            ours.append(drive(our_server, made))
            check_ours(intake, seats, ours[-1])
            bare.append(drive(bare_server, bare_requests(number, 4 * requests, 4 * seats)))
            assert bare[-1].created == 4 * seats, "the bare program oversold or undersold"
        for _ in range(rounds):
            _intake, made = demand.requests(requests, requests)
            hot.append(drive(our_server, made))
            spread.append(drive(our_server, demand.spread_requests(requests)))
            assert hot[-1].created == spread[-1].created == requests, (hot[-1], spread[-1])
    met = [report(ours[1:], bare[1:]), report_hot(hot, spread)]
    return 0 if all(met) else 1


def analyze() -> None:
    """As autovacuum does in an installation that lives longer than a minute."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("analyze")


def median(rounds: list[Round], name: str) -> float:
    return statistics.median(getattr(one, name) for one in rounds)


def report(ours: list[Round], bare: list[Round]) -> bool:
    rate, bare_rate = median(ours, "requests_per_second"), median(bare, "requests_per_second")
    cpu, bare_cpu = median(ours, "milliseconds_cpu"), median(bare, "milliseconds_cpu")
    ratio = rate / bare_rate
    met = ratio >= BAR
    print(
        f"{'ok    ' if met else 'MISSED'} 5 placement POST against one insert-with-check: "
        f"{rate:.0f} / {bare_rate:.0f} requests a second = {ratio:.2f} (at least {BAR:.2f}); "
        f"0 oversold in {len(ours)} rounds"
    )
    in_database = median(ours, "milliseconds_database")
    print(
        f"       CPU with database: {cpu:.2f} / {bare_cpu:.2f} ms a request, "
        f"of ours {in_database:.2f} in PostgreSQL; load average {os.getloadavg()[0]:.1f}"
    )
    return met


def report_hot(hot: list[Round], spread: list[Round]) -> bool:
    rate, spread_rate = median(hot, "requests_per_second"), median(spread, "requests_per_second")
    p95, spread_p95 = median(hot, "p95_milliseconds"), median(spread, "p95_milliseconds")
    throughput, latency = rate / spread_rate, p95 / spread_p95
    met = throughput >= HOT_THROUGHPUT_BAR and latency <= HOT_LATENCY_BAR
    print(
        f"{'ok    ' if met else 'MISSED'} 6 one hot intake moment against many: "
        f"{rate:.0f} / {spread_rate:.0f} requests a second = {throughput:.2f} "
        f"(at least {HOT_THROUGHPUT_BAR:.1f}); p95 {p95:.0f} / {spread_p95:.0f} ms = {latency:.2f} "
        f"(at most {HOT_LATENCY_BAR:.1f})"
    )
    return met


if __name__ == "__main__":
    sys.exit(main())
