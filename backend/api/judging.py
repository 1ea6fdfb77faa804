"""Judging the well-formed rest of a nested body that is wrong in places, so that all is told once.

The rules see the body with what is malformed left out. What they then say at, under or above a
malformed place says nothing about what was meant, and is left out too.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.fields import SkipField, empty

from backend.api.casing import camel_path
from backend.common.errors import Violation


def sound_values(field: Any, data: Any) -> Any:
    """Of every object and list in `data` the values that are right by themselves, by model name."""
    if isinstance(field, serializers.ListSerializer):
        rows = data if isinstance(data, list) else []
        return [sound_values(field.child, one) for one in rows]
    found: dict[str, Any] = {}
    if not isinstance(data, Mapping):
        return found
    for one in field._writable_fields:
        raw = one.get_value(data)
        if isinstance(one, serializers.BaseSerializer):
            if raw is not empty and raw is not None:
                found[str(one.source)] = sound_values(one, raw)
            continue
        try:
            found[str(one.source)] = one.run_validation(raw)
        except (serializers.ValidationError, SkipField):
            continue
    return found


def malformed_places(errors: Any, place: str = "") -> list[str]:
    """The dotted paths, in wire names, of everything that REST framework refused."""
    if isinstance(errors, Mapping):
        rows: Iterable[tuple[str, Any]] = (
            ("" if key == "non_field_errors" else str(key), inner) for key, inner in errors.items()
        )
    elif isinstance(errors, list) and any(isinstance(one, (Mapping, list)) for one in errors):
        rows = ((str(number), inner) for number, inner in enumerate(errors))
    else:
        return [place] if errors else []
    return [
        found
        for key, inner in rows
        for found in malformed_places(inner, ".".join(filter(None, (place, key))))
    ]


def apart_from(violations: Iterable[Violation], malformed: Collection[str]) -> list[Violation]:
    """The violations that are not at, under or above a malformed place."""
    return [one for one in violations if not _touches(camel_path(one.field), malformed)]


def _touches(place: str, malformed: Collection[str]) -> bool:
    return any(
        place == one or place.startswith(f"{one}.") or one.startswith(f"{place}.")
        for one in malformed
    )
