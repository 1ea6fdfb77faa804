"""Tenders, versions, options, KPI, documents and indexations, with their steps."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from backend.api.viewsets import CreateOperation, ReadOnlyResource, UpdateOperation
from backend.organisations.permissions import Permission
from procurement.api import contract_filtersets as filtersets
from procurement.api import contract_serializers as serializers
from procurement.api import inputs
from procurement.models import (
    Award,
    ContractDocument,
    ContractVersion,
    ExtensionOption,
    Indexation,
    KpiAgreement,
    Tender,
)
from procurement.services.documents import (
    DOCUMENT_FIELDS,
    DocumentDraft,
    document_change,
    documents_add,
)
from procurement.services.indexation import indexation_apply
from procurement.services.kpis import KpiDraft, kpi_agreements_set
from procurement.services.options import option_add, option_decline, option_exercise
from procurement.services.tenders import (
    AwardDraft,
    TenderDraft,
    tender_award,
    tender_cancel,
    tender_change,
    tender_close,
    tender_publish,
    tender_register,
)
from procurement.services.versions import VersionTerms, contract_amend, version_confirm

# A provider sees its own contracts with the right to keep its catalogue.
PARTIES = (Permission.VIEW_CONTRACTS, Permission.MANAGE_CATALOGUE)
MANAGER = Permission.MANAGE_CONTRACTS
TENDER_DATA = tuple(TenderDraft.__dataclass_fields__)


class TenderViewSet(CreateOperation, UpdateOperation, ReadOnlyResource):
    """Tenders with their lots, and the steps from draft to award."""

    model = Tender
    serializer_class = serializers.TenderSerializer
    filterset_class = filtersets.TenderFilterSet
    input_serializers = {
        "create": inputs.TenderInput,
        "partial_update": inputs.TenderChange,
        "publish": inputs.NoInput,
        "close": inputs.NoInput,
        "award": inputs.AwardInput,
        "cancel": inputs.StepReasonInput,
    }
    sortable = {
        "reference": "reference",
        "title": "title",
        "publicationDate": "publication_date",
        "closingDate": "closing_date",
        "awardDate": "award_date",
        "status": "status",
    }
    default_order = ("reference",)
    required_permission = Permission.VIEW_CONTRACTS
    action_permissions = dict.fromkeys(
        ("create", "partial_update", "publish", "close", "award", "cancel"), MANAGER
    )

    def perform_create(self, data: dict[str, Any]) -> models.Model:
        buyer = data.pop("buyer")
        return tender_register(actor=self.actor, buyer=buyer, draft=_tender(data))

    def perform_update(self, instance: Any, data: dict[str, Any]) -> models.Model:
        kept = {name: getattr(instance, name) for name in TENDER_DATA}
        return tender_change(actor=self.actor, tender=instance, draft=_tender(kept | data))

    @action(detail=True, methods=["post"])
    def publish(self, request: Request, id: Any) -> HttpResponse:
        tender = self.visible_object(id)
        return self.command(request, lambda data: tender_publish(actor=self.actor, tender=tender))

    @action(detail=True, methods=["post"])
    def close(self, request: Request, id: Any) -> HttpResponse:
        tender = self.visible_object(id)
        return self.command(request, lambda data: tender_close(actor=self.actor, tender=tender))

    @action(detail=True, methods=["post"])
    def award(self, request: Request, id: Any) -> HttpResponse:
        tender = self.visible_object(id)

        def run(data: dict[str, Any]) -> models.Model:
            awards = [AwardDraft(**one) for one in data.pop("awards")]
            return tender_award(actor=self.actor, tender=tender, awards=awards, **data)

        return self.command(request, run)

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, id: Any) -> HttpResponse:
        tender = self.visible_object(id)
        return self.command(
            request, lambda data: tender_cancel(actor=self.actor, tender=tender, **data)
        )


def _tender(data: dict[str, Any]) -> TenderDraft:
    return TenderDraft(**data | {"cpv_codes": tuple(data.get("cpv_codes", ()))})


class AwardViewSet(ReadOnlyResource):
    """To whom the lots of tenders were awarded."""

    model = Award
    serializer_class = serializers.AwardSerializer
    filterset_class = filtersets.AwardFilterSet
    sortable = {"lot": "lot__code", "rank": "rank"}
    default_order = ("lot__code", "rank")
    required_permission = PARTIES


class ContractVersionViewSet(CreateOperation, ReadOnlyResource):
    """What contracts said when, and since when that was known; creating one drafts an amendment."""

    model = ContractVersion
    serializer_class = serializers.ContractVersionSerializer
    filterset_class = filtersets.ContractVersionFilterSet
    input_serializers = {
        "create": inputs.VersionInput,
        "confirm": inputs.NoInput,
        "kpis": inputs.KpisInput,
    }
    sortable = {
        "contract": "contract__number",
        "number": "number",
        "effectiveDate": "effective_date",
    }
    default_order = ("contract__number", "number")
    required_permission = PARTIES
    action_permissions = dict.fromkeys(("create", "confirm", "kpis"), MANAGER)

    def perform_create(self, data: dict[str, Any]) -> models.Model:
        head = {name: data.pop(name) for name in ("contract", "effective_date", "reason")}
        return contract_amend(actor=self.actor, terms=VersionTerms(**data), **head)

    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, id: Any) -> HttpResponse:
        version = self.visible_object(id)
        return self.command(
            request, lambda data: version_confirm(actor=self.actor, version=version)
        )

    @action(detail=True, methods=["post"])
    def kpis(self, request: Request, id: Any) -> HttpResponse:
        """These KPI agreements take the place of all those of the version."""
        version = self.visible_object(id)

        def run(data: dict[str, Any]) -> models.Model:
            drafts = [KpiDraft(**one) for one in data["kpi_agreements"]]
            kpi_agreements_set(actor=self.actor, version=version, drafts=drafts)
            found: models.Model = version
            return found

        return self.command(request, run)


class KpiAgreementViewSet(ReadOnlyResource):
    """Norm, weight and smallest number per indicator and version of a contract."""

    model = KpiAgreement
    serializer_class = serializers.KpiAgreementSerializer
    filterset_class = filtersets.KpiAgreementFilterSet
    sortable = {"indicator": "indicator", "weight": "weight"}
    default_order = ("version__contract__number", "version__number", "indicator")
    required_permission = PARTIES


class ExtensionOptionViewSet(CreateOperation, ReadOnlyResource):
    """Rights to extend contracts, and the decisions on them."""

    model = ExtensionOption
    serializer_class = serializers.ExtensionOptionSerializer
    filterset_class = filtersets.ExtensionOptionFilterSet
    input_serializers = {
        "create": inputs.OptionInput,
        "exercise": inputs.StepReasonInput,
        "decline": inputs.StepReasonInput,
    }
    sortable = {"noticeDate": "notice_date", "endDate": "end_date", "status": "status"}
    default_order = ("notice_date",)
    required_permission = PARTIES
    action_permissions = dict.fromkeys(("create", "exercise", "decline"), MANAGER)

    def perform_create(self, data: dict[str, Any]) -> models.Model:
        return option_add(actor=self.actor, **data)

    @action(detail=True, methods=["post"])
    def exercise(self, request: Request, id: Any) -> HttpResponse:
        option = self.visible_object(id)

        def run(data: dict[str, Any]) -> models.Model:
            option_exercise(actor=self.actor, option=option, **data)
            found: models.Model = option
            return found

        return self.command(request, run)

    @action(detail=True, methods=["post"])
    def decline(self, request: Request, id: Any) -> HttpResponse:
        option = self.visible_object(id)
        return self.command(
            request, lambda data: option_decline(actor=self.actor, option=option, **data)
        )


class ContractDocumentViewSet(CreateOperation, UpdateOperation, ReadOnlyResource):
    """The check list of documents of contracts; files stay in the archive of the buyer."""

    model = ContractDocument
    serializer_class = serializers.ContractDocumentSerializer
    filterset_class = filtersets.ContractDocumentFilterSet
    input_serializers = {
        "create": inputs.ContractDocumentInput,
        "partial_update": inputs.DocumentChange,
    }
    sortable = {"issuedDate": "issued_date", "kind": "kind", "title": "title"}
    default_order = ("contract__number", "kind")
    required_permission = PARTIES
    action_permissions = dict.fromkeys(("create", "partial_update"), MANAGER)

    def perform_create(self, data: dict[str, Any]) -> models.Model:
        contract = data.pop("contract")
        return documents_add(actor=self.actor, contract=contract, drafts=[DocumentDraft(**data)])[0]

    def perform_update(self, instance: Any, data: dict[str, Any]) -> models.Model:
        kept = {name: getattr(instance, name) for name in DOCUMENT_FIELDS}
        return document_change(
            actor=self.actor, document=instance, draft=DocumentDraft(**kept | data)
        )


class IndexationViewSet(CreateOperation, ReadOnlyResource):
    """Each time that the prices of a contract were indexed; creating one indexes them."""

    model = Indexation
    serializer_class = serializers.IndexationSerializer
    filterset_class = filtersets.IndexationFilterSet
    input_serializers = {"create": inputs.IndexationInput}
    sortable = {"effectiveDate": "effective_date", "percentage": "percentage"}
    default_order = ("-effective_date",)
    required_permission = PARTIES
    action_permissions = {"create": MANAGER}

    def perform_create(self, data: dict[str, Any]) -> models.Model:
        return indexation_apply(actor=self.actor, **data)
