"""Target 8 of performance.md, on the database: `python -m tests.benchmarks.batch [--quick]`.

A whole run as the worker does it (rows read, engine, proposals with reasons stored and committed)
against LEMON alone on the arcs of the same run, once prepared. At the size of `make demo
SIZE=large` the solver is so short that the same rows, read and written by bare COPY, are added to
it (issue "Routing"). All in turn, medians count; what is stored must be what the raw solver finds.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.test")
os.environ.setdefault("PASSEND_DATABASE", "bench_batch")

from tests.benchmarks.engine import Line, interleaved, network_of, report
from tests.support.instances import AS_OF, region_instance


@dataclass(frozen=True)
class Size:
    """A region, whether its lots have ceilings, the bar, and whether bare COPY joins LEMON."""

    needs: int
    offers: int
    bar: float
    ceilings: bool = False
    with_copy: bool = False


SIZES = (Size(10_000, 2_000, 3.0), Size(4_000, 5_000, 3.0, ceilings=True, with_copy=True))
LARGE = (Size(30_000, 5_000, 2.0),)
COPY_OUT = "copy ({}) to stdout (format binary)"
PROPOSALS = "uuid, created_at, run_id, need_id, tier, intake_moment_id, score, cause, explanation"


@contextmanager
def world() -> Iterator[None]:
    """An own, empty database on the day of the instances: who stores a run looks at open starts."""
    import django

    django.setup()
    from django.test.utils import setup_databases, teardown_databases

    from backend.common import clock

    old = setup_databases(verbosity=0, interactive=False)
    noon = datetime.combine(AS_OF, time(12), tzinfo=clock.NETHERLANDS)
    try:
        with clock.replay(noon):
            yield
    finally:
        teardown_databases(old, verbosity=0)


def clear() -> None:
    """Empties all tables, so that the next size starts alone."""
    from django.db import connection

    names = ", ".join(
        connection.ops.quote_name(name)
        for name in connection.introspection.table_names()
        if name != "django_migrations"
    )
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute(f"truncate {names} restart identity cascade")
        cursor.execute("set session_replication_role = default")


class Batch:
    """A region in the database and its run, as often as asked."""

    def __init__(self, needs: int, offers: int, ceilings: bool) -> None:
        from django.db import connection

        from matching.selectors.policy import default_policy
        from tests.support.region import region_in_database

        self.region = region_in_database(region_instance(needs, offers, seed=1), ceilings=ceilings)
        self.policy = default_policy()
        with connection.cursor() as cursor:
            cursor.execute("analyze")

    def execute(self) -> Any:
        """One run, as the worker executes it."""
        from matching.models import MatchRun
        from matching.services.runs import match_run_execute

        run = MatchRun.objects.create(
            organisation=self.region,
            requested_by="bench",
            requested_by_label="Meting",
            as_of=AS_OF,
            policy=self.policy,
        )
        return match_run_execute(run_id=run.pk)

    def passes(self) -> Any:
        """The two optima of a run, with their arcs; nothing is stored."""
        from matching.selectors.needs import waiting_needs
        from matching.selectors.policy import engine_policy
        from matching.services.batch import route
        from matching.services.runs import municipalities_of

        keys = municipalities_of(self.region, AS_OF)
        return route(
            needs=waiting_needs(keys, on=AS_OF),
            municipality_ids=keys,
            policy=engine_policy(self.policy),
            as_of=AS_OF,
            tell=lambda percentage, stage: None,
        ).passes


def found_by_solver(passes: Any, solver: Any) -> tuple[int, int, int]:
    """What a solver alone finds on the arcs: cost, people placed and their points."""
    cost = placed = points = 0
    for one in passes:
        network = network_of(one.result)
        flow = solver.solve(network)
        cost += int(network.cost @ flow)
        # Arcs stand in the order of the pairs, one "unplaced" arc behind those of each need.
        sink = network.node_count - 1
        pairs = (network.tail < len(one.needs)) & (network.head < sink)
        chosen = flow[pairs] > 0
        placed += int(chosen.sum())
        points += int(one.result.candidates.score[chosen].sum())
    return cost, placed, points


def stored(run: Any) -> tuple[int, int, int]:
    """What a run left in the database: people placed, their points, and rows in all."""
    from django.db.models import Count, Sum

    found = run.proposals.aggregate(
        placed=Count("intake_moment"), points=Sum("score"), rows=Count("pk")
    )
    return found["placed"], found["points"], found["rows"]


class BareCopy:
    """The rows that a run reads and writes, by COPY and nothing else."""

    def __init__(self, batch: Batch, run: Any) -> None:
        from django.db import connection

        from matching.models import Need
        from matching.selectors.needs import COLUMNS, _rows
        from matching.services.runs import municipalities_of
        from procurement.models import ContractCourse
        from providers.models import WeeklySlot
        from providers.selectors.supply import PLAIN_COLUMNS, _open

        keys = list(municipalities_of(batch.region, AS_OF))
        waiting = Need.objects.waiting().filter(municipality__in=keys)
        self.reads = [
            rows.query.sql_with_params()
            for rows in (
                _rows(waiting, AS_OF).values_list(*COLUMNS),
                _open(AS_OF).values_list(*PLAIN_COLUMNS, "seats_total", "group_id"),
                WeeklySlot.objects.values_list("group_id", "slot"),
                ContractCourse.objects.values_list("contract_lot_id", "course_id"),
            )
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                "create table bare_proposal (like matching_matchproposal including indexes)"
            )
            cursor.execute("alter table bare_proposal alter id add generated always as identity")
            sql = f"select {PROPOSALS} from matching_matchproposal where run_id = {run.pk}"
            with cursor.cursor.copy(COPY_OUT.format(sql)) as copy:
                self.rows = b"".join(copy)

    def __call__(self) -> None:
        from django.db import connection, transaction

        with connection.cursor() as cursor:
            for sql, parameters in self.reads:
                with cursor.cursor.copy(COPY_OUT.format(sql), parameters) as copy:
                    for _block in copy:
                        pass
            with transaction.atomic():
                cursor.execute("truncate bare_proposal")
                statement = f"copy bare_proposal ({PROPOSALS}) from stdin (format binary)"
                with cursor.cursor.copy(statement) as copy:
                    copy.write(self.rows)


def measure(size: Size, rounds: int) -> list[Line]:
    from matching.engine.solvers.lemon import LemonSolver
    from matching.engine.solvers.ortools import OrtoolsSolver

    batch = Batch(size.needs, size.offers, size.ceilings)
    passes = batch.passes()
    raw = LemonSolver()
    mine = found_by_solver(passes, raw)
    other = found_by_solver(passes, OrtoolsSolver())
    run = batch.execute()
    placed, points, rows = stored(run)
    networks = [network_of(one.result) for one in passes]
    works = [batch.execute, lambda: [raw.solve(one) for one in networks]]
    if size.with_copy:
        works.append(BareCopy(batch, run))
    whole, alone, *copied = interleaved(rounds, *works)
    name = f"{size.needs:,} x {size.offers:,} in the database"
    arcs = sum(len(one.result.candidates) for one in passes)
    same = mine == other and (placed, points, rows) == (*mine[1:], size.needs)
    ratio = whole / (alone + sum(copied))
    parts = " + ".join(f"{seconds:.3f} s" for seconds in (alone, *copied))
    reference = "raw LEMON + the same rows by COPY" if copied else "raw LEMON"
    return [
        Line(
            f"{name}: what is stored, LEMON alone and OR-Tools", "equal",
            f"{placed} placed, {points} points, {rows} rows; cost {mine[0]} = {other[0]}", same,
        ),
        Line(
            f"{name}: whole run / {reference}", f"<= {size.bar:g}",
            f"{ratio:.2f} ({whole:.3f} s / {parts}; {arcs:,} arcs)", ratio <= size.bar,
        ),
    ]  # fmt: skip


def profile(work: Callable[[], Any]) -> None:
    """Prints where the time of one run goes."""
    import cProfile
    import pstats

    profiler = cProfile.Profile()
    work()
    profiler.runcall(work)
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(60)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, no large region")
    parser.add_argument("--profile", action="store_true", help="where the time goes instead")
    options = parser.parse_args()
    lines = []
    with world():
        if options.profile:
            profile(Batch(SIZES[0].needs, SIZES[0].offers, SIZES[0].ceilings).execute)
            return 0
        for size in SIZES if options.quick else (*SIZES, *LARGE):
            lines += measure(size, 5 if options.quick else 9)
            clear()
    return report(lines)


if __name__ == "__main__":
    sys.exit(main())
