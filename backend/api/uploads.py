"""Uploads: a multipart body whose file is known by its hash."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any, ClassVar

from django.core.files.uploadedfile import UploadedFile as DjangoFile
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser

from backend.api.parsers import OrjsonParser, refuse_large_body
from backend.common.spreadsheets import LIMITS
from backend.common.stored_files import MOST_BYTES

# Boundaries and headers of the parts stand around the file.
MULTIPART_ROOM = 64 * 1024


class FileContent(str):
    """The hash of an uploaded file, by which repeated requests are compared; and the file."""

    file: DjangoFile


class FormDataParser(MultiPartParser):
    """A multipart body as plain values; a file is named by its hash, so that equal is equal."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        context = dict(parser_context or {})
        refuse_large_body(context.get("request"), getattr(context.get("view"), "max_body_bytes", 0))
        parsed: Any = super().parse(stream, media_type, context)
        values: dict[str, Any] = dict(parsed.data.items())
        for name, file in parsed.files.items():
            digest = hashlib.sha256()
            for chunk in file.chunks():
                digest.update(chunk)
            values[name] = FileContent(f"{file.name}:{digest.hexdigest()}")
            values[name].file = file
        return values


class MultipartActions:
    """Of a viewset: the uploads are multipart, everything else is JSON."""

    multipart_actions: ClassVar[frozenset[str]] = frozenset({"create"})
    max_body_bytes: ClassVar[int] = LIMITS.file_bytes + MULTIPART_ROOM

    def get_parsers(self: Any) -> list[Any]:
        request = getattr(self, "request", None)
        actions = getattr(self, "action_map", None) or {}
        action = actions.get(request.method.lower()) if request is not None else None
        is_upload = (action or self.action) in self.multipart_actions
        return [FormDataParser()] if is_upload else [OrjsonParser()]


@dataclass(frozen=True)
class Upload:
    name: str
    content: bytes


class FilePart(serializers.FileField):
    """A file of a multipart body; one byte too many is enough to be refused for its size."""

    most_bytes = MOST_BYTES

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, FileContent):
            self.fail("invalid")
        data.file.seek(0)
        return Upload(str(data.file.name or "")[:200], data.file.read(self.most_bytes + 1))


class SheetPart(FilePart):
    """A spreadsheet of a multipart body."""

    most_bytes = LIMITS.file_bytes


FAULTS_SCHEMA: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["code", "message", "advice", "sheet", "row", "column", "cell", "value"],
        "properties": {
            "row": {"type": "integer", "minimum": 0, "description": "0: the whole sheet."},
            **{
                name: {"type": "string"}
                for name in ("code", "message", "advice", "sheet", "column", "cell", "value")
            },
        },
    },
}


@extend_schema_field(FAULTS_SCHEMA)
class FaultsField(serializers.JSONField):
    """Every fault with its place, what is wrong and what to do; at most 1,000."""
