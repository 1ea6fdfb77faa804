"""Reads JSON bodies with orjson, within bounds that protect the server."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import BaseParser

from backend.api.problems import FALLBACKS, HttpProblemError, Problem

# A form of a person is a few kilobytes; 1 MiB is room for lists of hundreds of rows. Bulk
# endpoints say themselves that they take more (`max_body_bytes` on the view).
DEFAULT_MAX_BODY_BYTES = 1024 * 1024
# The deepest body of the API has 4 levels; orjson itself would follow 1,024.
MAX_DEPTH = 32
MEGABYTE = 1024 * 1024

MALFORMED = Problem(
    400,
    "malformed_json",
    _("The body is not valid JSON. Check brackets, quotes and commas."),
)
TOO_DEEP = Problem(400, "json_too_deep", _("The JSON is nested too deeply."))


class OrjsonParser(BaseParser):
    """JSON within the size the view allows and at most MAX_DEPTH levels deep."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        context = parser_context or {}
        limit = getattr(context.get("view"), "max_body_bytes", DEFAULT_MAX_BODY_BYTES)
        refuse_large_body(context.get("request"), limit)
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise HttpProblemError(body_too_large(limit))
        if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and deeper_than(raw, MAX_DEPTH):
            raise HttpProblemError(TOO_DEEP)
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise HttpProblemError(MALFORMED) from error


def body_too_large(limit: int) -> Problem:
    code, _detail = FALLBACKS[413]
    detail = _("The request is larger than %(limit)s MB. Send less at once.")
    return Problem(413, code, detail % {"limit": number_format(max(1, limit // MEGABYTE))})


def refuse_large_body(request: Any, limit: int) -> None:
    """Refuses on the announced length, before a byte of the body is read."""
    announced = request.META.get("CONTENT_LENGTH") if request is not None else None
    if announced and announced.isdigit() and int(announced) > limit:
        raise HttpProblemError(body_too_large(limit))


def deeper_than(raw: bytes, limit: int) -> bool:
    """Whether brackets outside strings are ever nested deeper than `limit`."""
    depth = 0
    # Only quoted strings can hold brackets that are no structure; splitting them off leaves those
    # that are. Escaped quotes are removed first, after escaped backslashes.
    bare = raw.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2]
    for character in b"".join(bare):
        if character in b"[{":
            depth += 1
            if depth > limit:
                return True
        elif character in b"]}":
            depth -= 1
    return False
