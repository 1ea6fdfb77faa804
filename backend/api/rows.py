"""Runs a query of plain columns and gives its rows as the driver made them.

Django would walk every column of every row for values it must convert; for most queries there are
none. And it reads moments with a Python subclass of the driver's own reader, which is written in C.
Where a column does need Django's conversion, Django does the reading.
"""

from typing import Any

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models.expressions import Expression
from psycopg.postgres import types as postgres_types
from psycopg.pq import Format

TIMESTAMPTZ = postgres_types["timestamptz"].oid
_driver_reader = psycopg.adapters.get_loader(TIMESTAMPTZ, Format.TEXT)
# PostgreSQL already returns these as what Django would convert them to.
_EXACT_FIELDS = (models.IntegerField, models.BooleanField, models.CharField, models.DateField)


def fetch(queryset: models.QuerySet[Any]) -> list[tuple[Any, ...]]:
    """All rows of a `values_list` queryset as tuples, in its order; moments in UTC."""
    compiler = queryset.query.get_compiler(queryset.db)
    try:
        sql, parameters = compiler.as_sql()
    except EmptyResultSet:
        return []
    if _needs_conversion(compiler):
        return list(queryset)
    with connections[queryset.db].cursor() as cursor:
        driver_cursor = cursor.cursor
        if _driver_reader is not None:
            driver_cursor.adapters.register_loader(TIMESTAMPTZ, _driver_reader)
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def count(queryset: models.QuerySet[Any]) -> int:
    """How many rows `queryset` has. PostgreSQL flattens the sub-select; Django's own count() spends
    more on taking its query apart than the database on counting a filtered list."""
    compiler = queryset.order_by().values_list("pk").query.get_compiler(queryset.db)
    try:
        sql, parameters = compiler.as_sql()
    except EmptyResultSet:
        return 0
    with connections[queryset.db].cursor() as cursor:
        cursor.execute(f"select count(*) from ({sql}) as counted", parameters)  # noqa: S608
        return int(cursor.fetchone()[0])


def needs_conversion(queryset: models.QuerySet[Any]) -> bool:
    """Whether a `values_list` queryset has columns that Django must convert."""
    compiler = queryset.query.get_compiler(queryset.db)
    compiler.as_sql()
    return _needs_conversion(compiler)


def _needs_conversion(compiler: Any) -> bool:
    return any(_converts(expression) for expression, _sql, _alias in compiler.select)


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
