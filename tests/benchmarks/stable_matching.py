"""Stable matching as a reference: deferred acceptance, and the PyPI package `matching`.

Both get the preferences of one of our batches: people rank the places that fit by score, places
rank people by the published priority. The package has the name of one of our apps, so it never
loads in this process: a child runs it from a folder of its own, PASSEND_BENCH_MATCHING or
.local/bench/matching (installed there by pip when absent).

    python -m tests.benchmarks.stable_matching      # one comparison, as in the engine's benchmark
"""

import heapq
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from matching.engine import BatchResult

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("PASSEND_BENCH_MATCHING", ROOT / ".local" / "bench" / "matching"))
PATIENCE_SECONDS = 600
# Runs in a folder where only the package is called `matching`; reads preferences, prints figures.
CHILD = """
import json, sys, threading, time
from matching.games import HospitalResident
people, places, seats = json.load(open(sys.argv[1]))
seats = {int(key): value for key, value in seats.items()}
people = {int(key): value for key, value in people.items()}
places = {int(key): value for key, value in places.items()}
def work():
    began = time.perf_counter()
    game = HospitalResident.create_from_dictionaries(people, places, seats)
    found = game.solve(optimal="resident")
    print(time.perf_counter() - began, sum(len(sitting) for sitting in found.values()))
# The package copies its players by recursion, from one to all others.
sys.setrecursionlimit(10**7)
threading.stack_size(1 << 30)
one = threading.Thread(target=work)
one.start()
one.join()
"""


def preferences(
    result: BatchResult,
) -> tuple[dict[int, list[int]], dict[int, list[int]], dict[int, int]]:
    """Who wants which places in which order, whom places rank first, and their seats."""
    found = result.candidates
    order = np.lexsort((found.offer, -found.score, found.need))
    wishes: dict[int, list[int]] = {}
    for need, offer in zip(found.need[order].tolist(), found.offer[order].tolist(), strict=True):
        wishes.setdefault(need, []).append(offer)
    urgency = np.lexsort((result.needs.waiting_since, result.tier))
    rank = np.empty(len(urgency), np.int64)
    rank[urgency] = np.arange(len(urgency))
    order = np.lexsort((rank[found.need], found.offer))
    ranks: dict[int, list[int]] = {}
    for need, offer in zip(found.need[order].tolist(), found.offer[order].tolist(), strict=True):
        ranks.setdefault(offer, []).append(need)
    seats = {offer: int(result.offers.seats[offer]) for offer in ranks}
    return wishes, ranks, seats


def deferred_acceptance(
    wishes: dict[int, list[int]], ranks: dict[int, list[int]], seats: dict[int, int]
) -> int:
    """How many have a place under the person-optimal stable matching (Gale, Shapley 1962)."""
    rank = {
        offer: {need: place for place, need in enumerate(people)} for offer, people in ranks.items()
    }
    sitting: dict[int, list[tuple[int, int]]] = {offer: [] for offer in ranks}
    asked = dict.fromkeys(wishes, 0)
    free = list(wishes)
    while free:
        need = free.pop()
        while asked[need] < len(wishes[need]):
            offer = wishes[need][asked[need]]
            asked[need] += 1
            heapq.heappush(sitting[offer], (-rank[offer][need], need))
            if len(sitting[offer]) <= seats[offer]:
                break
            need = heapq.heappop(sitting[offer])[1]
    return sum(map(len, sitting.values()))


def by_package(data: tuple[Any, ...]) -> tuple[float, int] | str:
    """Seconds and people placed by the package; a sentence when it is not there."""
    if not (FOLDER / "matching").is_dir():
        done = subprocess.run(
            [sys.executable, "-m", "pip", "install", "-q", "--target", str(FOLDER), "matching"],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            return "the package `matching` is not available: " + done.stderr.strip()[-200:]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "preferences.json"
        file.write_bytes(orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS))
        try:
            done = subprocess.run(
                [sys.executable, "-c", CHILD, str(file)],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(FOLDER)},
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return float(PATIENCE_SECONDS), 0
    if done.returncode:
        return "the package `matching` does not run here: " + done.stderr.strip()[-200:]
    seconds, placed = done.stdout.split()
    return float(seconds), int(placed)


if __name__ == "__main__":
    from tests.benchmarks.engine import against_stable_matching, report

    sys.exit(report(against_stable_matching(10_000, 2_000)))
