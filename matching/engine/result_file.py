"""Guarantees the result file and the candidates file of engine.md, complete or not at all."""

import csv
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from matching.engine.codes import RULES, Cause
from matching.engine.near import relax_value
from matching.engine.result import BatchResult
from matching.engine.score import factor_dict


def result_record(result: BatchResult) -> dict[str, Any]:
    """Gives the content of the result file; needs and offers in order of id."""
    summary = result.summary
    order = np.argsort(result.needs.ids, kind="stable")
    placed = result.offer >= 0
    offers = np.argsort(result.offers.ids, kind="stable")
    return {
        "summary": {
            "needs": summary.needs,
            "offers": summary.offers,
            "feasiblePairs": summary.feasible_pairs,
            "placed": summary.placed,
            "placedByTier": {str(n + 1): count for n, count in enumerate(summary.placed_by_tier)},
            "totalScore": summary.total_score,
            "solver": summary.solver,
            "optimal": summary.optimal,
            "seconds": round(summary.seconds, 6),
        },
        "assignments": list(_assignments(result, order[placed[order]])),
        "unplaced": list(_unplaced(result, order[~placed[order]])),
        "seatValues": [
            {"offer": name, "worth": worth}
            for name, worth in zip(
                result.offers.ids[offers].tolist(), result.seat_value[offers].tolist(), strict=True
            )
        ],
        "worseThanFifo": summary.worse_than_fifo,
    }


def _assignments(result: BatchResult, rows: np.ndarray) -> Iterator[dict[str, Any]]:
    names = result.offers.ids.tolist()
    columns = zip(
        result.needs.ids[rows].tolist(),
        result.offer[rows].tolist(),
        result.score[rows].tolist(),
        result.tier[rows].tolist(),
        result.points[rows],
        result.alternative_offer[rows].tolist(),
        result.alternative_score[rows].tolist(),
        strict=True,
    )
    for need, offer, score, tier, points, others, other_scores in columns:
        yield {
            "need": need,
            "offer": names[offer],
            "score": score,
            "tier": tier,
            "factors": factor_dict(points),
            "alternatives": [
                {"offer": names[other], "score": value}
                for other, value in zip(others, other_scores, strict=True)
                if other >= 0
            ],
        }


def _unplaced(result: BatchResult, rows: np.ndarray) -> Iterator[dict[str, Any]]:
    names = result.offers.ids.tolist()
    position = np.full(len(result.needs), -1)
    position[result.unplaced] = np.arange(len(result.unplaced))
    near = result.near
    first = np.searchsorted(near.need, np.arange(len(result.needs) + 1)).tolist()
    offer, rule, amount = near.offer.tolist(), near.rule.tolist(), near.amount.tolist()
    for row in rows.tolist():
        counts = result.reasons[position[row]].tolist()
        yield {
            "need": str(result.needs.ids[row]),
            "tier": int(result.tier[row]),
            "cause": Cause(int(result.cause[row])).code,
            "reasons": {name: count for name, count in zip(RULES, counts, strict=True) if count},
            "nearMisses": [
                {
                    "offer": names[offer[k]],
                    "rule": RULES[rule[k]],
                    "relax": relax_value(
                        result.needs, result.offers, row, offer[k], rule[k], amount[k]
                    ),
                }
                for k in range(first[row], first[row + 1])
            ],
        }


def candidates_csv(result: BatchResult) -> bytes:
    """Gives every feasible pair as CSV: need, offer, score, tier; ordered by need, then offer."""
    candidates = result.candidates
    need_rank = np.argsort(np.argsort(result.needs.ids, kind="stable"))
    offer_rank = np.argsort(np.argsort(result.offers.ids, kind="stable"))
    order = np.lexsort((offer_rank[candidates.offer], need_rank[candidates.need]))
    need, offer = candidates.need[order], candidates.offer[order]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(("need", "offer", "score", "tier"))
    need_names, offer_names = result.needs.ids.tolist(), result.offers.ids.tolist()
    writer.writerows(
        (need_names[i], offer_names[j], score, tier)
        for i, j, score, tier in zip(
            need.tolist(),
            offer.tolist(),
            candidates.score[order].tolist(),
            result.tier[need].tolist(),
            strict=True,
        )
    )
    return buffer.getvalue().encode()


def write_files(contents: dict[Path, bytes]) -> None:
    """Writes all files or none: each beside its place first, then moved into it."""
    waiting: list[tuple[str, Path]] = []
    try:
        for path, content in contents.items():
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            waiting.append((name, path))
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            # mkstemp makes files for the owner only; a result is an ordinary file.
            umask = os.umask(0)
            os.umask(umask)
            Path(name).chmod(0o666 & ~umask)
        while waiting:
            name, path = waiting[0]
            Path(name).replace(path)
            waiting.pop(0)
    finally:
        for name, _path in waiting:
            Path(name).unlink(missing_ok=True)


def result_json(result: BatchResult) -> bytes:
    """Gives the result file as bytes."""
    return orjson.dumps(result_record(result), option=orjson.OPT_INDENT_2)
