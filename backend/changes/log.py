"""What was committed since a moment, exactly: by the snapshots of PostgreSQL, not by clocks.

A counter or a time is set before the commit that makes it true, so whoever reads in between keeps
what is out of date and never learns of it. A snapshot names the transactions that had ended; what
another one noted is new, however early it began.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

from backend.common import clock
from backend.common.prepared import Statement

# Keep longer than anything is kept in memory (`backend.changes.kept`).
KEEP_NOTES = timedelta(days=3)

_NOW = Statement("""
    select pg_current_snapshot()::text, pg_current_xact_id_if_assigned()::text,
        exists(select from changes_change where xid = pg_current_xact_id_if_assigned())
""")
_SINCE = Statement("""
    select pg_current_snapshot()::text, pg_current_xact_id_if_assigned()::text,
        change.topic, change.key, change.xid = pg_current_xact_id_if_assigned()
    from (select 1) as always
    left join changes_change as change
        on change.xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot)
        and not pg_visible_in_snapshot(change.xid, %(seen)s::pg_snapshot)
""")


@dataclass(frozen=True)
class Moment:
    """A look at the database: what it saw, what was new to it, and whether it saw its own writes.

    `is_own`: this transaction changed something watched itself, which may still be undone.
    """

    seen: str
    is_own: bool
    found: Mapping[str, frozenset[int]]


def this_moment() -> Moment:
    """The present, before anything is read of it."""
    ((snapshot, own, is_own),) = _NOW.run([])
    return Moment(_seen(snapshot, own), is_own, {})


def moment_after(seen: str) -> Moment:
    """The present, with the keys by topic that were noted since `seen`; one statement."""
    rows = _SINCE.run([seen] * len(_SINCE.names))
    found: dict[str, set[int]] = defaultdict(set)
    for _snapshot, _own, topic, key, _is_own in rows:
        if topic is not None:
            found[topic].add(key)
    snapshot, own = rows[0][:2]
    return Moment(
        _seen(snapshot, own),
        any(row[4] for row in rows),
        {topic: frozenset(keys) for topic, keys in found.items()},
    )


def forget_old() -> int:
    """Removes notes that are older than anything kept; how many. Run daily."""
    with connection.cursor() as cursor:
        cursor.execute("delete from changes_change where noted_at < %s", [clock.now() - KEEP_NOTES])
        return int(cursor.rowcount)


def _seen(snapshot: str, own: str | None) -> str:
    """The snapshot, without what this transaction may still write.

    PostgreSQL leaves the own transaction out of those that run, as if it had ended.
    """
    if own is None:
        return snapshot
    low, high, running = snapshot.split(":")
    if int(own) >= int(high):
        return snapshot
    others = {int(one) for one in running.split(",") if one} | {int(own)}
    return f"{min(int(low), int(own))}:{high}:{','.join(map(str, sorted(others)))}"
