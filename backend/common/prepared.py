"""Statements that PostgreSQL takes apart and plans once per connection, and then only runs.

Django binds values in the client and sends a new text each time; for a statement over many tables
planning costs several times the work itself, and a cursor per statement costs more than the way to
the server. What runs here MUST be a text that comes back: every value that differs is a parameter,
and every parameter carries its type (`%s::bigint`). It MUST look rows up by key: its plan is made
at the first use and reads no whole table, also when the table is still small.
"""

import re
import select
from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.adapt import AdaptersMap, PyFormat, Transformer
from psycopg.postgres import types as postgres_types
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus

Rows = list[tuple[Any, ...]]
# Each takes some tens of kilobytes of the server's memory.
KEPT_STATEMENTS = 300
_TIMESTAMPTZ = postgres_types["timestamptz"].oid
# Written in C; Django puts a Python subclass in its place, which gives the same moments.
_moment_loader = psycopg.adapters.get_loader(_TIMESTAMPTZ, Format.TEXT)
_PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?s|%%")
_DONE = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
# The result would have other columns than when it was planned (a migration), or somebody threw
# prepared statements away.
_STALE = frozenset({"0A000", "26000"})
_SESSION = "passend_session"
# A plan lives as long as its connection, and tables grow: without this a table that was empty in
# the morning is read from end to end all day. Analysing a table makes its plans anew.
_PLAN_FOR_GROWTH, _PLAN_AS_USUAL = b"SET enable_seqscan = off", b"RESET enable_seqscan"


def trust_quiet_connection() -> None:
    """Spares Django's `SELECT 1` at the first statement of a request while the line is quiet.

    A server that restarts, ends the session or lets it time out closes the line, often with a word
    of why: both can be read here without asking. Then, and in any doubt, Django asks as always.
    """
    database: Any = connections[DEFAULT_DB_ALIAS]
    if database.connection is None or database.health_check_done:
        return
    server = database.connection.pgconn
    if (
        server.status == ConnStatus.OK
        and server.transaction_status == TransactionStatus.IDLE
        and not _has_something_to_read(server.socket)
    ):
        database.health_check_done = True


def _has_something_to_read(socket: int) -> bool:
    """Whether the server wrote or closed; errors count as well."""
    watched = select.poll()
    watched.register(socket, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(watched.poll(0))


def is_watched(database: Any) -> bool:
    """Whether somebody wants to see each query in Django's own way: its log, or a test."""
    return bool(database.queries_logged or database.execute_wrappers)


class Statement:
    """A text with its parameters (`%s`, or `%(name)s` where one is used more than once)."""

    def __init__(self, text: str) -> None:
        # Names of the parameters in the order of their numbers; empty for `%s`.
        self.names: list[str] = []
        self.text = text
        self._count = 0
        # Numbered as the server wants them.
        self.numbered = _PLACEHOLDER.sub(self._number, text).encode()
        # The server reads each value as the type that stands behind its number.
        self.formats = [PyFormat.TEXT] * max(self._count, len(self.names))

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
        (rows,) = run_together([(self, parameters)])
        return rows

    def run_seen(self, database: Any, parameters: Sequence[Any]) -> Rows:
        """Django's own way, for whoever looks on: the log of queries, and tests."""
        values = dict(zip(self.names, parameters, strict=True)) if self.names else parameters
        with database.cursor() as cursor:
            if _moment_loader is not None:
                cursor.cursor.adapters.register_loader(_TIMESTAMPTZ, _moment_loader)
            cursor.execute(self.text, values)
            rows: Rows = cursor.fetchall() if cursor.description else []
        return rows


# A statement and its values.
Asked = tuple[Statement, Sequence[Any]]


def run_together(asked: Sequence[Asked]) -> list[Rows]:
    """The rows of each statement, all in one way to the server; in the transaction of Django.

    They run one after the other, and under READ COMMITTED each sees what was committed when it
    began: what follows a lock sees what its holder wrote. None runs after one that fails.
    """
    database: Any = connections[DEFAULT_DB_ALIAS]
    database.close_if_health_check_failed()
    database.ensure_connection()
    if is_watched(database):
        return [one.run_seen(database, parameters) for one, parameters in asked]
    database.validate_no_broken_transaction()
    driver = database.connection
    # On the connection itself, so that it goes when the connection goes.
    session = driver.__dict__.get(_SESSION)
    if session is None:
        session = driver.__dict__[_SESSION] = _Session(driver)
    with database.wrap_database_errors:
        rows: list[Rows] = session.run(asked)
    return rows


class _Session:
    """One connection: what it has prepared, and how it writes and reads values."""

    def __init__(self, driver: psycopg.Connection[Any]) -> None:
        self.adapters = AdaptersMap(driver.adapters)
        if _moment_loader is not None:
            self.adapters.register_loader(_TIMESTAMPTZ, _moment_loader)
        self.connection = driver
        self._transformer = Transformer(self)
        self._names: dict[Statement, bytes] = {}
        self._made = 0

    def run(self, asked: Sequence[Asked]) -> list[Rows]:
        # Any: the stub of `exec_prepared` forgets that a value may be null.
        sent: list[tuple[bytes, Any]] = [
            (
                self._names.get(statement) or self._prepare(statement),
                self._transformer.dump_sequence(parameters, statement.formats),
            )
            for statement, parameters in asked
        ]
        try:
            return [self._rows(result) for result in self._results(sent)]
        except psycopg.Error as error:
            if error.sqlstate in _STALE:
                for statement, _parameters in asked:
                    self._names.pop(statement, None)
            raise

    def _results(self, sent: Sequence[tuple[bytes, Any]]) -> list[Any]:
        """What the server answers to each, in one way; Django's transaction is opened first."""
        driver, server = self.connection, self.connection.pgconn
        # Django leaves it to the driver to open the transaction at its first statement.
        opens = not driver.autocommit and server.transaction_status == TransactionStatus.IDLE
        if len(sent) == 1 and not opens:
            return [server.exec_prepared(*sent[0])]
        server.enter_pipeline_mode()
        try:
            if opens:
                server.send_query_params(driver._get_tx_start_command(), None)
            for name, values in sent:
                server.send_query_prepared(name, values)
            server.pipeline_sync()
        finally:
            results = self._until_sync()
        if server.status == ConnStatus.OK:
            server.exit_pipeline_mode()
        if opens:
            self._checked(results.pop(0))
        return results

    def _until_sync(self) -> list[Any]:
        """Everything that comes before the mark of `pipeline_sync`; waits as others work."""
        server, results, silent = self.connection.pgconn, [], 0
        watched = select.poll()
        watched.register(server.socket, select.POLLIN)
        # Each answer ends with silence; twice silent is a connection that was lost.
        while silent < 2:
            while server.is_busy():
                # What is longer than the line takes at once goes on its way while we wait.
                unsent = server.flush()
                watched.modify(server.socket, select.POLLIN | (select.POLLOUT if unsent else 0))
                watched.poll()
                server.consume_input()
            result = server.get_result()
            if result is None:
                silent += 1
                continue
            silent = 0
            if result.status == ExecStatus.PIPELINE_SYNC:
                break
            results.append(result)
        return results

    def _rows(self, result: Any) -> Rows:
        self._checked(result)
        self._transformer.set_pgresult(result)
        rows: Rows = self._transformer.load_rows(0, result.ntuples, tuple)
        return rows

    def _prepare(self, statement: Statement) -> bytes:
        server = self.connection.pgconn
        if len(self._names) >= KEPT_STATEMENTS:
            oldest = next(iter(self._names))
            self._checked(server.exec_(b"DEALLOCATE " + self._names.pop(oldest)))
        self._made += 1
        name = f"passend_{self._made}".encode()
        self._checked(server.prepare(name, statement.numbered))
        nulls = b"(" + b", ".join([b"NULL"] * len(statement.formats)) + b")"
        self._checked(server.exec_(_PLAN_FOR_GROWTH))
        try:
            explain = b"EXPLAIN EXECUTE " + name + (nulls if statement.formats else b"")
            self._checked(server.exec_(explain))
        finally:
            server.exec_(_PLAN_AS_USUAL)
        self._names[statement] = name
        return name

    def _checked(self, result: Any) -> None:
        if result.status not in _DONE:
            raise self._error(result)

    @staticmethod
    def _error(result: Any) -> psycopg.Error:
        error = psycopg.errors.error_from_result(result)
        if error.sqlstate is None:
            # No word from the server: the connection is gone.
            return psycopg.OperationalError(str(error))
        return error
