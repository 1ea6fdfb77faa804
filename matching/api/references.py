"""References in the body of a placement, looked up with queries built once per set of rights.

The predicate is the one of every other look-up, `visible_to`; only the building is saved.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, models
from rest_framework import serializers

from backend.accounts.public import Actor
from backend.api.requests import actor_of
from backend.api.serializers import ReferenceField
from backend.common.compiled import CompiledRows

Scope = tuple[tuple[Any, frozenset[int]], ...]
# Caseworkers and systems at work at the same time; each takes a few kilobytes.
KEPT_SCOPES = 512


class QuickReference(ReferenceField):
    """A `ReferenceField` whose object has the named columns; the others load when asked for."""

    def __init__(self, model: type[models.Model], *columns: str, **kwargs: Any) -> None:
        self.columns = ("id", "uuid", *columns)
        super().__init__(model, **kwargs)

    def to_internal_value(self, data: Any) -> models.Model:
        identity = serializers.UUIDField().run_validation(data)
        rows = _visible_rows(self.model, self.columns, scope_of(actor_of(self.context["request"])))
        found = rows(uuid=identity)
        if not found:
            self.fail("unknown_reference")
        return self.model.from_db(DEFAULT_DB_ALIAS, list(self.columns), list(found[0]))


def scope_of(actor: Actor) -> Scope:
    """The rights of an actor in a form that can be a key."""
    organisations: Mapping[Any, frozenset[int]] = actor.organisations
    return tuple(sorted(organisations.items(), key=lambda one: str(one[0])))


@lru_cache(maxsize=KEPT_SCOPES)
def _visible_rows(
    model: type[models.Model], columns: tuple[str, ...], scope: Scope
) -> CompiledRows:
    actor = Actor(kind="system", key="scope", label="", organisations=dict(scope))

    def build(uuid: UUID) -> models.QuerySet[Any, Any]:
        rows: models.QuerySet[Any, Any] = model._default_manager.visible_to(actor)  # type: ignore[attr-defined]
        return rows.filter(uuid=uuid).values_list(*columns)

    return CompiledRows(build, uuid=UUID)
