"""References in the body of a placement, looked up together by one statement per set of rights.

The predicate is the one of every other look-up, `visible_to`; only building and asking are saved.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, models
from rest_framework import serializers

from backend.accounts.actor import Rights
from backend.api.requests import actor_of
from backend.api.serializers import PassendSerializer, ReferenceField
from backend.api.single import actor_with
from backend.common.compiled import CompiledRows, JoinedRows, Part

# Caseworkers and systems at work at the same time; each takes a few kilobytes.
KEPT_RIGHTS = 512
# In the place of a reference that was left out or is no UUID: nothing has it.
NOBODY = UUID(int=0)
_uuid_field = serializers.UUIDField()
Model = TypeVar("Model", bound=models.Model)
Wanted = tuple[tuple[str, type[models.Model], tuple[str, ...]], ...]


class QuickReference(ReferenceField):
    """A `ReferenceField` whose object has the named columns; the others load when asked for.

    Belongs in a `QuickReferencesSerializer`.
    """

    def __init__(self, model: type[models.Model], *columns: str, **kwargs: Any) -> None:
        named = {"id", "uuid", *columns}
        # In the order of the model, which is how `from_db` takes them.
        self.columns = tuple(
            one.attname for one in model._meta.concrete_fields if one.attname in named
        )
        super().__init__(model, **kwargs)

    def to_internal_value(self, data: Any) -> models.Model:
        row = self.context["found"][self.field_name]
        if row is None:
            _uuid_field.run_validation(data)
            self.fail("unknown_reference")
        return self.model.from_db(DEFAULT_DB_ALIAS, list(self.columns), list(row))


class QuickReferencesSerializer(PassendSerializer):
    """Looks up all its quick references in one statement before the fields are judged."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            context: Any = self.context
            context["found"] = self._look_up(data)
        return super().to_internal_value(data)

    def _look_up(self, data: Mapping[str, Any]) -> dict[str, Any]:
        wanted: Wanted = tuple(
            (name, field.model, field.columns)
            for name, field in self.fields.items()
            if isinstance(field, QuickReference)
        )
        rows = _visible_rows(wanted, actor_of(self.context["request"]).rights)
        names = [name for name, _model, _columns in wanted]
        ((*found,),) = rows(**{name: _uuid_or_nobody(data.get(name)) for name in names})
        return dict(zip(names, found, strict=True))


def visible_row(
    model: type[Model], columns: tuple[str, ...], rights: Rights, uuid: UUID
) -> Model | None:
    """The object with these columns (names in the order of the model), if these rights see it."""
    ((row,),) = _visible_rows((("one", model, columns),), rights)(one=uuid)
    return None if row is None else model.from_db(DEFAULT_DB_ALIAS, list(columns), list(row))


def _uuid_or_nobody(value: Any) -> UUID:
    try:
        found: UUID = _uuid_field.to_internal_value(value)
    except serializers.ValidationError:
        return NOBODY
    return found


@lru_cache(maxsize=KEPT_RIGHTS)
def _visible_rows(wanted: Wanted, rights: Rights) -> JoinedRows:
    return JoinedRows(
        **{
            name: Part(_visible(model, columns, rights), {"uuid": name})
            for name, model, columns in wanted
        }
    )


def _visible(model: type[models.Model], columns: tuple[str, ...], rights: Rights) -> CompiledRows:
    actor = actor_with(rights)

    def build(uuid: UUID) -> models.QuerySet[Any, Any]:
        rows: models.QuerySet[Any, Any] = model._default_manager.visible_to(actor)  # type: ignore[attr-defined]
        return rows.filter(uuid=uuid).order_by().values_list(*columns)

    return CompiledRows(build, uuid=UUID)
