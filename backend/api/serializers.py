"""Base serializers: declared in Python names, on the wire in camelCase, nothing unknown accepted.

Names are converted once when fields are declared (`source` stays the model name), so rendering a
row costs nothing and openapi.json shows the names of the wire by itself.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import Field, SkipField
from rest_framework.utils.field_mapping import ClassLookupDict

from backend.api.casing import camel, camel_path
from backend.api.requests import actor_of
from backend.common.errors import Violation


class UtcDateTimeField(serializers.DateTimeField):
    """A moment, always written in UTC."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("default_timezone", UTC)
        super().__init__(**kwargs)


class ReferenceField(serializers.Field):
    """Another object, named by its UUID and looked up among what the actor can see.

    An object the actor cannot see is unknown, not forbidden: its existence is not told.
    """

    default_error_messages = {
        "invalid": _("This is not a valid id (UUID)."),
        "unknown_reference": _("There is no such object, or you cannot see it."),
    }

    def __init__(self, model: type[models.Model], **kwargs: Any) -> None:
        self.model = model
        super().__init__(**kwargs)

    def get_attribute(self, instance: Any) -> Any:
        related = super().get_attribute(instance)
        return None if related is None else related.uuid

    def to_representation(self, value: Any) -> str:
        return str(value)

    def to_internal_value(self, data: Any) -> models.Model:
        try:
            identity = serializers.UUIDField().run_validation(data)
        except serializers.ValidationError:
            self.fail("invalid")
        actor = actor_of(self.context["request"])
        found = self.model._default_manager.visible_to(actor).filter(uuid=identity).first()  # type: ignore[attr-defined]
        if found is None:
            self.fail("unknown_reference")
        return found


class _WireNames:
    """Renames declared fields to camelCase and refuses keys that nobody declared."""

    undeclared_messages = {
        "unknown_field": _("This field does not exist here. Remove it or correct its name."),
        "read_only_field": _("This field cannot be set. Leave it out."),
    }

    def get_fields(self) -> dict[str, Field]:
        fields: dict[str, Field] = {}
        for name, field in super().get_fields().items():  # type: ignore[misc]
            wire = camel(name)
            if wire != name and getattr(field, "source", None) is None:
                field.source = name
            fields[wire] = field
        return fields

    def to_internal_value(self, data: Any) -> Any:
        """The input in model names; every fault of every field in one error."""
        faults: dict[str, Any] = {}
        if isinstance(data, Mapping):
            faults = self._undeclared(data)
        try:
            value = super().to_internal_value(data)  # type: ignore[misc]
        except serializers.ValidationError as error:
            if not faults or not isinstance(error.detail, dict):
                raise
            raise serializers.ValidationError({**error.detail, **faults}) from error
        if faults:
            raise serializers.ValidationError(faults)
        return value

    def _undeclared(self, data: Mapping[str, Any]) -> dict[str, Any]:
        fields: Mapping[str, Field] = self.fields  # type: ignore[attr-defined]
        faults = {}
        for key in data:
            field = fields.get(key)
            if field is None or field.read_only:
                code = "unknown_field" if field is None else "read_only_field"
                message = self.undeclared_messages[code]
                faults[key] = [ErrorDetail(str(message), code=code)]
        return faults


def well_formed(serializer: Any) -> dict[str, Any]:
    """The fields of a refused body that are right by themselves, by model name."""
    data = serializer.initial_data
    found: dict[str, Any] = {}
    if not isinstance(data, Mapping):
        return found
    for field in serializer._writable_fields:
        try:
            found[field.source] = field.run_validation(field.get_value(data))
        except (serializers.ValidationError, SkipField):
            continue
    return found


def with_violations(errors: Mapping[str, Any], violations: Sequence[Violation]) -> dict[str, Any]:
    """Faults of form and faults against the rules in one answer; a field has those of one kind."""
    merged: dict[str, Any] = dict(errors)
    for one in violations:
        wire = camel_path(one.field)
        if wire not in errors:
            fault = ErrorDetail(str(one.message), code=one.code)
            merged.setdefault(wire, []).append(fault)
    return merged


class PassendSerializer(_WireNames, serializers.Serializer[Any]):
    """Base for input of commands and for nested objects."""

    # What the framework says of another body speaks of its own types.
    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": _("Send a JSON object here.")}


class PassendModelSerializer(_WireNames, serializers.ModelSerializer[Any]):
    """Base for what a resource shows; `id` is the UUID. Input has serializers of its own."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: UtcDateTimeField,
    }

    id = serializers.UUIDField(source="uuid", read_only=True)

    def build_standard_field(
        self, field_name: str, model_field: Any
    ) -> tuple[type[Field], dict[str, Any]]:
        """As usual; a generated column is a field of the type that it generates."""
        if isinstance(model_field, models.GeneratedField):
            kind: Any = model_field.output_field
            sizes = (
                ("max_digits", "decimal_places") if isinstance(kind, models.DecimalField) else ()
            )
            mapping: Any = self.serializer_field_mapping
            field_class = ClassLookupDict(mapping)[kind]
            return field_class, {"read_only": True, **{one: getattr(kind, one) for one in sizes}}
        return super().build_standard_field(field_name, model_field)

    def get_fields(self) -> dict[str, Field]:
        fields = super().get_fields()
        for field in fields.values():
            # Nothing is written through it: openapi.json then says that every field is present.
            field.read_only, field.required = True, False
        return fields
