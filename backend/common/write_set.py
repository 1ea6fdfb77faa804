"""New rows of several tables, and the one change they hang on, in a single statement.

A service makes its rows as ordinary model instances and writes them together: one way to the
server instead of six. Where a row refers to another row of the same set, its key is filled in by
the database; afterwards every instance has its key.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from backend.common.prepared import Asked, Statement

Row = TypeVar("Row", bound=models.Model)
# Any: the stubs make a field of a model either a field or a relation, which is not known here.
Field = Any
# The name of the attribute, the types that the driver writes as they are, and the field itself.
Source = tuple[str, frozenset[type], Field]
Fields = tuple[Source, ...]
# Which field of a row is filled from which earlier row of the set.
Links = tuple[tuple[str, int], ...]
_PLAIN: dict[type, frozenset[type]] = {
    models.CharField: frozenset({str}),
    models.TextField: frozenset({str}),
    models.BooleanField: frozenset({bool}),
    models.DateTimeField: frozenset({datetime}),
    models.UUIDField: frozenset({UUID}),
    models.AutoField: frozenset({int}),
    models.BigAutoField: frozenset({int}),
    models.IntegerField: frozenset({int}),
    models.PositiveIntegerField: frozenset({int}),
    models.PositiveSmallIntegerField: frozenset({int}),
    models.BigIntegerField: frozenset({int}),
}


@dataclass(frozen=True)
class Change:
    """One row that must still be as expected; the new rows come only when it was changed.

    Lock, check and write in one: whoever comes second waits, and then finds it changed.
    """

    model: type[models.Model]
    pk: int
    field: str
    expected: Any
    new: Any


def insert_row(instance: Row) -> Row:
    """`instance`, new, as a row in the database; as `save()` does it, without building the SQL.

    Values MUST be plain: no expressions, and no parent model with a table of its own.
    """
    write_rows([instance])
    return instance


def asked_insert(instance: models.Model) -> Asked:
    """The statement that writes `instance`, to be run together with others; its key stays unknown.

    Values as for `insert_row`.
    """
    statement, (fields,) = _statement(((type(instance), ()),), None)
    database = connections[DEFAULT_DB_ALIAS]
    return statement, [_value_of(instance, one, database) for one in fields]


def write_rows(rows: Sequence[models.Model], *, if_changed: Change | None = None) -> bool:
    """Writes all `rows`, or none when `if_changed` did not find its row as expected.

    A foreign key to an earlier instance of `rows` is known once both are written. Values MUST be
    plain, as for `insert_row`. Raises what the database raises (IntegrityError).
    """
    links = [_links(row, rows[:number]) for number, row in enumerate(rows)]
    structure = tuple((type(row), link) for row, link in zip(rows, links, strict=True))
    changed = None if if_changed is None else (if_changed.model, if_changed.field)
    statement, fields = _statement(structure, changed)
    database, values = connections[DEFAULT_DB_ALIAS], []
    if if_changed is not None:
        values += _change_values(if_changed, database)
    for row, used in zip(rows, fields, strict=True):
        values += [_value_of(row, one, database) for one in used]
    ((*keys,),) = statement.run(values)
    if keys[0] is None:
        return False
    for row, key in zip(rows, keys, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    for row, link in zip(rows, links, strict=True):
        for attname, number in link:
            # Not setattr, which would forget the related instance.
            row.__dict__[attname] = rows[number].pk
    return True


def _links(row: models.Model, earlier: Sequence[models.Model]) -> Links:
    cached = row._state.fields_cache
    positions = {id(one): number for number, one in enumerate(earlier)}
    return tuple(
        (_field(row, name).attname, positions[id(related)])
        for name, related in cached.items()
        if id(related) in positions
    )


def _change_values(change: Change, database: Any) -> list[Any]:
    field, key = _field(change.model, change.field), _field(change.model, "pk")
    return [
        field.get_db_prep_save(change.new, database),
        key.get_db_prep_save(change.pk, database),
        field.get_db_prep_save(change.expected, database),
    ]


@cache
def _statement(
    structure: tuple[tuple[type[models.Model], Links], ...],
    changed: tuple[type[models.Model], str] | None,
) -> tuple[Statement, tuple[Fields, ...]]:
    """The text for rows of these models, and the fields whose values it takes, in order."""
    parts, fields = [], []
    if changed is not None:
        parts.append(_change_sql(*changed))
    for number, (model, links) in enumerate(structure):
        sql, used = _insert_sql(model, number, dict(links), guarded=changed is not None)
        parts.append(sql)
        fields.append(used)
    keys = ", ".join(map(_key_of, range(len(structure))))
    return Statement(f"with {', '.join(parts)} select {keys}"), tuple(fields)


def _change_sql(model: type[models.Model], name: str) -> str:
    field, key = _field(model, name), _field(model, "pk")
    column = _quoted(field.column)
    return (
        f"changed as (update {_quoted(model._meta.db_table)} set {column} = {_typed(field)} "  # noqa: S608
        f"where {_quoted(key.column)} = {_typed(key)} and {column} = {_typed(field)} returning 1)"
    )


def _insert_sql(
    model: type[models.Model], number: int, links: dict[str, int], *, guarded: bool
) -> tuple[str, Fields]:
    taken: list[Field] = [
        field
        for field in model._meta.local_concrete_fields
        if not field.primary_key and not field.generated
    ]
    columns = ", ".join(_quoted(field.column) for field in taken)
    values = ", ".join(
        _key_of(links[field.attname]) if field.attname in links else _typed(field)
        for field in taken
    )
    only = " from changed" if guarded else ""
    key = _quoted(_field(model, "pk").column)
    # Names of tables and columns only; every value is a parameter.
    sql = (
        f"row_{number} as (insert into {_quoted(model._meta.db_table)} ({columns}) "
        f"select {values}{only} returning {key} as key)"
    )
    sources = [
        (field.attname, _plain_types(field), field) for field in taken if field.attname not in links
    ]
    return sql, tuple(sources)


def _plain_types(field: Field) -> frozenset[type]:
    """Types of which a value goes to the database as it is: most values of most fields."""
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return frozenset()
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    return _PLAIN.get(type(target), frozenset())


def _value_of(row: models.Model, source: Source, database: Any) -> Any:
    """What `save()` would send; asking the field costs ten times looking at the value."""
    attname, plain, field = source
    value = row.__dict__.get(attname)
    if value.__class__ in plain:
        return value
    return field.get_db_prep_save(field.pre_save(row, add=True), database)


def _typed(field: Field) -> str:
    """A parameter of the column's type. Without its length: a cast would cut off in silence what
    the column itself refuses."""
    kind = field.db_type(connection) or ""
    return f"%s::{re.sub(r'[(][0-9, ]+[)]', '', kind)}"


def _key_of(number: int) -> str:
    return f"(select key from row_{number})"  # noqa: S608


def _field(model: models.Model | type[models.Model], name: str) -> Field:
    return model._meta.pk if name == "pk" else model._meta.get_field(name)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
