"""Statements that PostgreSQL takes apart and plans once per connection, and then only runs.

Django binds values in the client and sends a new text each time; for a statement over many tables
planning costs several times the work itself. What runs here MUST be a text that comes back: every
value that differs is a parameter, and every parameter carries its type (`%s::bigint`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection
from psycopg.postgres import types as postgres_types
from psycopg.pq import Format

Rows = list[tuple[Any, ...]]
_TIMESTAMPTZ = postgres_types["timestamptz"].oid
# Written in C; Django puts a Python subclass in its place, which gives the same moments.
_moment_loader = psycopg.adapters.get_loader(_TIMESTAMPTZ, Format.TEXT)


class _PreparedCursor(psycopg.Cursor[Any]):
    """Binds in the server and prepares at first use, on the connection that Django holds."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        return super().execute(query, params, prepare=True)


def run(sql: str, parameters: "Sequence[Any] | Mapping[str, Any]") -> Rows:
    """The rows of a prepared statement, in the transaction and with the errors of Django."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    driver = connection.connection
    # Django switches preparing off; its own cursors bind in the client and never prepare.
    driver.prepare_threshold = 1
    cursor = _PreparedCursor(driver)
    if _moment_loader is not None:
        cursor.adapters.register_loader(_TIMESTAMPTZ, _moment_loader)
    # Django's wrapper: the log of queries in tests, the counting, the translation of errors.
    with connection._prepare_cursor(cursor) as wrapped:  # type: ignore[attr-defined]
        wrapped.execute(sql, parameters)
        return wrapped.fetchall()
