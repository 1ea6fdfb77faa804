"""Writing the proposals of a run: one COPY, whatever their number.

The lines are made column by column and handed over in blocks, so that PostgreSQL stores one block
while the next is made.
"""

import os
from collections.abc import Iterator
from itertools import chain, islice

import numpy as np
import orjson
from django.db import connection

from backend.common import clock
from matching.engine import FACTORS, RULES, Cause, relax_value
from matching.services.batch import Pass, Routed

COPY = """
copy matching_matchproposal
  (uuid, created_at, run_id, need_id, intake_moment_id, tier, score, factors, cause, reasons,
   near_misses, alternatives)
from stdin
"""
# Lines per block: large enough to be worth a message, small enough to keep both sides busy.
BLOCK = 1_000
# Every value below is a number, one of our own codes or a UUID: nothing that COPY would read as
# an escape. What that cannot be said of goes through _text().
POINTS = ",".join(f'"{name}":%d' for name in FACTORS)
PLACED = "%s\t%d\t%d\t%d\t%d\t{" + POINTS + "}\t\t{}\t[]\t[%s]\n"
UNPLACED = "%s\t%d\t\\N\t%d\t\\N\t{}\t%s\t%s\t%s\t[]\n"
ALTERNATIVE = '{"intakeMomentId":"%s","score":%d}'


def store_proposals(run_id: int, routed: Routed) -> int:
    """Stores a proposal or a cause for every need of the run; how many. MUST be in atomic()."""
    count = sum(len(one.needs) for one in routed.passes)
    fixed = f"\t{clock.now().isoformat()}\t{run_id}"
    heads = (f"{key}{fixed}" for key in _random_keys(count))
    lines = chain.from_iterable(
        write(one, heads) for one in routed.passes for write in (_placed, _unplaced)
    )
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        while block := "".join(islice(lines, BLOCK)):
            copy.write(block)
    return count


def _random_keys(count: int) -> list[str]:
    """As many UUIDs of version 4, in hexadecimal digits; made together, for a tenth of the time."""
    keys = np.frombuffer(os.urandom(16 * count), np.uint8).reshape(count, 16).copy()
    keys[:, 6] = keys[:, 6] & 0x0F | 0x40
    keys[:, 8] = keys[:, 8] & 0x3F | 0x80
    digits = keys.tobytes().hex()
    return [digits[start : start + 32] for start in range(0, 32 * count, 32)]


def _placed(one: Pass, heads: Iterator[str]) -> Iterator[str]:
    result = one.result
    rows = result.placed
    names = result.offers.ids.tolist()
    columns = zip(
        one.needs.pks[rows].tolist(),
        one.offers.intakes[result.offer[rows]].tolist(),
        result.tier[rows].tolist(),
        result.score[rows].tolist(),
        result.points[rows].tolist(),
        result.alternative_offer[rows].tolist(),
        result.alternative_score[rows].tolist(),
        strict=True,
    )
    for need, intake, tier, score, points, others, other_scores in columns:
        alternatives = ",".join(
            [
                ALTERNATIVE % (names[other], value)
                for other, value in zip(others, other_scores, strict=True)
                if other >= 0
            ]
        )
        yield PLACED % (next(heads), need, intake, tier, score, *points, alternatives)


def _unplaced(one: Pass, heads: Iterator[str]) -> Iterator[str]:
    result, near = one.result, one.result.near
    names = result.offers.ids.tolist()
    first = np.searchsorted(near.need, np.arange(len(result.needs) + 1)).tolist()
    offer, rule, amount = near.offer.tolist(), near.rule.tolist(), near.amount.tolist()
    causes = {cause.value: cause.code for cause in Cause}
    columns = zip(
        result.unplaced.tolist(),
        one.needs.pks[result.unplaced].tolist(),
        result.tier[result.unplaced].tolist(),
        result.cause[result.unplaced].tolist(),
        result.reasons.tolist(),
        strict=True,
    )
    for row, need, tier, cause, counts in columns:
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
        reasons = {name: count for name, count in zip(RULES, counts, strict=True) if count}
        yield UNPLACED % (
            next(heads),
            need,
            tier,
            causes[cause],
            _text(reasons),
            _text(near_misses),
        )


def _text(value: object) -> str:
    """JSON as a column of COPY: a backslash of JSON is a letter there, not an escape."""
    return orjson.dumps(value).decode().replace("\\", "\\\\")
