"""Speed of the catalogue: `python -m tests.benchmarks.catalogue [--quick]`.

Search over 10,000 groups and 32,000 intake moments (issue: at most 4 queries, CPU at most 6 times
the bare program with the same SQL), and the last page against the first of 1,000,000 rows (target 3
of performance.md, database CPU). Answers are compared before anything is timed.
"""

import argparse
import os
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.test")
os.environ["PASSEND_DATABASE"] = os.environ.get("PASSEND_BENCH_DATABASE", "bench_catalogue")

from tests.benchmarks.api import Caller, Target, log_as_in_production, medians

GROUPS, MOMENTS = 10_000, 32_000
MILLION = 1_000_000
SEARCHES = {
    "route, level, day-part, window, distance, seats": (
        "/api/v1/intake-moments?component=B&level=A1&dayPart=1,2&startsFrom=2027-01-04"
        "&startsUntil=2027-06-30&near=3511,40&seatsFreeMin=1&status=published&pageSize=100"
    ),
    "route, window, seats": (
        "/api/v1/intake-moments?component=B&startsFrom=2027-01-04&startsUntil=2027-03-31"
        "&seatsFreeMin=1&status=published&pageSize=100"
    ),
}
LISTS = ("/api/v1/intake-moments", "/api/v1/courses")

# A supply as PostgreSQL makes it: 200 providers, four locations and five courses each.
FILL = """
insert into organisations_organisation (uuid, created_at, kind, name, code, is_active)
select gen_random_uuid(), now(), 'provider', 'School ' || n, 'school-' || n, true
from generate_series(1, 200) n;
insert into providers_provider (uuid, created_at, organisation_id, kvk_number, duo_number,
    bow_number, brin, email, phone, website)
select gen_random_uuid(), now(), id, '', '', '', '', '', '', ''
from organisations_organisation where kind = 'provider';
insert into providers_location (uuid, created_at, provider_id, code, name, street, house_number,
    postcode, place, latitude, longitude, wheelchair_accessible, childcare)
select gen_random_uuid(), now(), id, 'L' || n, 'Locatie ' || n, '', '', '3511AA', 'Plaats ' || n,
    51.5 + (id * 7 + n * 13) %% 100 / 60.0, 4.5 + (id * 11 + n * 17) %% 100 / 50.0, true, false
from providers_provider, generate_series(1, 4) n;
insert into providers_course (uuid, created_at, provider_id, code, name, kind, component,
    level_from, level_to, target_level, literacy, hours_per_week, total_hours, mode,
    special_groups, support_languages, description, is_active)
select gen_random_uuid(), now(), id, 'C' || n, 'Cursus ' || n, (array['B','Z','KNM','MAP','B'])[n],
    (array['B','Z','KNM','MAP','B'])[n], 'A0', 'A2', 'B1', array['NVT'], 9, 600, 'onsite',
    '{}', '{}', '', true
from providers_provider, generate_series(1, 5) n;
insert into providers_coursegroup (uuid, created_at, course_id, location_id, code, min_size,
    max_size)
select gen_random_uuid(), now(), c.id, l.id, 'G' || n, 6, 15
from generate_series(1, 10) n, providers_course c
join lateral (select id from providers_location where provider_id = c.provider_id
    order by id offset c.id %% 4 limit 1) l on true;
insert into providers_weeklyslot (group_id, weekday, start_time, end_time)
select id, 1 + (id + n) %% 5, time '09:00' + interval '4 hours' * (id %% 3), time '12:00'
    + interval '4 hours' * (id %% 3)
from providers_coursegroup, generate_series(1, 2) n;
"""
STARTS = """
insert into providers_intakemoment (uuid, created_at, group_id, start_date, end_date, seats_total,
    status, status_reason)
select gen_random_uuid(), now(), g.id, date '2027-01-04' + (k * 7 + g.id %% 7)::int,
    date '2027-01-04' + (k * 7 + g.id %% 7)::int + 280, 15, 'published', ''
from generate_series(%(first)s, %(last)s) k, providers_coursegroup g
order by k, g.id limit %(most)s
"""
CLAIMS = """
insert into providers_seatclaim (uuid, created_at, changed_at, intake_moment_id, organisation_id,
    state, overbooked_reason)
select gen_random_uuid(), now(), now(), id, %(holder)s, 'confirmed', ''
from providers_intakemoment, generate_series(1, (id %% 9)::int) n
"""


def prepare() -> tuple[Callable[[], None], str]:
    """An own database with the supply; returns how to remove it, and a key."""
    import django

    django.setup()
    from django.conf import settings
    from django.test.utils import setup_databases, teardown_databases

    from backend.accounts.roles import Role
    from backend.organisations.models import Postcode4
    from tests.factories.accounts import client_with
    from tests.factories.organisations import MunicipalityFactory

    old = setup_databases(verbosity=0, interactive=False)
    settings.ALLOWED_HOSTS = ["localhost"]
    municipality = MunicipalityFactory().organisation
    Postcode4.objects.create(pc4="3511", place="Utrecht", latitude=52.09, longitude=5.12)
    run(FILL.replace("%%", "%"))
    run(STARTS, {"first": 0, "last": 3, "most": MOMENTS})
    run(CLAIMS, {"holder": municipality.pk})
    run("analyze")
    _client, key = client_with(Role.CASEWORKER, organisation=municipality)
    return lambda: teardown_databases(old, verbosity=0), key


def run(sql: str, parameters: dict[str, Any] | None = None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def asked(ours: Caller, url: str) -> list[str]:
    """The SQL of one request, once everything is warm."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ours.get(url)
    with CaptureQueriesContext(connection) as captured:
        ours.get(url)
    return [one["sql"] for one in captured.captured_queries]


@contextmanager
def bare_program(queries: list[str]) -> Iterator[Caller]:
    """WSGI, psycopg and orjson with the same SQL: the page, the count and what comes before."""
    import psycopg
    from django.db import connection

    from tests.benchmarks.api_twins import bare_list

    *before, page_sql, count_sql = queries
    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    with psycopg.connect(**parameters, autocommit=True) as own:
        own.execute("set time zone 'UTC'")
        inner = bare_list(own, page_sql, count_sql, {"page": 1, "pageSize": 100})

        def application(environ: dict[str, Any], start_response: Any) -> Any:
            for sql in before:
                own.execute(sql).fetchall()
            return inner(environ, start_response)

        yield Caller(application, "")


def search_lines(ours: Caller, rounds: int, requests: int) -> tuple[list[str], list[Target]]:
    lines, targets = [], []
    for name, url in SEARCHES.items():
        queries = asked(ours, url)
        verdict = "ok    " if len(queries) <= 4 else "MISSED"
        lines.append(f"{verdict} search by {name}: {len(queries)} queries (at most 4)")
        with bare_program(queries) as bare:
            answer, least = ours.get(url), bare.get("/")
            assert answer[0] == least[0] == "200 OK", answer
            assert answer[1] == least[1], "the bare program answers something else"
            assert answer[1].count(b'"seatsFree"') == 100, "the search must fill a page"
            found = medians(
                {"ours": lambda url=url: ours.get(url), "bare": lambda bare=bare: bare.get("/")},
                rounds,
                requests,
            )
        targets.append(Target(f"search by {name} / bare", found["ours"], found["bare"], 6))
    return lines, targets


def last_page_targets(ours: Caller, rounds: int) -> list[Target]:
    """Target 3: database CPU of the last page against the first at 1,000,000 rows."""
    from django.db import connection

    run(STARTS, {"first": 10, "last": 10 + MILLION // GROUPS, "most": MILLION - MOMENTS})
    run(
        """
        insert into providers_course (uuid, created_at, provider_id, code, name, kind, component,
            level_from, level_to, target_level, literacy, hours_per_week, total_hours, mode,
            special_groups, support_languages, description, is_active)
        select gen_random_uuid(), now(), (select min(id) from providers_provider), 'X' || n,
            'Cursus ' || n, 'B', 'B', 'A0', 'A2', 'B1', array['NVT'], 9, 600, 'onsite', '{}',
            '{}', '', true
        from generate_series(1, %(most)s) n
        """,
        {"most": MILLION - 1000},
    )
    run("vacuum analyze")
    # One connection for all requests; work in parallel workers would not be counted.
    connection.close()
    connection.settings_dict["CONN_MAX_AGE"] = None
    run("set max_parallel_workers_per_gather = 0")
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        [pid] = cursor.fetchone()
    targets = []
    for path in LISTS:
        last = MILLION // 100
        first_url, last_url = f"{path}?pageSize=100", f"{path}?pageSize=100&page={last}"
        assert_last_page(ours, path, last_url)
        times: dict[str, list[float]] = {first_url: [], last_url: []}
        for url in times:
            ours.get(url)
        for _ in range(rounds):
            for url, found in times.items():
                started = cpu_of(pid)
                for _ in range(5):
                    ours.get(url)
                found.append((cpu_of(pid) - started) / 5)
        targets.append(
            Target(
                f"3  last page / first page of 1,000,000 {path.rsplit('/', 1)[1]}",
                statistics.median(times[last_url]),
                statistics.median(times[first_url]),
                1.3,
            )
        )
    return targets


def assert_last_page(ours: Caller, path: str, url: str) -> None:
    """The last page holds the last hundred rows in the order of the list."""
    import orjson

    from providers.models import Course, IntakeMoment

    model, order = {
        LISTS[0]: (IntakeMoment, ("start_date", "pk")),
        LISTS[1]: (Course, ("name", "pk")),
    }[path]
    status, body = ours.get(url)
    assert status == "200 OK", body
    rows = model.objects.order_by(*order).values_list("uuid", flat=True)
    expected = [str(one) for one in rows[MILLION - 100 : MILLION]]
    assert [one["id"] for one in orjson.loads(body)["items"]] == expected


def cpu_of(pid: int) -> float:
    """User and system time of a PostgreSQL process in seconds."""
    with open(f"/proc/{pid}/stat") as stream:
        fields = stream.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, for a first look")
    quick = parser.parse_args().quick
    clean_up, key = prepare()
    try:
        from backend.wsgi import application

        log_as_in_production()
        ours = Caller(application, key)
        rounds, requests = (5, 10) if quick else (9, 30)
        lines, targets = search_lines(ours, rounds, requests)
        lines += [target.line() for target in targets]
        print("\n".join(lines), flush=True)
        far = [target.line() for target in last_page_targets(ours, rounds)]
    finally:
        clean_up()
    print("\n".join(far))
    lines += far
    return 1 if any("MISSED" in line for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
