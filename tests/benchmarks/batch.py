"""Target 8 of performance.md, on the database: `python -m tests.benchmarks.batch [--quick]`.

A whole run as the worker does it (rows read, engine, proposals with reasons stored and committed)
against LEMON alone on the arcs of the same run, once prepared. Both in turn, medians count; what is
stored must be what the raw solver finds.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.test")
os.environ.setdefault("PASSEND_DATABASE", "bench_batch")

from tests.benchmarks.engine import Line, interleaved, network_of, report
from tests.support.instances import AS_OF, region_instance

BAR = 3.0
# Needs, offers, whether contract lots have ceilings, and the bar. The second has the size of
# `make demo SIZE=large`; no bar was set for it.
SIZES: tuple[tuple[int, int, bool, float | None], ...] = (
    (10_000, 2_000, False, BAR),
    (4_000, 5_000, True, None),
)


@contextmanager
def world() -> Iterator[None]:
    """An own, empty database."""
    import django

    django.setup()
    from django.test.utils import setup_databases, teardown_databases

    old = setup_databases(verbosity=0, interactive=False)
    try:
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


def measure(needs: int, offers: int, ceilings: bool, bar: float | None, rounds: int) -> list[Line]:
    from matching.engine.solvers.lemon import LemonSolver
    from matching.engine.solvers.ortools import OrtoolsSolver

    batch = Batch(needs, offers, ceilings)
    passes = batch.passes()
    raw = LemonSolver()
    mine = found_by_solver(passes, raw)
    other = found_by_solver(passes, OrtoolsSolver())
    placed, points, rows = stored(batch.execute())
    networks = [network_of(one.result) for one in passes]
    whole, alone = interleaved(rounds, batch.execute, lambda: [raw.solve(one) for one in networks])
    name = f"{needs:,} x {offers:,} in the database"
    arcs = sum(len(one.result.candidates) for one in passes)
    same = mine == other and (placed, points, rows) == (*mine[1:], needs)
    return [
        Line(
            f"{name}: what is stored, LEMON alone and OR-Tools", "equal",
            f"{placed} placed, {points} points, {rows} rows; cost {mine[0]} = {other[0]}", same,
        ),
        Line(
            f"{name}: whole run / raw LEMON", f"<= {bar:g}" if bar else "-",
            f"{whole / alone:.2f} ({whole:.3f} s / {alone:.3f} s; {arcs:,} arcs)",
            bar is None or whole / alone <= bar,
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
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--profile", action="store_true", help="where the time goes instead")
    options = parser.parse_args()
    lines = []
    with world():
        if options.profile:
            profile(Batch(*SIZES[0][:3]).execute)
            return 0
        for needs, offers, ceilings, bar in SIZES:
            lines += measure(needs, offers, ceilings, bar, 5 if options.quick else 9)
            clear()
    return report(lines)


if __name__ == "__main__":
    sys.exit(main())
