"""Catalogue imports: upload a spreadsheet, read the report, commit it."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from backend.api.answers import Answer, object_answer
from backend.api.casing import camel
from backend.api.filters import (
    RECORD_FIELDS,
    CodeFilter,
    ExactFilter,
    PassendFilterSet,
    ReferenceFilter,
    SearchFilter,
)
from backend.api.serializers import PassendModelSerializer, PassendSerializer, ReferenceField
from backend.api.uploads import FaultsField, FileContent, MultipartActions
from backend.api.viewsets import ReadOnlyResource
from backend.common.errors import InvalidError, Violation
from backend.organisations.permissions import Permission
from providers.api.serializers import ProviderReference
from providers.choices import ImportState
from providers.models import CatalogueImport, Provider
from providers.spreadsheets.background import catalogue_import_publish_soon
from providers.spreadsheets.services import (
    UploadedFile,
    catalogue_import_check,
    refuse_too_large,
)

MOST_SKIPPED = 500
REPORT = "part of the report; read it on the import itself"


class FilePart(serializers.FileField):
    """A file of a multipart body."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, FileContent):
            self.fail("invalid")
        refuse_too_large(data.file.size or 0)
        data.file.seek(0)
        return UploadedFile(str(data.file.name or "")[:200], data.file.read())


class ImportInput(PassendSerializer):
    file = FilePart(help_text="XLSX or CSV, at most 20 MB unless the service sets it otherwise.")
    provider = ReferenceField(
        Provider, required=False, help_text="Needed by whoever keeps several catalogues."
    )


class CommitInput(PassendSerializer):
    skip = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        default=list,
        max_length=MOST_SKIPPED,
        help_text="Values of `mark` of changes that are left out.",
    )
    remove_missing = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Also close the starts and courses that are not in the file.",
    )


@extend_schema_field(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["sheet", "new", "changed", "removed", "unchanged"],
            "properties": {
                "sheet": {"type": "string"},
                **{
                    name: {"type": "integer", "minimum": 0}
                    for name in ("new", "changed", "removed", "unchanged")
                },
            },
        },
    }
)
class CountsField(serializers.JSONField):
    """Rows per sheet that are new, changed, not in the file and equal."""

    def to_representation(self, value: Any) -> Any:
        return [{"sheet": camel(name), **counts} for name, counts in value.items()]


@extend_schema_field(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["sheet", "action", "row", "key", "id", "mark", "taken", "cells"],
            "properties": {
                "sheet": {"type": "string"},
                "action": {"type": "string", "enum": ["new", "changed", "removed"]},
                "row": {"type": "integer", "minimum": 0},
                "key": {"type": "array", "items": {"type": "string"}},
                "id": {"type": "string", "format": "uuid", "nullable": True},
                "mark": {"type": "string"},
                "taken": {"type": "integer", "minimum": 0},
                "cells": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["column", "before", "after"],
                        "properties": {"column": {"type": "string"}, "before": {}, "after": {}},
                    },
                },
            },
        },
    }
)
class ChangesField(serializers.JSONField):
    """The first 500 changes, what differs before what is new."""

    def to_representation(self, value: Any) -> Any:
        return [
            {
                **one,
                "sheet": camel(one["sheet"]),
                "cells": [{**cell, "column": camel(cell["column"])} for cell in one["cells"]],
            }
            for one in value
        ]


class CatalogueImportSerializer(PassendModelSerializer):
    provider = ProviderReference(read_only=True)
    counts = CountsField(read_only=True)
    faults = FaultsField(read_only=True)
    changes = ChangesField(source="preview", read_only=True)

    class Meta:
        model = CatalogueImport
        fields = (
            "id",
            "provider",
            "state",
            "file_name",
            "file_hash",
            "file_format",
            "row_count",
            "progress",
            "refusal",
            "counts",
            "faults",
            "changes",
            "checked_by",
            "checked_at",
            "published_by",
            "published_at",
            "created_at",
        )


class CatalogueImportFilterSet(PassendFilterSet):
    search = SearchFilter("file_name", "checked_by")
    provider = ReferenceFilter("provider__uuid")
    state = CodeFilter(choices=ImportState.choices)
    file_hash = ExactFilter()

    class Meta:
        model = CatalogueImport

    unfiltered = {
        **RECORD_FIELDS,
        "file_name": "use search",
        "checked_by": "use search",
        "file_bytes": REPORT,
        "file_format": REPORT,
        "checked_at": REPORT,
        "published_by": REPORT,
        "published_at": REPORT,
        "since": REPORT,
        "fingerprint": REPORT,
        "row_count": REPORT,
        "progress": REPORT,
        "refusal": REPORT,
        "counts": REPORT,
        "faults": REPORT,
        "preview": REPORT,
        "skipped": REPORT,
        "changes": REPORT,
    }


class CatalogueImportViewSet(MultipartActions, ReadOnlyResource):
    """Uploaded catalogue files: checked first, with every fault or change, then committed."""

    model = CatalogueImport
    serializer_class = CatalogueImportSerializer
    filterset_class = CatalogueImportFilterSet
    sortable = {"createdAt": "created_at", "fileName": "file_name"}
    default_order = ("-created_at",)
    required_permission = Permission.MANAGE_CATALOGUE
    input_serializers = {"create": ImportInput, "commit": CommitInput}

    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Checks a file and writes nothing but the report, whose `state` says how it went."""

        def work() -> Answer:
            data = self.validated(request)
            report = catalogue_import_check(
                actor=self.actor,
                provider=data.get("provider") or self._own_provider(),
                file=data["file"],
            )
            location = {"Location": self.location_of(report.uuid)}
            return object_answer(self.representation(report.uuid), 201, location)

        return self.run_once(request, work)

    @action(detail=True, methods=["post"])
    def commit(self, request: Request, id: Any) -> HttpResponse:
        """Publishes the changes of a checked import, all or none; many in the background."""
        report = self.visible_object(id)
        return self.command(
            request,
            lambda data: catalogue_import_publish_soon(
                actor=self.actor, catalogue_import=report, **data
            ),
        )

    def _own_provider(self) -> Provider:
        own = list(Provider.objects.managed_by(self.actor)[:2])
        if len(own) != 1:
            raise InvalidError(
                violations=[
                    Violation("provider", "required", _("Name the provider of this catalogue."))
                ]
            )
        provider: Provider = own[0]
        return provider
