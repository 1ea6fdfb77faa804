"""One declaration, two roads: a serializer compiled to columns and one function per row.

`compile_shape` walks the fields of a serializer once and yields the columns for `values_list` and
a function that turns such a row into exactly what `serializer.to_representation` would give. Lists
and single objects both use it, the OpenAPI document describes the serializer itself, and a test
proves for every resource that the roads agree. Building and running a ModelSerializer per row costs
about three times the whole page (performance.md).

What can be compiled: plain fields with a path as source, ReferenceField, nested serializers to one
object (joined) and to many (one extra query per relation for the whole page). What cannot, such as
a SerializerMethodField, raises at start-up: use an annotation of the queryset instead.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat
from typing import Any

from django.db import models
from rest_framework import serializers
from rest_framework.fields import Field

from backend.api.rows import fetch, needs_conversion
from backend.api.serializers import ReferenceField
from backend.common.compiled import CompiledRows
from backend.common.prepared import Statement

Row = tuple[Any, ...]
# From the columns of a row and its lists of children to the object on the wire.
Shaper = Callable[[Row, Sequence[list[Any]]], dict[str, Any]]

# Fields whose database value orjson writes exactly as the field would represent it.
VERBATIM_FIELDS: tuple[type[Field], ...] = (
    serializers.CharField,
    serializers.BooleanField,
    serializers.IntegerField,
    serializers.FloatField,
    serializers.DateField,
    serializers.DateTimeField,
    serializers.TimeField,
    serializers.UUIDField,
    serializers.ChoiceField,
    serializers.DecimalField,
    serializers.JSONField,
)
# A subclass that represents its value in another way gets a converter instead.
VERBATIM_REPRESENTATIONS = frozenset(one.to_representation for one in VERBATIM_FIELDS)
NOT_COMPILABLE: tuple[type[Field], ...] = (
    serializers.SerializerMethodField,
    serializers.ModelField,
    serializers.HyperlinkedRelatedField,
    serializers.StringRelatedField,
    serializers.ManyRelatedField,
)


class ShapeError(TypeError):
    """A serializer declares something that has no columns."""


@dataclass(frozen=True)
class ManyPart:
    """A relation to many rows: read for all rows of a page in one query."""

    # Where the key of the parent stands in the row.
    position: int
    parent: type[models.Model]
    relation: str
    columns: tuple[str, ...]
    ordering: tuple[str, ...]
    shaper: Shaper

    def selection(self) -> "models.QuerySet[Any, Any]":
        """The key of the parent and the columns of the child, of all children."""
        # Read from the parent's side, so that one query serves foreign keys and many-to-many.
        return (
            self.parent._default_manager.filter(**{f"{self.relation}__isnull": False})
            .order_by("pk", *self.ordering)
            .values_list("pk", *self.columns)
        )

    def children(self, rows: Sequence[Row]) -> list[list[Any]]:
        """For each row its children, in the order of the related model."""
        keys = {row[self.position] for row in rows} - {None}
        grouped: dict[Any, list[Any]] = defaultdict(list)
        for child in self._children_of(keys):
            grouped[child[0]].append(self.shaper(child[1:], ()))
        return [grouped.get(row[self.position], []) for row in rows]

    def _children_of(self, keys: set[Any]) -> Iterable[Row]:
        if self._of_keys is None:
            return self.selection().filter(pk__in=keys)
        # As the server writes arrays: the driver looks at each key of a list, and then again.
        return self._of_keys.run([f"{{{','.join(map(str, sorted(keys)))}}}"])

    @cached_property
    def _of_keys(self) -> Statement | None:
        """The same for a list of keys, built and planned once; None where Django converts."""
        key = self.parent._meta.pk
        if not isinstance(key, models.BigAutoField) or needs_conversion(self.selection()):
            return None
        rows = CompiledRows(lambda parent: self.selection().filter(pk=parent), parent=int)
        return Statement(rows.text({"parent": "any(%s::bigint[])"}))


@dataclass(frozen=True)
class Shape:
    """The compiled form of a serializer for rows of one model."""

    columns: tuple[str, ...]
    shaper: Shaper
    many: tuple[ManyPart, ...] = ()

    def rows(self, queryset: models.QuerySet[Any]) -> list[dict[str, Any]]:
        """All objects of `queryset`, in its order, in 1 query plus 1 per relation to many."""
        return self.of_selected(queryset.values_list(*self.columns))

    def of_selected(self, queryset: models.QuerySet[Any]) -> list[dict[str, Any]]:
        """The objects of a queryset that selects `columns`; see `rows`."""
        return self.of_rows(fetch(queryset))

    def of_rows(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """The objects of rows of `columns`; see `rows`."""
        if not self.many or not rows:
            return list(map(self.shaper, rows, repeat(())))
        children = zip(*(part.children(rows) for part in self.many), strict=True)
        return list(map(self.shaper, rows, children))


@dataclass
class _Build:
    """Columns and source text collected while a field tree is walked."""

    model: type[models.Model]
    positions: dict[str, int] = field(default_factory=dict)
    converters: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    many: list[ManyPart] = field(default_factory=list)

    def column(self, path: str) -> int:
        return self.positions.setdefault(path, len(self.positions))

    def converted(self, position: int, convert: Callable[[Any], Any]) -> str:
        name = f"c{len(self.converters)}"
        self.converters[name] = convert
        return f"(None if r[{position}] is None else {name}(r[{position}]))"


def compile_shape(
    serializer: type[serializers.BaseSerializer[Any]], model: type[models.Model]
) -> Shape:
    """The compiled form of `serializer` for querysets of `model`."""
    instance = serializer()
    if not isinstance(instance, serializers.Serializer):
        raise ShapeError(f"{serializer.__name__} declares no fields.")
    build = _Build(model)
    source = _object_source(build, instance, prefix="")
    return Shape(tuple(build.positions), _function(source, build), tuple(build.many))


def _function(expression: str, build: _Build) -> Shaper:
    # Literal dict displays are three times as fast as any loop over fields, and this runs for
    # every row of every list. The text consists of declared field names and positions only.
    function: Shaper = eval(f"lambda r, m: {expression}", dict(build.converters))  # noqa: S307
    return function


def _object_source(build: _Build, serializer: serializers.Serializer[Any], prefix: str) -> str:
    parts = [
        f"{name!r}: {_field_source(build, declared, prefix)}"
        for name, declared in serializer.fields.items()
        if not declared.write_only
    ]
    return "{" + ", ".join(parts) + "}"


def _field_source(build: _Build, declared: Field, prefix: str) -> str:
    if isinstance(declared, NOT_COMPILABLE) or declared.source == "*":
        raise ShapeError(
            f"{declared.parent.__class__.__name__}.{declared.field_name} is computed per object; "
            "annotate the queryset and declare a plain field instead."
        )
    path = prefix + "__".join(declared.source_attrs)
    if isinstance(declared, serializers.ListSerializer):
        return _many_source(build, declared, path)
    if isinstance(declared, serializers.Serializer):
        marker = build.column(f"{path}__pk")
        inner = _object_source(build, declared, f"{path}__")
        return f"(None if r[{marker}] is None else {inner})"
    if isinstance(declared, ReferenceField):
        return f"r[{build.column(f'{path}__uuid')}]"
    position = build.column(path)
    if _is_verbatim(declared):
        return f"r[{position}]"
    return build.converted(position, declared.to_representation)


def _is_verbatim(declared: Field) -> bool:
    if isinstance(declared, serializers.ListField):
        return _is_verbatim(declared.child)
    return type(declared).to_representation in VERBATIM_REPRESENTATIONS


def _many_source(build: _Build, declared: serializers.ListSerializer[Any], path: str) -> str:
    parent_path, _, relation = path.rpartition("__")
    parent = _related_model(build.model, parent_path) if parent_path else build.model
    related = _related_model(parent, relation)
    child = declared.child
    assert isinstance(child, serializers.Serializer)
    inner = _Build(related)
    source = _object_source(inner, child, prefix="")
    if inner.many:
        raise ShapeError(f"{path} holds a relation to many inside another; make it a resource.")
    build.many.append(
        ManyPart(
            position=build.column(f"{parent_path}__pk" if parent_path else "pk"),
            parent=parent,
            relation=relation,
            columns=tuple(f"{relation}__{column}" for column in inner.positions),
            ordering=_child_ordering(parent, relation, related),
            shaper=_function(source, inner),
        )
    )
    return f"m[{len(build.many) - 1}]"


def _child_ordering(
    parent: type[models.Model], relation: str, related: type[models.Model]
) -> tuple[str, ...]:
    """The related model's own ordering, without the key to the parent (equal for all siblings)."""
    relation_field = parent._meta.get_field(relation)
    back = relation_field.remote_field.name if relation_field.remote_field else None
    ordering = []
    for name in related._meta.ordering or ():
        if not isinstance(name, str):
            raise ShapeError(f"{related.__name__} is ordered by an expression; use field names.")
        bare = name.lstrip("-")
        if bare != back:
            ordering.append(f"{'-' if name != bare else ''}{relation}__{bare}")
    return (*ordering, f"{relation}__pk")


def _related_model(model: type[models.Model], path: str) -> type[models.Model]:
    for part in path.split("__"):
        related = model._meta.get_field(part).related_model
        if not isinstance(related, type):
            raise ShapeError(f"{model.__name__}.{part} is no relation.")
        model = related
    return model
