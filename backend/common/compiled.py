"""Queries that are built once and run often with other values.

Building a query in Python costs several times its work in the database. `CompiledRows` builds the
queryset once with stand-ins, keeps the SQL, and fills in the values at each run; the queryset stays
the one place where the question is written down.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, models

from backend.common import clock

Rows = list[tuple[Any, ...]]
# Far outside every key and every calendar of the domain.
_FIRST_KEY_STAND_IN = 2_000_000_011
_FIRST_DAY_STAND_IN = date(7001, 1, 1)


class CompiledRows:
    """The rows of a `values_list` queryset, asked for by keys and days.

    `build` takes the named arguments and returns the queryset; a moment in it MUST come from
    `clock.now()` and is replaced by the moment of the run. Arguments are whole numbers (keys) or
    days, as `kinds` says. `build` MUST NOT branch on their values. Columns come as the driver reads
    them, so they MUST need no conversion by Django.
    """

    def __init__(
        self, build: Callable[..., models.QuerySet[Any, Any]], **kinds: type[int] | type[date]
    ) -> None:
        self._build = build
        self._kinds = kinds
        self._sql = ""
        self._slots: list[Callable[[dict[str, Any]], Any]] = []

    def __call__(self, **values: Any) -> Rows:
        if not self._sql:
            self._compile()
        with connection.cursor() as cursor:
            cursor.execute(self._sql, [slot(values) for slot in self._slots])
            return cursor.fetchall()

    def _compile(self) -> None:
        stand_ins: dict[str, Any] = {
            name: _FIRST_KEY_STAND_IN + number
            if kind is int
            else _FIRST_DAY_STAND_IN + timedelta(days=number)
            for number, (name, kind) in enumerate(self._kinds.items())
        }
        sql, parameters = self._build(**stand_ins).query.sql_with_params()
        names = {value: name for name, value in stand_ins.items()}
        self._slots = [_slot(parameter, names) for parameter in parameters]
        self._sql = sql


def _slot(parameter: Any, names: dict[Any, str]) -> Callable[[dict[str, Any]], Any]:
    if isinstance(parameter, datetime):
        return lambda values: clock.now()
    # PostgreSQL's integer fields bring their value wrapped in a type of the driver.
    plain = int(parameter) if isinstance(parameter, int) else parameter
    name = names.get(plain) if isinstance(plain, int | date) else None
    if name is not None:
        return lambda values: values[name]
    return lambda values: parameter
