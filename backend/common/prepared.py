"""Statements that PostgreSQL takes apart and plans once per connection, and then only runs.

Django binds values in the client and sends a new text each time; for a statement over many tables
planning costs several times the work itself. What runs here MUST be a text that comes back: every
value that differs is a parameter, and every parameter carries its type (`%s::bigint`).
"""

import re
from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg._preparing import PrepareManager
from psycopg.postgres import types as postgres_types
from psycopg.pq import Format

Rows = list[tuple[Any, ...]]
_TIMESTAMPTZ = postgres_types["timestamptz"].oid
# Written in C; Django puts a Python subclass in its place, which gives the same moments.
_moment_loader = psycopg.adapters.get_loader(_TIMESTAMPTZ, Format.TEXT)
_PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?s|%%")


class Statement:
    """A text with its parameters (`%s`, or `%(name)s` where one is used more than once)."""

    def __init__(self, text: str) -> None:
        # Names of the parameters in the order of their numbers; empty for `%s`.
        self.names: list[str] = []
        self.text = text
        self._count = 0
        # Numbered as the server wants them: the driver would do it anew at each run.
        self._numbered = _PLACEHOLDER.sub(self._number, text)

    def _number(self, found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        if found[1] is None:
            self._count += 1
            return f"${self._count}"
        if found[1] not in self.names:
            self.names.append(found[1])
        return f"${self.names.index(found[1]) + 1}"

    def run(self, parameters: Sequence[Any]) -> Rows:
        """The rows, in the transaction and with the errors of Django."""
        database: Any = connections[DEFAULT_DB_ALIAS]
        database.close_if_health_check_failed()
        database.ensure_connection()
        driver = database.connection
        if type(driver._prepared) is not _KeptStatements:
            driver._prepared = _KeptStatements()
        if database.queries_logged:
            return self._run_logged(database, driver, parameters)
        return _fetch(database, _NumberedCursor(driver), self._numbered, parameters)

    def _run_logged(self, database: Any, driver: Any, parameters: Sequence[Any]) -> Rows:
        """The log of queries writes the values into the text, which it can only do its own way."""
        values = dict(zip(self.names, parameters, strict=True)) if self.names else parameters
        return _fetch(database, _PreparedCursor(driver), self.text, values)


class _KeptStatements(PrepareManager):
    """Keeps what is prepared when a transaction is rolled back.

    The driver throws everything away then, because tables may have been made in it; so one refused
    request (a full group) would make the next ones plan all their statements anew. PostgreSQL looks
    up tables again by itself; statements are forgotten when tables are dropped or altered.
    """

    _changes_tables = re.compile(rb"(DROP|ALTER|DISCARD ALL|DEALLOCATE ALL)\b").match

    def __init__(self) -> None:
        super().__init__()
        # Django switches preparing off; its own cursors bind in the client and never prepare.
        self.prepare_threshold = 1

    def clear(self) -> bool:
        return False

    def _should_discard(self, prep: Any, results: Any, *_: Any) -> bool:
        changes = type(self)._changes_tables
        if any(one.command_status and changes(one.command_status) for one in results):
            return super().clear()
        return False


class _PreparedCursor(psycopg.Cursor[Any]):
    """Binds in the server and prepares at first use, on the connection that Django holds."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        return super().execute(query, params, prepare=True)


class _NumberedCursor(psycopg.RawCursor[Any]):
    """The same for a text with numbered parameters."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        return super().execute(query, params, prepare=True)


def _fetch(database: Any, cursor: Any, text: str, parameters: Any) -> Rows:
    if _moment_loader is not None:
        cursor.adapters.register_loader(_TIMESTAMPTZ, _moment_loader)
    # Django's wrapper counts, refuses what a broken transaction may not do, translates errors.
    with database._prepare_cursor(cursor) as wrapped:
        wrapped.execute(text, parameters)
        rows: Rows = wrapped.fetchall()
    return rows
