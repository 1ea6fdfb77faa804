"""Counts queries and compares them with the committed baseline `tests/query_counts.json`.

`UPDATE_QUERY_COUNTS=1 pytest ...` writes the counts that were found; the diff is then reviewed.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from django.db import connection
from django.test.utils import CaptureQueriesContext

BASELINE = Path(__file__).parent.parent / "query_counts.json"
UPDATING = os.environ.get("UPDATE_QUERY_COUNTS", "") not in {"", "0"}


@contextmanager
def counted() -> Iterator[CaptureQueriesContext]:
    """The queries inside the block, as `.captured_queries` and `len()` afterwards."""
    with CaptureQueriesContext(connection) as captured:
        yield captured


def baseline() -> dict[str, int]:
    found: dict[str, Any] = orjson.loads(BASELINE.read_bytes()) if BASELINE.exists() else {}
    return found


def assert_query_count(name: str, found: int) -> None:
    """`found` equals the baseline for `name`, or becomes the baseline when updating."""
    known = baseline()
    if UPDATING:
        options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
        BASELINE.write_bytes(orjson.dumps({**known, name: found}, option=options))
        return
    assert name in known, f"{name} has no baseline; run with UPDATE_QUERY_COUNTS=1 and review."
    assert found == known[name], f"{name}: {found} queries, the baseline says {known[name]}."
