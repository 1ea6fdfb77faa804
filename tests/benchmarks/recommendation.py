"""Target 9 of performance.md: `python -m tests.benchmarks.recommendation [--quick]`.

A recommendation for one PIP over 10,000 open intake moments (read, ranked, explained and stored)
against one object (the endpoint of target 4), both over HTTP from the shipped server, one request
of each in turn over a kept connection; the p95 counts. The ranks are first compared with what the
engine finds in this process. Before each request somebody else takes or gives back a seat of the
component, so that no answer can be one of before: on a live system seats change all day.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.test")
os.environ.setdefault("PASSEND_DATABASE", "bench_recommendation")

from tests.benchmarks.server import Connection, Served, _started

BAR = 5.0
OFFERS, PEOPLE, COMPARED = 10_000, 200, 40
PORT = 8723


@dataclass(frozen=True)
class Asked:
    """One person: where to ask, and the places that fit, best first."""

    path: str
    ranked: list[str]
    # The claim on a seat of the component that changes before each question.
    claim: int

    def change_a_seat(self, number: int) -> None:
        """Commits a change of a seat, in this process and not in that of the server."""
        from providers.models import SeatClaim

        state = "released" if number % 2 else "confirmed"
        assert SeatClaim.objects.filter(pk=self.claim).update(state=state) == 1


@contextmanager
def world() -> Iterator[tuple[Served, str, str, list[Asked]]]:
    """A database with the region, the shipped server, a key, one object's path, and the people."""
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    from backend.accounts.roles import Role
    from backend.common import clock
    from backend.serve import server_command
    from tests.factories.accounts import client_with
    from tests.support import instances

    old = setup_databases(verbosity=0, interactive=False)
    # Open starts lie after today, which is when the server looks at them.
    instances.AS_OF = clock.today()
    data = instances.region_instance(PEOPLE, OFFERS, seed=4, seats_per_need=1500)
    region, one_object, people = _rows(data)
    key = client_with(Role.CASEWORKER, organisation=region)[1]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.placement_settings",
        "PASSEND_DATABASE": connection.settings_dict["NAME"],
        "PASSEND_PROCESS": "web",
    }
    server = Served(
        "shipped", PORT, _started(server_command(host="127.0.0.1", port=PORT), environment)
    )
    try:
        server.wait()
        yield server, key, one_object, people
    finally:
        server.stop()
        teardown_databases(old, verbosity=0)


def _rows(data: dict[str, Any]) -> tuple[Any, str, list[Asked]]:
    """Stores the instance; gives its region, the path of an object, and whom to ask about."""
    from django.db import connection

    from matching.models import Need
    from providers.models import IntakeMoment, SeatClaim
    from tests.support.region import region_in_database

    region = region_in_database(data)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    # Others are advised beyond the contracts, which is less work.
    bought = Need.objects.filter(pip__participant__target_group_periods__target_group="asylum")
    claims = {
        component: SeatClaim.objects.filter(intake_moment__group__course__component=component)
        .order_by("pk")
        .values_list("pk", flat=True)
        for component in set(bought.values_list("component", flat=True))
    }
    people = [
        Asked(
            f"/api/v1/pips/{need.pip.uuid}/recommendations",
            _ranked(need),
            claims[need.component][number],
        )
        for number, need in enumerate(bought.select_related("pip").order_by("pk")[:COMPARED])
    ]
    return region, f"/api/v1/intake-moments/{IntakeMoment.objects.first().uuid}", people


def _ranked(need: Any) -> list[str]:
    """The starts that fit this person, best first, as the engine finds them in this process."""
    from backend.common import clock
    from matching.engine import recommend
    from matching.selectors.needs import need_rows, need_set_of
    from matching.selectors.offers import bought_offers
    from matching.selectors.policy import default_policy, engine_policy

    day = clock.today()
    (row,) = need_rows(type(need).objects.filter(pk=need.pk), on=day)
    offers = bought_offers(municipality_ids=[need.municipality_id], as_of=day)
    found = recommend(need_set_of(row).table, offers.table, engine_policy(default_policy()), day)
    return [one["offer"] for one in found.ranked()]


class Client:
    """Asks for one thing after another over one kept connection."""

    def __init__(self, port: int, key: str) -> None:
        self.connection = Connection(port, key)
        self.head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"

    def get(self, path: str) -> tuple[float, bytes]:
        return self._timed(f"GET {path} HTTP/1.1\r\n{self.head}\r\n", 200)

    def post(self, path: str) -> tuple[float, bytes]:
        own = f"Idempotency-Key: {uuid4()}\r\nContent-Type: application/json\r\nContent-Length: 2"
        return self._timed(f"POST {path} HTTP/1.1\r\n{self.head}{own}\r\n\r\n{{}}", 201)

    def _timed(self, request: str, expected: int) -> tuple[float, bytes]:
        started = time.perf_counter()
        status, body = self.connection.send(request.encode())
        taken = time.perf_counter() - started
        assert status == expected, (status, body[:300])
        return taken, body


def main() -> int:
    import orjson

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer requests, for a first look")
    requests = 60 if parser.parse_args().quick else 400
    ours, reference = [], []
    with world() as (server, key, one_object, people):
        client = Client(server.port, key)
        for one in people:
            result = orjson.loads(client.post(one.path)[1])["result"]
            assert [place["intakeMomentId"] for place in result["candidates"]] == one.ranked
            client.get(one_object)
        for number in range(requests):
            one = people[number % len(people)]
            one.change_a_seat(number // len(people))
            ours.append(client.post(one.path)[0])
            reference.append(client.get(one_object)[0])
    return report(ours, reference)


def report(ours: list[float], reference: list[float]) -> int:
    """Prints the line of the target; the exit status is 1 when its bar is missed."""
    p95, least = (1000 * statistics.quantiles(one, n=20)[-1] for one in (ours, reference))
    half, half_least = (1000 * statistics.median(one) for one in (ours, reference))
    met = p95 <= BAR * least
    print(
        f"{'ok    ' if met else 'MISSED'} 9  recommendation over {OFFERS:,} starts, a seat changes "
        f"each time / single object: p95 {p95:.1f} / {least:.1f} ms = {p95 / least:.2f} "
        f"(at most {BAR:.1f}); "
        f"medians {half:.1f} / {half_least:.1f} ms = {half / half_least:.2f}"
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
