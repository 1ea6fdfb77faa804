"""Measures the matching engine against honest references: `python -m tests.benchmarks.engine`.

Every figure is a ratio of two things done in turn in this one run, medians over the rounds;
results are compared before times. `--quick` leaves out the large instances.
"""

import argparse
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from matching.engine import (
    BatchResult,
    NeedTable,
    OfferTable,
    Policy,
    WhatIf,
    recommend,
    run_batch,
)
from matching.engine.columns import day_number
from matching.engine.feasibility import find_candidates
from matching.engine.network import FlowNetwork, build_network
from matching.engine.priority import level_weights, levels_of
from matching.engine.recommend import offer_score_of, offer_side_of
from matching.engine.rules import NeedSide
from matching.engine.score import Scorer
from matching.engine.solvers.highs import HighsSolver
from matching.engine.solvers.lemon import LemonSolver
from matching.engine.solvers.ortools import OrtoolsSolver
from tests.benchmarks import engine_reference as reference
from tests.benchmarks import stable_matching
from tests.support.instances import AS_OF, region_instance

PRIORITIES = ("none", "tiers", "strict")


@dataclass(frozen=True)
class Line:
    """One target with what was measured."""

    target: str
    bar: str
    measured: str
    met: bool


def tables(data: dict[str, Any]) -> tuple[NeedTable, OfferTable, Policy]:
    """Gives the columns of an instance, built anew."""
    return (
        NeedTable.from_records(data["needs"]),
        OfferTable.from_records(data["offers"]),
        Policy.from_record(data["policy"]),
    )


def network_of(result: BatchResult) -> FlowNetwork:
    """Gives the prepared arcs of a batch: what the raw solver is given."""
    levels = levels_of(result.needs, result.tier, result.policy)
    return build_network(result.candidates, result.offers, level_weights(levels))[0]


def timed(work: Callable[[], Any]) -> float:
    """Gives the seconds that the work takes."""
    started = perf_counter()
    work()
    return perf_counter() - started


def interleaved(rounds: int, *works: Callable[[], Any]) -> list[float]:
    """Gives the median seconds of each work, all of them once per round."""
    for work in works:
        work()
    times = [[timed(work) for work in works] for _ in range(rounds)]
    return [median(column) for column in zip(*times, strict=True)]


def prepare(data: dict[str, Any]) -> Callable[[], Any]:
    """Gives the work of feasibility and scoring alone, from columns."""
    needs, offers, policy = tables(data)

    def work() -> None:
        fresh = offers.take(np.arange(len(offers)))  # nothing kept from the round before
        scorer = Scorer.of(needs, offer_score_of(fresh, policy), policy, day_number(AS_OF))
        side = NeedSide.of(needs, fresh, policy)
        find_candidates(needs, side, offer_side_of(fresh), fresh, scorer)

    return work


def whole_batch(needs: int, offers: int, bar: float, rounds: int) -> list[Line]:
    """Measures rows to explained result, and the preparation alone, against the raw solver."""
    data = region_instance(needs, offers, seed=1)
    result = run_batch(*tables(data), AS_OF, solver="lemon")
    network, solver = network_of(result), LemonSolver()
    cost = int(network.cost @ solver.solve(network))
    other = int(network.cost @ OrtoolsSolver().solve(network))
    batch, raw, preparation = interleaved(
        rounds,
        lambda: run_batch(*tables(data), AS_OF, solver="lemon"),
        lambda: solver.solve(network),
        prepare(data),
    )
    name = f"{needs:,} x {offers:,}"
    gain = result.summary.placed / result.summary.placed_by_fifo - 1
    return [
        Line(
            f"{name}: objective, LEMON against OR-Tools", "equal", f"{cost} = {other}",
            cost == other,
        ),
        Line(
            f"{name}: whole batch / raw LEMON", f"<= {bar:g}",
            f"{batch / raw:.2f} ({batch:.3f} s / {raw:.3f} s)", batch / raw <= bar,
        ),
        Line(
            f"{name}: feasibility and scores / raw LEMON", "<= 0.6",
            f"{preparation / raw:.2f} ({preparation:.3f} s)", preparation / raw <= 0.6,
        ),
        Line(
            f"{name}: placed against first come first served", ">= +3 %",
            f"{gain:+.1%} ({result.summary.placed} against {result.summary.placed_by_fifo})",
            gain >= 0.03,
        ),
    ]  # fmt: skip


def independent(needs: int, offers: int) -> list[Line]:
    """Compares the objective with a linear program, for each priority."""
    lines = []
    for priority in PRIORITIES:
        data = region_instance(needs, offers, seed=2, priority=priority, ceilings=6)
        network = network_of(run_batch(*tables(data), AS_OF))
        mine = int(network.cost @ LemonSolver().solve(network))
        linear = int(network.cost @ HighsSolver().solve(network))
        name = f"{needs:,} x {offers:,} {priority}: objective, LEMON against the LP of HiGHS"
        lines.append(Line(name, "equal", f"{mine} = {linear}", mine == linear))
    return lines


def identical(needs: int, offers: int) -> list[Line]:
    """Compares whole assignments of two solvers, and the number placed by strict priority."""
    lines, placed = [], {}
    for priority in PRIORITIES:
        data = region_instance(needs, offers, seed=3, priority=priority)
        first = run_batch(*tables(data), AS_OF, solver="lemon")
        second = run_batch(*tables(data), AS_OF, solver="ortools")
        share = float(np.mean(first.offer == second.offer))
        placed[priority] = first.summary.placed
        name = f"{needs:,} x {offers:,} {priority}: same seats, LEMON and OR-Tools"
        lines.append(Line(name, "100 %", f"{share:.4%}", share == 1.0))
    most, strict = placed["none"], placed["strict"]
    name = f"{needs:,} x {offers:,}: placed, strict priority against the maximum"
    lines.append(Line(name, "equal", f"{strict} = {most}", strict == most))
    return lines


def one_person(offer_count: int, rounds: int) -> list[Line]:
    """Measures one need against all offers with all reasons, against a loop over objects."""
    data = region_instance(40, offer_count, seed=4, seats_per_need=1500)
    needs, offers, policy = tables(data)
    columns = [needs.take([row]) for row in range(len(needs))]  # as the loop has its objects
    top = policy.max_points().tolist()
    people = [reference.need_object(record, data["policy"]) for record in data["needs"]]
    objects = [reference.offer_object(record) for record in data["offers"]]

    def fast(row: int) -> tuple[Any, ...]:
        seen = recommend(columns[row], offers, policy, AS_OF, near_per_rule=offer_count)
        return seen.ranked(), seen.reasons, seen.near_misses()

    def slow(row: int) -> tuple[Any, ...]:
        return reference.recommend(people[row], objects, AS_OF, top)

    equal = True
    for row in range(8):
        ranked, reasons, near = fast(row)
        wanted, wanted_reasons, wanted_near = slow(row)
        mine = [(r["score"], r["offer"], list(r["factors"].values())) for r in ranked]
        equal &= sorted(mine) == sorted(wanted) and reasons == wanted_reasons
        equal &= sorted((n["rule"], n["offer"]) for n in near) == sorted(wanted_near)

    def shown(row: int) -> tuple[Any, ...]:
        seen = recommend(columns[row], offers, policy, AS_OF)
        return seen.ranked(), seen.reasons, seen.near_misses()

    rows = iter(np.tile(np.arange(40), 1000).tolist())
    slow_rows = iter(np.tile(np.arange(40), 1000).tolist())
    quick, loop = interleaved(rounds, lambda: shown(next(rows)), lambda: slow(next(slow_rows)))
    name = f"one person, {offer_count:,} offers"
    return [
        Line(f"{name}: ranks, points, reasons, near misses as the loop", "equal",
             "equal" if equal else "different", equal),
        Line(f"{name}: times faster than a loop over objects", ">= 15",
             f"{loop / quick:.0f} ({quick * 1000:.2f} ms / {loop * 1000:.1f} ms)",
             loop / quick >= 15),
    ]  # fmt: skip


def override(needs: int, offers: int, rounds: int) -> list[Line]:
    """Measures the effect of one other choice on everybody, warm, against solving anew."""
    data = region_instance(needs, offers, seed=1)
    result = run_batch(*tables(data), AS_OF, solver="lemon")
    warm, network, solver = WhatIf(result), network_of(result), LemonSolver()
    rng = np.random.default_rng(1)
    people = rng.permutation(np.flatnonzero(np.diff(result.candidates.first) > 1))[:200].tolist()
    choices = iter([(one, _other_offer(result, one)) for one in people] * 50)
    once, cold = interleaved(
        rounds * 5, lambda: warm.effect(*next(choices)), lambda: solver.solve(network)
    )
    name = f"{needs:,} x {offers:,}: what-if on a warm solver / cold solve"
    text = f"{once / cold:.2f} ({once * 1000:.0f} ms / {cold * 1000:.0f} ms)"
    return [Line(name, "<= 0.2", text, once / cold <= 0.2)]


def _other_offer(result: BatchResult, need: int) -> int:
    """Gives the first place that fits and is not the proposed one."""
    rows = slice(*result.candidates.first[need : need + 2])
    fitting = result.candidates.offer[rows]
    return int(fitting[fitting != result.offer[need]][0])


def against_stable_matching(needs: int, offers: int) -> list[Line]:
    """Measures a whole batch against stable matching on the same preferences."""
    data = region_instance(needs, offers, seed=1)
    result = run_batch(*tables(data), AS_OF, solver="lemon")
    given = stable_matching.preferences(result)
    placed = result.summary.placed
    plain = stable_matching.deferred_acceptance(*given)
    name = f"{needs:,} x {offers:,}: placed against deferred acceptance"
    lines = [
        Line(name, ">= +2 %", f"{placed / plain - 1:+.1%} ({placed} against {plain})",
             placed >= plain * 1.02),
    ]  # fmt: skip
    found = stable_matching.by_package(given)
    name = f"{needs:,} x {offers:,}: against the package `matching`"
    if isinstance(found, str):
        return [*lines, Line(name, ">= 30 times", f"not measured: {found}", False)]
    seconds, by_package = found
    batch = interleaved(3, lambda: run_batch(*tables(data), AS_OF, solver="lemon"))[0]
    gain = placed / by_package - 1 if by_package else 0.0
    times = seconds / batch
    text = f"{times:.0f} ({batch:.2f} s / {seconds:.1f} s)"
    lines.append(Line(f"{name}, times faster", ">= 30", text, times >= 30))
    text = f"{gain:+.1%} ({placed} against {by_package})"
    return [*lines, Line(f"{name}, placed", ">= +2 %", text, gain >= 0.02)]


def growth(needs: int, offers: int) -> list[Line]:
    """Measures the cost at ten times the needs and offers, per pair that fits."""
    times, pairs, raws = [], [], []
    for factor in (1, 10):
        data = region_instance(needs * factor, offers * factor, seed=1)
        result = run_batch(*tables(data), AS_OF, solver="lemon")
        network, solver = network_of(result), LemonSolver()
        rounds = 9 if factor == 1 else 3
        batch, raw = interleaved(
            rounds,
            lambda data=data: run_batch(*tables(data), AS_OF, solver="lemon"),
            lambda network=network, solver=solver: solver.solve(network),
        )
        times.append(batch)
        raws.append(raw)
        pairs.append(len(result.candidates))
    name = f"{needs:,} x {offers:,} to ten times that"
    whole = np.log(times[1] / times[0]) / np.log(pairs[1] / pairs[0])
    own = np.log((times[1] - raws[1]) / (times[0] - raws[0])) / np.log(pairs[1] / pairs[0])
    text = f"{times[0]:.3f} s to {times[1]:.3f} s, {pairs[0]:,} to {pairs[1]:,} pairs"
    return [
        Line(f"{name}: exponent of the whole batch in its pairs", "<= 1.15",
             f"{whole:.2f} ({text})", bool(whole <= 1.15)),
        Line(f"{name}: exponent of all but the solver", "<= 1.15", f"{own:.2f}",
             bool(own <= 1.15)),
    ]  # fmt: skip


def memory(needs: int, offers: int) -> list[Line]:
    """Measures the peak memory of a whole process: rows, batch and explanation."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.engine", "--one", str(needs), str(offers)],
        capture_output=True,
        text=True,
        check=True,
    )
    kilobytes, seconds, arcs, placed = (float(word) for word in done.stdout.split())
    text = f"{kilobytes / 2**20:.2f} GB ({arcs:,.0f} arcs, {seconds:.1f} s, {placed:,.0f} placed)"
    name = f"{needs:,} x {offers:,}: peak memory of the process"
    return [Line(name, "<= 2 GB", text, kilobytes <= 2 * 2**20)]


def one(needs: int, offers: int) -> None:
    """Runs one batch and prints peak kilobytes, seconds, arcs and placed: for `memory`."""
    data = region_instance(needs, offers, seed=1)
    columns = tables(data)
    del data
    started = perf_counter()
    result = run_batch(*columns, AS_OF)
    seconds = perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak, seconds, result.summary.feasible_pairs, result.summary.placed)


def report(lines: list[Line]) -> int:
    """Prints the table and gives the exit status: 1 when a bar is not met."""
    widths = [max(len(getattr(line, part)) for line in lines) for part in ("target", "bar")]
    for line in lines:
        verdict = "met" if line.met else "NOT MET"
        print(f"{line.target:<{widths[0]}}  {line.bar:<{widths[1]}}  {verdict:<7}  {line.measured}")
    missed = sum(not line.met for line in lines)
    print(f"{len(lines) - missed} of {len(lines)} targets met")
    return int(missed > 0)


def main() -> int:
    """Measures and reports."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the large instances")
    parser.add_argument("--one", nargs=2, type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(*options.one)
        return 0
    lines = [
        *independent(1_000, 200),
        *whole_batch(10_000, 2_000, 3.0, 5 if options.quick else 9),
        *identical(10_000, 2_000),
        *one_person(10_000, 9 if options.quick else 25),
        *override(10_000, 2_000, 5 if options.quick else 9),
    ]
    if not options.quick:
        lines += against_stable_matching(10_000, 2_000)
        lines += whole_batch(30_000, 5_000, 2.0, 5)
        lines += growth(3_000, 600)
        # National size: everybody who waits, and every open intake moment.
        lines += memory(30_000, 32_000)
        lines += memory(100_000, 10_000)
    return report(lines)


if __name__ == "__main__":
    sys.exit(main())
