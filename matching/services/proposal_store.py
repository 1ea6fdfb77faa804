"""Writing the proposals of a run: one binary COPY, whatever their number.

The rows are laid out by numpy as PostgreSQL reads them; only who has no place is written one by
one, because those rows differ in length.
"""

import os
from datetime import UTC, datetime

import numpy as np
from django.db import connection

from backend.common import clock
from matching.engine import Cause, packed_placed, packed_unplaced
from matching.services.batch import Pass, Routed

COPY = """
copy matching_matchproposal
  (uuid, created_at, run_id, need_id, tier, intake_moment_id, score, cause, explanation)
from stdin (format binary)
"""
HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
COLUMNS = 9
NULL = -1
# PostgreSQL counts from here.
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
# Everybody has these; each value stands behind its length.
HEAD = np.dtype(
    [
        ("columns", ">i2"),
        ("of uuid", ">i4"),
        ("uuid", "u1", 16),
        ("of created_at", ">i4"),
        ("created_at", ">i8"),
        ("of run", ">i4"),
        ("run", ">i8"),
        ("of need", ">i4"),
        ("need", ">i8"),
        ("of tier", ">i4"),
        ("tier", ">i2"),
    ]
)


def store_proposals(run_id: int, routed: Routed) -> int:
    """Stores a proposal or a cause for every need of the run; how many. MUST be in atomic()."""
    count = sum(len(one.needs) for one in routed.passes)
    heads = np.zeros(count, HEAD)
    heads["columns"] = COLUMNS
    for name in ("uuid", "created_at", "run", "need", "tier"):
        heads[f"of {name}"] = HEAD[name].itemsize
    heads["uuid"] = _keys(count)
    heads["created_at"] = (clock.now() - EPOCH).total_seconds() * 1_000_000
    heads["run"] = run_id
    parts, first = [HEADER], 0
    for one in routed.passes:
        mine = heads[first : first + len(one.needs)]
        mine["need"], mine["tier"] = one.needs.pks, one.result.tier
        parts += [_placed(one, mine), *_unplaced(one, mine)]
        first += len(one.needs)
    parts.append(TRAILER)
    with connection.cursor() as cursor, cursor.copy(COPY) as copy:
        copy.write(b"".join(parts))
    return count


def _keys(count: int) -> np.ndarray:
    """As many UUIDs of version 7: they grow with time, so that their index grows at one end."""
    keys = np.frombuffer(os.urandom(16 * count), np.uint8).reshape(count, 16).copy()
    milliseconds = int(clock.now().timestamp() * 1000)
    keys[:, :6] = np.frombuffer(milliseconds.to_bytes(6, "big"), np.uint8)
    # Within the millisecond 12 bits count on, so that the order holds for thousands at a time.
    step = np.arange(count) * 4096 // max(count, 1)
    keys[:, 6] = step >> 8 | 0x70
    keys[:, 7] = step & 0xFF
    keys[:, 8] = keys[:, 8] & 0x3F | 0x80
    return keys


def _placed(one: Pass, heads: np.ndarray) -> bytes:
    """All rows with a place: they are equally long."""
    rows = one.result.placed
    packed = packed_placed(one.result)
    record = np.zeros(
        len(rows),
        [
            ("head", HEAD),
            ("of intake", ">i4"),
            ("intake", ">i8"),
            ("of score", ">i4"),
            ("score", ">i2"),
            ("of cause", ">i4"),
            ("of packed", ">i4"),
            ("packed", packed.dtype),
        ],
    )
    record["head"] = heads[rows]
    record["of intake"], record["of score"] = 8, 2
    record["intake"] = one.offers.intakes[one.result.offer[rows]]
    record["score"] = one.result.score[rows]
    record["of packed"], record["packed"] = packed.dtype.itemsize, packed
    return record.tobytes()


def _unplaced(one: Pass, heads: np.ndarray) -> list[bytes]:
    """The rows without a place, which differ in what stood in the way."""
    rows = one.result.unplaced
    nulls = _length(NULL) * 2
    causes = {
        cause.value: nulls + _length(len(cause.code)) + cause.code.encode() for cause in Cause
    }
    size, data = HEAD.itemsize, heads[rows].tobytes()
    found = packed_unplaced(one.result)
    return [
        b"".join((data[row * size : (row + 1) * size], causes[cause], _length(len(packed)), packed))
        for row, (cause, packed) in enumerate(
            zip(one.result.cause[rows].tolist(), found, strict=True)
        )
    ]


def _length(number: int) -> bytes:
    return number.to_bytes(4, "big", signed=True)
