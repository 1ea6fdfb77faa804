"""Statements that are built once and run often with other values.

Building a query in Python costs several times its work in the database. `CompiledRows` builds a
queryset once with stand-ins, keeps the SQL, and fills in the values at each run; the queryset stays
the one place where the question is written down. `insert_row` does the same for one new row.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models

from backend.common import clock

Rows = list[tuple[Any, ...]]
Row = TypeVar("Row", bound=models.Model)
# Far outside every key and every calendar of the domain.
_FIRST_KEY_STAND_IN = 2_000_000_011
_FIRST_DAY_STAND_IN = date(7001, 1, 1)


class CompiledRows:
    """The rows of a `values_list` queryset, asked for by keys and days.

    `build` takes the named arguments and returns the queryset; a moment in it MUST come from
    `clock.now()` and is replaced by the moment of the run. Arguments are whole numbers (keys),
    UUIDs or days, as `kinds` says. `build` MUST NOT branch on their values. Columns come as the
    driver reads them, so they MUST need no conversion by Django.
    """

    def __init__(
        self,
        build: Callable[..., models.QuerySet[Any, Any]],
        **kinds: type[int] | type[date] | type[UUID],
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
        stand_ins = {
            name: _stand_in(kind, number) for number, (name, kind) in enumerate(self._kinds.items())
        }
        sql, parameters = self._build(**stand_ins).query.sql_with_params()
        names = {value: name for name, value in stand_ins.items()}
        self._slots = [_slot(parameter, names) for parameter in parameters]
        self._sql = sql


def insert_row(instance: Row) -> Row:
    """`instance`, new, as a row in the database; as `save()` does it, without building the SQL.

    Values MUST be plain: no expressions, and no parent model with a table of its own.
    """
    fields, sql = _insert_of(type(instance))
    with connection.cursor() as cursor:
        cursor.execute(sql, _values_of(instance, fields))
        (instance.pk,) = cursor.fetchone()
    instance._state.adding, instance._state.db = False, connection.alias
    return instance


@cache
def _insert_of(model: type[models.Model]) -> "tuple[tuple[models.Field[Any, Any], ...], str]":
    fields = tuple(
        field
        for field in model._meta.local_concrete_fields
        if not field.primary_key and not field.generated
    )
    query = models.sql.InsertQuery(model)
    query.insert_values(fields, [model()], raw=True)
    compiler = query.get_compiler(connection=connection)
    compiler.returning_fields = [model._meta.pk]
    ((sql, parameters),) = compiler.as_sql()
    if len(parameters) != len(fields):
        raise TypeError(f"{model.__name__} has a field that is not one value in SQL")
    return fields, sql


def _values_of(instance: models.Model, fields: "Sequence[models.Field[Any, Any]]") -> list[Any]:
    return [
        field.get_db_prep_save(field.pre_save(instance, add=True), connection) for field in fields
    ]


def _stand_in(kind: type, number: int) -> Any:
    if kind is int:
        return _FIRST_KEY_STAND_IN + number
    if kind is UUID:
        return UUID(int=_FIRST_KEY_STAND_IN + number)
    return _FIRST_DAY_STAND_IN + timedelta(days=number)


def _slot(parameter: Any, names: dict[Any, str]) -> Callable[[dict[str, Any]], Any]:
    if isinstance(parameter, datetime):
        return lambda values: clock.now()
    # PostgreSQL's integer fields bring their value wrapped in a type of the driver.
    plain = int(parameter) if isinstance(parameter, int) else parameter
    name = names.get(plain) if isinstance(plain, int | date | UUID) else None
    if name is not None:
        return lambda values: values[name]
    return lambda values: parameter
