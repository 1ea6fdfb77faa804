"""The file of a document: uploaded, and downloaded by whoever may read it."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from backend.api.serializers import PassendSerializer
from backend.api.uploads import MULTIPART_ROOM, FilePart, MultipartActions
from backend.common.errors import NotFoundError
from backend.common.stored_files import MOST_BYTES, file_response


class FileInput(PassendSerializer):
    file = FilePart(help_text="PDF, JPG, PNG, Word or Excel without macros, at most 10 MB.")


class FileOperations(MultipartActions):
    """GET and POST on `<document>/file`: declare `set_file`, and the permission of `upload_file`.

    The viewset names `FileInput` among its `input_serializers`, under `upload_file`.
    """

    multipart_actions = frozenset({"upload_file"})
    max_body_bytes = MOST_BYTES + MULTIPART_ROOM
    # The service that puts a file beside a document, in the place of an earlier one.
    set_file: ClassVar[Callable[..., models.Model]]

    def require_file(self: Any, document: Any) -> None:
        """Raises when this actor may see the document, and not its file."""

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], url_path="file")
    def file(self: Any, request: Request, id: UUID) -> HttpResponse:
        """The file as a download, with the rights of the page."""
        document = self.visible_object(id)
        self.require_file(document)
        if not document.has_file:
            raise NotFoundError
        try:
            return file_response(document)
        except FileNotFoundError:
            raise NotFoundError from None

    # Without an own schema openapi.json would take that of the download.
    @extend_schema()
    @file.mapping.post
    def upload_file(self: Any, request: Request, id: UUID) -> HttpResponse:
        """Puts the file beside the document; an earlier one is gone."""
        document = self.visible_object(id)

        def run(data: dict[str, Any]) -> models.Model:
            file = data["file"]
            return type(self).set_file(
                actor=self.actor, document=document, name=file.name, content=file.content
            )

        return self.command(request, run)
