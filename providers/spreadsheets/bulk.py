"""Writes many rows with COPY into a staging table, and from there where they belong."""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

from django.db import connection, models
from psycopg import sql

STAGED = sql.Identifier("staged_rows")


def copy_rows(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Adds rows with the named columns of the table; how many. MUST run inside a transaction.

    By way of a staging table: COPY straight into a table with row-level security is refused.
    """
    table = sql.Identifier(model._meta.db_table)
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in names)
    _stage(table, names)
    _copy(STAGED, names, rows)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("insert into {table} ({columns}) select {columns} from {staged}").format(
                table=table, columns=columns, staged=STAGED
            )
        )
        added: int = cursor.rowcount
        cursor.execute(sql.SQL("drop table {}").format(STAGED))
    return added


def new_values(model: type[models.Model], given: set[str]) -> dict[str, Any]:
    """The defaults of every column that `given` and the database leave open, by column name."""
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        generated = getattr(field, "generated", False)
        taken = field.column in given or field.primary_key or generated or field.has_db_default()
        if taken or field.column is None:
            continue
        values[field.column] = _plain(field.get_default())
    return values


def update_rows(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> int:
    """Gives rows, each starting with its key, new values in the named columns; how many differed.

    A row that has all the values already is not written again.
    """
    if not rows:
        return 0
    table = sql.Identifier(model._meta.db_table)
    columns = [sql.Identifier(name) for name in names]
    _stage(table, ["id", *names])
    _copy(STAGED, ["id", *names], rows)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "update {table} as target set {pairs} from {staged} as staged "
                "where target.id = staged.id and ({targets}) is distinct from ({sources})"
            ).format(
                table=table,
                staged=STAGED,
                pairs=sql.SQL(", ").join(
                    sql.SQL("{0} = staged.{0}").format(column) for column in columns
                ),
                targets=sql.SQL(", ").join(sql.SQL("target.{}").format(one) for one in columns),
                sources=sql.SQL(", ").join(sql.SQL("staged.{}").format(one) for one in columns),
            )
        )
        changed: int = cursor.rowcount
        cursor.execute(sql.SQL("drop table {}").format(STAGED))
    return changed


def _stage(table: sql.Identifier, names: Sequence[str]) -> None:
    """An empty table of this transaction with the named columns of `table`."""
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "create temporary table {staged} on commit drop as "
                "select {columns} from {table} with no data"
            ).format(staged=STAGED, table=table, columns=columns)
        )


def _copy(table: sql.Identifier, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    statement = sql.SQL("copy {} ({}) from stdin").format(
        table, sql.SQL(", ").join(sql.Identifier(name) for name in names)
    )
    count = 0
    with connection.cursor() as cursor, cursor.cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
