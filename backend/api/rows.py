"""Runs a query of plain columns and gives its rows as the driver made them.

Django would walk every column of every row for values it must convert; for most queries there are
none. And it reads moments with a Python subclass of the driver's own reader, which is written in C.
Where a column does need Django's conversion, that column gets it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.expressions import Expression
from psycopg.postgres import types as postgres_types
from psycopg.pq import Format

Row = tuple[Any, ...]
# Of each column that Django converts: its position, and by which functions of which expression.
Conversions = Sequence[tuple[int, tuple[Any, Any]]]
TIMESTAMPTZ = postgres_types["timestamptz"].oid
_driver_reader = psycopg.adapters.get_loader(TIMESTAMPTZ, Format.TEXT)
# PostgreSQL already returns these as what Django would convert them to.
_EXACT_FIELDS = (models.IntegerField, models.BooleanField, models.CharField, models.DateField)


def fetch(queryset: models.QuerySet[Any]) -> list[Row]:
    """All rows of a `values_list` queryset as tuples, in its order; moments in UTC."""
    compiler = queryset.query.get_compiler(queryset.db)
    try:
        sql, parameters = compiler.as_sql()
    except EmptyResultSet:
        return []
    return run(sql, parameters, conversions(compiler), queryset.db)


def run(
    sql: str,
    parameters: Sequence[Any],
    conversions: Conversions = (),
    using: str = DEFAULT_DB_ALIAS,
) -> list[Row]:
    """All rows of the SQL."""
    with connections[using].cursor() as cursor:
        driver_cursor = cursor.cursor
        if _driver_reader is not None:
            driver_cursor.adapters.register_loader(TIMESTAMPTZ, _driver_reader)
        cursor.execute(sql, parameters)
        rows: list[Row] = cursor.fetchall()
    return list(_converted(rows, conversions, connections[using])) if conversions else rows


def _converted(rows: list[Row], conversions: Conversions, connection: Any) -> Iterator[Row]:
    for row in map(list, rows):
        for position, (functions, expression) in conversions:
            for convert in functions:
                row[position] = convert(row[position], expression, connection)
        yield tuple(row)


def keys(queryset: models.QuerySet[Any]) -> models.QuerySet[Any, Any]:
    """The keys of the rows, in no order: what `run_count` counts."""
    return queryset.order_by().values_list("pk")


def count(queryset: models.QuerySet[Any]) -> int:
    """How many rows `queryset` has."""
    compiler = keys(queryset).query.get_compiler(queryset.db)
    try:
        sql, parameters = compiler.as_sql()
    except EmptyResultSet:
        return 0
    return run_count(sql, parameters, queryset.db)


def run_count(sql: str, parameters: Sequence[Any], using: str = DEFAULT_DB_ALIAS) -> int:
    """How many rows the SQL gives. PostgreSQL flattens the sub-select; Django's own count() spends
    more on taking its query apart than the database on counting a filtered list."""
    with connections[using].cursor() as cursor:
        cursor.execute(f"select count(*) from ({sql}) as counted", parameters)  # noqa: S608
        return int(cursor.fetchone()[0])


def needs_conversion(queryset: models.QuerySet[Any]) -> bool:
    """Whether a `values_list` queryset has columns that Django must convert."""
    compiler = queryset.query.get_compiler(queryset.db)
    compiler.as_sql()
    return bool(conversions(compiler))


def conversions(compiler: Any) -> Conversions:
    """What Django must convert in the rows of a compiler that has made its SQL."""
    needed = [one if _converts(one) else None for one, _sql, _alias in compiler.select]
    return tuple(compiler.get_converters(needed).items())


def _converts(expression: Any) -> bool:
    field = expression.output_field
    if hasattr(field, "from_db_value"):
        return True
    # A column is what it is; a computed value may come in another type than it was declared.
    is_column = isinstance(expression, models.expressions.Col)
    return (
        isinstance(expression, Expression)
        and not is_column
        and not isinstance(field, _EXACT_FIELDS)
    )
