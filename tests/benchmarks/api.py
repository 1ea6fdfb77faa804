"""Targets 1, 2 and 4 of performance.md: `python -m tests.benchmarks.api [--quick]`.

Everything runs in this process against one database: ours through the complete WSGI application
(all middleware, key authentication, permission, visibility, filters, order, page, headers, log
line), the stock twin through the same application and middleware, the bare twin as its own WSGI
function. CPU is user plus system time of this process per request; rounds alternate, medians count.
Answers are compared before anything is timed.
"""

import argparse
import io
import logging.config
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.test")
os.environ.setdefault("PASSEND_DATABASE", "bench_api")

LIST = "/api/v1/intake-moments?status=published&startsFrom=2027-01-04&sort=startDate&pageSize=100"
STOCK_LIST = (
    "/stock/intake-moments?status=published&starts_from=2027-01-04&ordering=start_date,id"
    "&page_size=100"
)
ROWS = 1000


@dataclass(frozen=True)
class Target:
    name: str
    ours: float
    reference: float
    bar: float

    @property
    def ratio(self) -> float:
        return self.ours / self.reference

    @property
    def met(self) -> bool:
        return self.ratio <= self.bar

    def line(self) -> str:
        verdict = "ok    " if self.met else "MISSED"
        return (
            f"{verdict} {self.name:<58} {self.ours * 1000:7.2f} / {self.reference * 1000:7.2f} ms"
            f" = {self.ratio:5.2f} (at most {self.bar:.2f})"
        )


class Caller:
    """Calls a WSGI application the way a server does, in this process."""

    def __init__(self, application: Callable[..., Any], key: str) -> None:
        self.application = application
        self.key = key

    def get(self, url: str) -> tuple[str, bytes]:
        parts = urlsplit(url)
        environ = {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
            "HTTP_ACCEPT": "application/json",
            "HTTP_AUTHORIZATION": f"Bearer {self.key}",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        status: list[str] = []
        answer = self.application(environ, lambda line, _headers, _info=None: status.append(line))
        try:
            return status[0], b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()


def cpu_per_request(call: Callable[[], Any], requests: int) -> float:
    started = time.process_time()
    for _ in range(requests):
        call()
    return (time.process_time() - started) / requests


def medians(
    contenders: dict[str, Callable[[], Any]], rounds: int, requests: int
) -> dict[str, float]:
    """Median CPU per request of each contender over alternating rounds."""
    for call in contenders.values():
        cpu_per_request(call, max(5, requests // 5))
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, call in contenders.items():
            found[name].append(cpu_per_request(call, requests))
    return {name: statistics.median(times) for name, times in found.items()}


def log_as_in_production() -> None:
    """Log lines are made and written as in production, but nobody reads them here."""
    from backend.common.logging import logging_settings

    configuration = logging_settings(json=True, level="INFO")
    nowhere = open(os.devnull, "w")  # noqa: SIM115 - open as long as the process logs
    for handler in configuration["handlers"].values():
        handler["stream"] = nowhere
    logging.config.dictConfig(configuration)


def prepare() -> tuple[Callable[[], None], str]:
    """An own database with the rows; returns how to remove it, and a key."""
    import django

    django.setup()
    from django.conf import settings
    from django.test.utils import setup_databases, teardown_databases

    from backend.accounts.roles import Role
    from tests.factories.accounts import client_with
    from tests.factories.organisations import MunicipalityFactory
    from tests.support.supply import make_supply

    old = setup_databases(verbosity=0, interactive=False)
    settings.ROOT_URLCONF = "tests.benchmarks.api_twins"
    settings.ALLOWED_HOSTS = ["localhost"]
    municipality = MunicipalityFactory().organisation
    make_supply(ROWS, municipality)
    roles = (Role.CASEWORKER, Role.PROCUREMENT_OFFICER)
    _client, key = client_with(*roles, organisation=municipality)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("analyze")
    return lambda: teardown_databases(old, verbosity=0), key


def camel_keys(value: Any) -> Any:
    from backend.api.casing import camel

    if isinstance(value, dict):
        return {camel(key): camel_keys(inner) for key, inner in value.items()}
    return [camel_keys(one) for one in value] if isinstance(value, list) else value


def captured_sql(ours: Caller, url: str = LIST) -> list[str]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ours.get(url)
    with CaptureQueriesContext(connection) as captured:
        ours.get(url)
    return [one["sql"] for one in captured.captured_queries]


def list_target(ours: Caller, rounds: int, requests: int) -> list[Target]:
    """Target 1: a page of 100 rows with everything on."""
    import orjson
    import psycopg
    from django.db import connection

    from tests.benchmarks.api_twins import bare_list

    page_sql, count_sql = captured_sql(ours)
    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    with psycopg.connect(**parameters, autocommit=True) as own:
        own.execute("set time zone 'UTC'")
        bare = Caller(bare_list(own, page_sql, count_sql, {"page": 1, "pageSize": 100}), "")
        answer, twin, least = ours.get(LIST), ours.get(STOCK_LIST), bare.get("/")
        assert answer[0] == twin[0] == least[0] == "200 OK", (answer, twin, least)
        assert least[1] == answer[1], "the bare twin answers something else"
        items = orjson.loads(answer[1])["items"]
        assert len(items) == 100
        assert camel_keys(orjson.loads(twin[1])["results"]) == items, "the stock twin differs"
        found = medians(
            {
                "ours": lambda: ours.get(LIST),
                "stock": lambda: ours.get(STOCK_LIST),
                "bare": lambda: bare.get("/"),
            },
            rounds,
            requests,
        )
    return [
        Target("1  list of 100 rows / stock ModelViewSet", found["ours"], found["stock"], 1 / 3),
        Target(
            "1  list of 100 rows / bare WSGI + psycopg + orjson", found["ours"], found["bare"], 6
        ),
    ]


def single_target(ours: Caller, rounds: int, requests: int) -> list[Target]:
    """Target 4: one object against RetrieveAPIView with the same authentication."""
    import orjson

    identity = orjson.loads(ours.get(LIST)[1])["items"][7]["id"]
    url, twin_url = f"/api/v1/intake-moments/{identity}", f"/stock/single/{identity}"
    answer, twin = ours.get(url), ours.get(twin_url)
    assert answer[0] == twin[0] == "200 OK", (answer, twin)
    assert camel_keys(orjson.loads(twin[1])) == orjson.loads(answer[1])
    found = medians(
        {"ours": lambda: ours.get(url), "stock": lambda: ours.get(twin_url)}, rounds, requests * 5
    )
    return [Target("4  single object / stock RetrieveAPIView", found["ours"], found["stock"], 0.6)]


def declared_targets(ours: Caller, rounds: int, requests: int) -> list[Target]:
    """Targets 1 and 4 for the lists and objects of supply and contracts."""
    import psycopg
    from django.db import connection

    from tests.benchmarks.api_declared import DECLARED

    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    targets = []
    with psycopg.connect(**parameters, autocommit=True) as own:
        own.execute("set time zone 'UTC'")
        for one in DECLARED:
            targets += _declared_list(ours, own, one, rounds, requests)
            targets.append(_declared_object(ours, one, rounds, requests * 3))
    return targets


def _declared_list(
    ours: Caller, own: Any, declared: Any, rounds: int, requests: int
) -> list[Target]:
    import orjson

    from tests.benchmarks.api_declared import bare_list

    url = f"/api/v1/{declared.name}?{declared.query}&pageSize=100"
    twin_url = f"/declared/{declared.name}?{declared.query}&pageSize=100"
    statements = captured_sql(ours, url)
    head = {"page": 1, "pageSize": 100}
    bare = Caller(bare_list(own, statements, declared.shape, head), "")
    answer, twin, least = ours.get(url), ours.get(twin_url), bare.get("/")
    assert answer[0] == twin[0] == least[0] == "200 OK", (answer, twin, least)
    assert answer[1] == least[1], f"the bare twin of {declared.name} answers something else"
    items = orjson.loads(answer[1])["items"]
    assert len(items) == 100, declared.name
    assert orjson.loads(twin[1])["results"] == items, f"the stock twin of {declared.name} differs"
    found = medians(
        {
            "ours": lambda: ours.get(url),
            "stock": lambda: ours.get(twin_url),
            "bare": lambda: bare.get("/"),
        },
        rounds,
        requests,
    )
    name = f"1  list of 100 {declared.name}"
    return [
        Target(f"{name} / stock", found["ours"], found["stock"], 1 / 3),
        Target(f"{name} / bare", found["ours"], found["bare"], 6),
    ]


def _declared_object(ours: Caller, declared: Any, rounds: int, requests: int) -> Target:
    import orjson

    listed = ours.get(f"/api/v1/{declared.name}?{declared.query}")
    identity = orjson.loads(listed[1])["items"][7]["id"]
    url, twin_url = f"/api/v1/{declared.name}/{identity}", f"/declared/{declared.name}/{identity}"
    answer, twin = ours.get(url), ours.get(twin_url)
    assert answer[0] == twin[0] == "200 OK", (answer, twin)
    assert orjson.loads(answer[1]) == orjson.loads(twin[1])
    found = medians(
        {"ours": lambda: ours.get(url), "stock": lambda: ours.get(twin_url)}, rounds, requests
    )
    return Target(f"4  one of {declared.name} / stock", found["ours"], found["stock"], 0.6)


def query_lines(ours: Caller) -> list[str]:
    """Target 2: as many queries for 1, 10, 100 and 1,000 rows (machine clients: pages of 500)."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.support.resources import all_resources

    lines = []
    for resource in all_resources():
        if resource.viewset.model._meta.app_label not in {"providers", "procurement"}:
            continue
        counts = []
        for size in (1, 10, 100, 500):
            with CaptureQueriesContext(connection) as captured:
                ours.get(f"{resource.path}?pageSize={size}")
            counts.append(len(captured))
        verdict = "ok    " if len(set(counts)) == 1 and counts[0] <= 4 else "MISSED"
        lines.append(f"{verdict} 2  queries of {resource!s:<20} of {ROWS} rows by page: {counts}")
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, for a first look")
    quick = parser.parse_args().quick
    clean_up, key = prepare()
    try:
        from backend.wsgi import application

        log_as_in_production()
        ours = Caller(application, key)
        rounds, requests = (5, 20) if quick else (9, 60)
        targets = [
            *list_target(ours, rounds, requests),
            *single_target(ours, rounds, requests),
            *declared_targets(ours, rounds, requests),
        ]
        lines = [*query_lines(ours), *(target.line() for target in targets)]
    finally:
        clean_up()
    print("\n".join(lines))
    return 1 if any("MISSED" in line for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
