"""Writes JSON with orjson: moments in UTC with Z, amounts as text so that no cent is lost."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer

OPTIONS = orjson.OPT_UTC_Z


def plain_value(value: Any) -> Any:
    """What orjson does not know itself: amounts and lazily translated texts."""
    if isinstance(value, (Decimal, Promise)):
        return str(value)
    raise TypeError(f"{type(value)!r} has no JSON form; give the serializer a field for it.")


def to_json(value: Any) -> bytes:
    return orjson.dumps(value, default=plain_value, option=OPTIONS)


class OrjsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else to_json(data)
