"""Writing the proposals of a run: one COPY, whatever their number."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import numpy as np
import orjson
from django.db import connection

from backend.common import clock
from matching.engine import RULES, Cause, factor_dict, relax_value
from matching.services.batch import Pass, Routed

COPY = """
copy matching_matchproposal
  (uuid, created_at, run_id, need_id, intake_moment_id, tier, score, factors, cause, reasons,
   near_misses, alternatives)
from stdin
"""
EMPTY_OBJECT, EMPTY_LIST = "{}", "[]"


def store_proposals(run_id: int, routed: Routed) -> int:
    """Stores a proposal or a cause for every need of the run; how many. MUST be in atomic()."""
    moment = clock.now()
    count = 0
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        for one in routed.passes:
            for row in _rows(one):
                copy.write_row((uuid4(), moment, run_id, *row))
                count += 1
    return count


def _rows(one: Pass) -> Iterator[tuple[Any, ...]]:
    yield from _placed(one)
    yield from _unplaced(one)


def _placed(one: Pass) -> Iterator[tuple[Any, ...]]:
    result = one.result
    rows = result.placed
    names = result.offers.ids.tolist()
    columns = zip(
        one.needs.pks[rows].tolist(),
        one.offers.intakes[result.offer[rows]].tolist(),
        result.tier[rows].tolist(),
        result.score[rows].tolist(),
        result.points[rows],
        result.alternative_offer[rows].tolist(),
        result.alternative_score[rows].tolist(),
        strict=True,
    )
    for need, intake, tier, score, points, others, other_scores in columns:
        alternatives = [
            {"intakeMomentId": names[other], "score": value}
            for other, value in zip(others, other_scores, strict=True)
            if other >= 0
        ]
        yield (
            need,
            intake,
            tier,
            score,
            _json(factor_dict(points)),
            "",
            EMPTY_OBJECT,
            EMPTY_LIST,
            _json(alternatives),
        )


def _unplaced(one: Pass) -> Iterator[tuple[Any, ...]]:
    result, near = one.result, one.result.near
    names = result.offers.ids.tolist()
    first = np.searchsorted(near.need, np.arange(len(result.needs) + 1)).tolist()
    offer, rule, amount = near.offer.tolist(), near.rule.tolist(), near.amount.tolist()
    for position, row in enumerate(result.unplaced.tolist()):
        counts = result.reasons[position].tolist()
        near_misses = [
            {
                "intakeMomentId": names[offer[k]],
                "rule": RULES[rule[k]],
                "relax": relax_value(
                    result.needs, result.offers, row, offer[k], rule[k], amount[k]
                ),
            }
            for k in range(first[row], first[row + 1])
        ]
        yield (
            int(one.needs.pks[row]),
            None,
            int(result.tier[row]),
            None,
            EMPTY_OBJECT,
            Cause(int(result.cause[row])).code,
            _json({name: count for name, count in zip(RULES, counts, strict=True) if count}),
            _json(near_misses),
            EMPTY_LIST,
        )


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
