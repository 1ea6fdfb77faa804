"""Sheets of contracts through the API: upload to check, read the report, commit."""

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from backend.api.filters import RECORD_FIELDS, PassendFilterSet, ReferenceFilter, SearchFilter
from backend.api.serializers import PassendModelSerializer, PassendSerializer
from backend.api.uploads import FAULTS_SCHEMA, MultipartActions, SheetPart
from backend.api.viewsets import CreateOperation, ReadOnlyResource
from backend.organisations.permissions import Permission
from procurement.api.inputs import NoInput, OrganisationField
from procurement.api.serializers import BuyerReference
from procurement.models import ContractSheet
from procurement.services.contract_sheets import contract_sheet_check, contract_sheet_commit

NUMBERS = ("new", "changed", "unchanged", "missing")


@extend_schema_field(
    {
        "type": "object",
        "required": [*NUMBERS, "prices", "faults"],
        "properties": {
            **{name: {"type": "array", "items": {"type": "string"}} for name in NUMBERS},
            "prices": {"type": "integer", "minimum": 0},
            "faults": FAULTS_SCHEMA,
        },
    }
)
class ReportField(serializers.JSONField):
    """Contract numbers that are new, changed, equal or not in the sheet, and every fault."""


class ContractSheetSerializer(PassendModelSerializer):
    buyer = BuyerReference(read_only=True)
    report = ReportField(read_only=True)

    class Meta:
        model = ContractSheet
        fields = ("id", "buyer", "file_name", "report", "committed_at", "created_at")


class ContractSheetInput(PassendSerializer):
    buyer = OrganisationField()
    file = SheetPart(help_text="XLSX or CSV, at most 20 MB; start from the template.")


class ContractSheetFilterSet(PassendFilterSet):
    search = SearchFilter("file_name")
    buyer = ReferenceFilter("buyer__uuid")

    class Meta:
        model = ContractSheet

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "file_name": "use search",
        "content": "the file itself",
        "report": "read it on the sheet",
        "committed_at": "read it on the sheet",
    }


class ContractSheetViewSet(MultipartActions, CreateOperation, ReadOnlyResource):
    """Uploaded sheets of contracts: checked first, with every fault or change, then committed."""

    model = ContractSheet
    serializer_class = ContractSheetSerializer
    filterset_class = ContractSheetFilterSet
    sortable = {"createdAt": "created_at", "fileName": "file_name"}
    default_order = ("-created_at",)
    required_permission = Permission.MANAGE_CONTRACTS
    input_serializers = {"create": ContractSheetInput, "commit": NoInput}

    def perform_create(self, data: dict[str, Any]) -> ContractSheet:
        """Checks the file and writes nothing but the report."""
        file = data["file"]
        return contract_sheet_check(
            actor=self.actor, buyer=data["buyer"], file_name=file.name, content=file.content
        )

    @action(detail=True, methods=["post"])
    def commit(self, request: Request, id: Any) -> HttpResponse:
        """All contracts of the sheet become drafts, or none."""
        sheet = self.visible_object(id)

        def run(data: dict[str, Any]) -> ContractSheet:
            contract_sheet_commit(actor=self.actor, sheet=sheet)
            found: ContractSheet = sheet
            return found

        return self.command(request, run)
