"""One object through the actor's eyes, in one statement that is built once per set of rights.

The rows are those of `visible_to` and the columns those of the serializer, as everywhere; only the
building is saved, which costs several times the look-up.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.db import models

from backend.accounts.actor import Actor, Rights
from backend.api.shapes import ManyPart, Shape
from backend.common.compiled import Column, CompiledRows, JoinedRows, Part

# Sets of rights at work at the same time; each takes some tens of kilobytes per resource.
KEPT_RIGHTS = 128


def actor_with(rights: Rights) -> Actor:
    """Anybody with these rights: what is visible MUST not depend on more than them."""
    return Actor(kind="system", key="rights", label="", organisations=dict(rights))


class Single:
    """The representation of one row of `selection`, a queryset of the columns of `shape`.

    The shape has at most one relation to many, whose rows are joined.
    """

    def __init__(self, shape: Shape, selection: models.QuerySet[Any, Any]) -> None:
        if len(shape.many) > 1:
            raise TypeError("Two relations to many in one statement would multiply their rows.")
        self._shape = shape
        self._json = json_columns(selection)
        one = CompiledRows(lambda uuid: selection.filter(uuid=uuid).order_by(), uuid=UUID)
        parts = {"one": Part(one, UUID_OF)}
        for part in shape.many:
            key = Column("one", shape.columns[part.position])
            parts["many"] = Part(CompiledRows(_children_of(part), parent=int), {"parent": key})
        self._rows = JoinedRows(**parts)

    def __call__(self, uuid: UUID) -> Mapping[str, Any] | None:
        rows = self._rows(uuid=uuid)
        one = rows[0][0]
        if one is None:
            return None
        children = [
            [part.shaper(row[1][1:], ()) for row in rows if row[1] is not None]
            for part in self._shape.many
        ]
        return self._shape.shaper(self._read(one), children)

    def _read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """The row with its JSON read: Django keeps the driver from doing so."""
        if not self._json:
            return row
        values = list(row)
        for position in self._json:
            if isinstance(values[position], str):
                values[position] = orjson.loads(values[position])
        return tuple(values)


def json_columns(selection: models.QuerySet[Any, Any]) -> list[int]:
    """Where a row of `selection` holds JSON."""
    compiler = selection.query.get_compiler(selection.db)
    compiler.as_sql()
    return [
        position
        for position, (column, _sql, _alias) in enumerate(compiler.select)
        if isinstance(column.output_field, models.JSONField)
    ]


UUID_OF = {"uuid": "uuid"}


def _children_of(part: ManyPart) -> Any:
    return lambda parent: part.selection().filter(pk=parent)


@lru_cache(maxsize=KEPT_RIGHTS)
def single_of(view: Any, rights: Rights) -> Single:
    """For the declaration `view` of a resource and whoever has these rights."""
    return Single(*view.selection_for(actor_with(rights)))
