"""Statements that are built once and run often with other values.

Building a query in Python costs several times its work in the database, and so does planning it.
`CompiledRows` builds a queryset once with stand-ins, keeps the SQL, and fills in the values at each
run of the prepared statement; the queryset stays the one place where the question is written down.
`JoinedRows` asks several of them in one statement.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, models
from psycopg import sql as driver_sql
from psycopg.types.numeric import Int8

from backend.common import clock
from backend.common.prepared import Asked, Rows, Statement, run_together

# Far outside every key and every calendar of the domain.
_FIRST_KEY_STAND_IN = 2_000_000_011
_FIRST_DAY_STAND_IN = date(7001, 1, 1)
_TYPES: dict[type, str] = {int: "bigint", UUID: "uuid", date: "date", list: "bigint[]"}
# Of each row the answer of each part.
Answers = list[tuple[tuple[Any, ...] | None, ...]]
# The moment of the run; no argument may have this name.
NOW = "now"


class CompiledRows:
    """The rows of a `values_list` queryset, asked for by keys and days.

    `build` takes the named arguments and returns the queryset; a moment in it MUST come from
    `clock.now()` and is replaced by the moment of the run. Arguments are whole numbers (keys),
    UUIDs, days, or lists of keys (which `build` MUST pass to `locks.keys_in`), as `kinds` says.
    `build` MUST NOT branch on their values. Columns come as the driver reads them, so they MUST
    need no conversion by Django.
    """

    def __init__(
        self,
        build: Callable[..., models.QuerySet[Any, Any]],
        **kinds: type[int] | type[date] | type[UUID] | type[list[int]],
    ) -> None:
        self._build = build
        self.kinds = kinds
        self._pieces: list[tuple[str, str | None]] = []
        self._columns = 0
        self._statement: Statement | None = None

    def __call__(self, **values: Any) -> Rows:
        (rows,) = run_together([self.asked(**values)])
        return rows

    def planned(self, **values: Any) -> Rows:
        """The rows, planned for these values: for what reads whole tables or thousands of rows."""
        statement, parameters = self.asked(**values)
        return statement.run_seen(connection, parameters)

    def asked(self, **values: Any) -> Asked:
        """The statement with these values, to be run together with others."""
        if self._statement is None:
            self._statement = Statement(
                self.text({name: placeholder(name, kind) for name, kind in self._typed()})
            )
        return self._statement, bound(self._statement, self.kinds, values)

    @property
    def columns(self) -> int:
        """How many columns a row has."""
        self._compile()
        return self._columns

    def text(self, given: Mapping[str, str]) -> str:
        """The SQL with an expression in the place of each argument and of NOW."""
        self._compile()
        return "".join(
            text if name is None else f"{text}{given[name]}" for text, name in self._pieces
        )

    def _typed(self) -> list[tuple[str, str]]:
        return [*((name, _TYPES[kind]) for name, kind in self.kinds.items()), (NOW, "timestamptz")]

    def _compile(self) -> None:
        if self._pieces:
            return
        stand_ins = {
            name: _stand_in(kind, number) for number, (name, kind) in enumerate(self.kinds.items())
        }
        compiler = self._build(**stand_ins).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        self._columns = len(compiler.select)
        names = {
            key_array(value) if isinstance(value, list) else value: name
            for name, value in stand_ins.items()
        }
        self._pieces = _pieces(sql, [_slot(one, names) for one in parameters])


@dataclass(frozen=True)
class Column:
    """A column of an earlier part of JoinedRows, by the name it has in that part's values_list."""

    part: str
    name: str

    def __str__(self) -> str:
        return f'part_{self.part}."{self.name}"'


@dataclass(frozen=True)
class Part:
    """One question of JoinedRows; `given` says where each argument comes from.

    A text is the name of a parameter of the run, a Column the answer to an earlier question.
    """

    rows: CompiledRows
    given: Mapping[str, str | Column]


class JoinedRows:
    """Several compiled questions in one statement.

    A row holds for each part its tuple, or None where the part found nothing; where a part has
    several rows, the others are repeated. The first column of a part MUST never be null.
    """

    def __init__(self, **parts: Part) -> None:
        self._parts = parts
        self._kinds = {
            source: part.rows.kinds[argument]
            for part in parts.values()
            for argument, source in part.given.items()
            if isinstance(source, str)
        }
        self._statement: Statement | None = None
        self._slices: list[tuple[int, int]] = []

    def __call__(self, **values: Any) -> Answers:
        (rows,) = run_together([self.asked(**values)])
        return self.read(rows)

    def asked(self, **values: Any) -> Asked:
        """The statement with these values, to be run together with others."""
        if self._statement is None:
            self._statement = self._compile()
        return self._statement, bound(self._statement, self._kinds, values)

    def read(self, rows: Rows) -> Answers:
        """The answers of the parts in what the statement gave."""
        return [
            tuple(None if row[start] is None else row[start:stop] for start, stop in self._slices)
            for row in rows
        ]

    def _compile(self) -> Statement:
        # Two threads may compile at once: each makes lists of its own, and they are the same.
        joins, slices, start = [], [], 0
        for name, part in self._parts.items():
            given = {NOW: placeholder(NOW, "timestamptz")}
            for argument, source in part.given.items():
                given[argument] = (
                    str(source)
                    if isinstance(source, Column)
                    else placeholder(source, _TYPES[self._kinds[source]])
                )
            joins.append(f"left join lateral ({part.rows.text(given)}) as part_{name} on true")
            slices.append((start, start + part.rows.columns))
            start += part.rows.columns
        self._slices = slices
        columns = ", ".join(f"part_{name}.*" for name in self._parts)
        return Statement(f"select {columns} from (select 1) as always {' '.join(joins)}")  # noqa: S608


def placeholder(name: str, kind: str) -> str:
    return f"%({name})s::{kind}"


def bound(statement: Statement, kinds: Mapping[str, type], values: Mapping[str, Any]) -> list[Any]:
    """The values as the driver sends them, in the order of the statement.

    A key always has the same width, so that it is one prepared statement.
    """
    return [
        clock.now() if name == NOW else _sent(values[name], kinds[name]) for name in statement.names
    ]


def key_array(keys: Iterable[int]) -> str:
    """Keys as PostgreSQL writes an array: the driver takes far longer over thousands of numbers."""
    return f"{{{','.join(map(str, keys))}}}"


def _sent(value: Any, kind: type) -> Any:
    if kind is int:
        return Int8(value)
    return key_array(value) if kind is list else value


def _stand_in(kind: type, number: int) -> Any:
    if kind is int:
        return _FIRST_KEY_STAND_IN + number
    if kind is list:
        return [_FIRST_KEY_STAND_IN + number]
    if kind is UUID:
        return UUID(int=_FIRST_KEY_STAND_IN + number)
    return _FIRST_DAY_STAND_IN + timedelta(days=number)


def _slot(parameter: Any, names: Mapping[Any, str]) -> tuple[str, str | None]:
    """What stands in the place of a parameter: the name of an argument, or the value itself."""
    if isinstance(parameter, datetime):
        return "", NOW
    # PostgreSQL's integer fields bring their value wrapped in a type of the driver.
    plain = int(parameter) if isinstance(parameter, int) else parameter
    name = names.get(plain) if isinstance(plain, int | date | UUID | str) else None
    if name is not None:
        return "", name
    # Constants stand in the text, so that the plan can use the partial indexes they name.
    literal = driver_sql.Literal(parameter).as_string(connection.connection)
    return literal.replace("%", "%%"), None


def _pieces(sql: str, slots: list[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    texts = sql.split("%s")
    if len(texts) != len(slots) + 1:
        raise TypeError("The text of this query holds %s in another role than that of a parameter.")
    pieces: list[tuple[str, str | None]] = [(texts[0], None)]
    for text, (literal, name) in zip(texts[1:], slots, strict=True):
        pieces += [(literal, name), (text, None)]
    return pieces
