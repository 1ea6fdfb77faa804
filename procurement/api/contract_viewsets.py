"""Tenders, versions, options, KPI, documents and indexations, with their steps."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from backend.api.answers import Answer, object_answer
from backend.api.files import FileInput, FileOperations
from backend.api.viewsets import (
    CreateOperation,
    DeleteOperation,
    PassendViewSet,
    ReadOnlyResource,
    UpdateOperation,
)
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
from procurement.services.clauses import clauses_from_library
from procurement.services.document_files import document_file_set
from procurement.services.documents import (
    DOCUMENT_FIELDS,
    DocumentDraft,
    document_change,
    documents_add,
)
from procurement.services.indexation import indexation_apply, indexation_preview
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
from procurement.services.versions import (
    CeilingTerms,
    VersionTerms,
    contract_amend,
    version_confirm,
    version_correct,
    version_withdraw,
)

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


class ContractVersionViewSet(CreateOperation, DeleteOperation, ReadOnlyResource):
    """What contracts said when, and since when that was known; creating one drafts an amendment.

    Deleting one withdraws a draft; an agreed version is corrected.
    """

    model = ContractVersion
    serializer_class = serializers.ContractVersionSerializer
    filterset_class = filtersets.ContractVersionFilterSet
    input_serializers = {
        "create": inputs.VersionInput,
        "confirm": inputs.NoInput,
        "correct": inputs.VersionTermsInput,
        "kpis": inputs.KpisInput,
        "clauses": inputs.ClauseKindsInput,
    }
    created_actions = ("create", "correct")
    sortable = {
        "contract": "contract__number",
        "number": "number",
        "effectiveDate": "effective_date",
    }
    default_order = ("contract__number", "number")
    required_permission = PARTIES
    action_permissions = dict.fromkeys(
        ("create", "confirm", "correct", "destroy", "kpis", "clauses"), MANAGER
    )

    def perform_create(self, data: dict[str, Any]) -> models.Model:
        head = {name: data.pop(name) for name in ("contract", "effective_date", "reason")}
        return contract_amend(actor=self.actor, terms=_version_terms(data), **head)

    def perform_delete(self, instance: Any) -> None:
        version_withdraw(actor=self.actor, version=instance)

    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, id: Any) -> HttpResponse:
        """The draft is agreed: on the time line, locked, taken over on its first day."""
        version = self.visible_object(id)
        return self.command(
            request, lambda data: version_confirm(actor=self.actor, version=version)
        )

    @action(detail=True, methods=["post"])
    def correct(self, request: Request, id: Any) -> HttpResponse:
        """A draft that will stand on the days of this version, which was recorded wrongly."""
        version = self.visible_object(id)

        def run(data: dict[str, Any]) -> models.Model:
            reason = data.pop("reason")
            return version_correct(
                actor=self.actor, version=version, reason=reason, terms=_version_terms(data)
            )

        return self.command(request, run, status=201)

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

    @action(detail=True, methods=["post"])
    def clauses(self, request: Request, id: Any) -> HttpResponse:
        """Takes clauses over from the library, with the numbers of the standard."""
        version = self.visible_object(id)

        def run(data: dict[str, Any]) -> models.Model:
            clauses_from_library(actor=self.actor, version=version, kinds=data.get("kinds"))
            found: models.Model = version
            return found

        return self.command(request, run)


def _version_terms(data: dict[str, Any]) -> VersionTerms:
    ceilings = {
        one["contract_lot"].pk: CeilingTerms(one.get("places"), one.get("amount"))
        for one in data.pop("ceilings", ())
    }
    return VersionTerms(**data, ceilings=ceilings)


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


class ContractDocumentViewSet(FileOperations, CreateOperation, UpdateOperation, ReadOnlyResource):
    """The check list of documents of contracts, with their files or where the buyer keeps them."""

    model = ContractDocument
    serializer_class = serializers.ContractDocumentSerializer
    filterset_class = filtersets.ContractDocumentFilterSet
    input_serializers = {
        "create": inputs.ContractDocumentInput,
        "partial_update": inputs.DocumentChange,
        "upload_file": FileInput,
    }
    sortable = {"issuedDate": "issued_date", "kind": "kind", "title": "title"}
    default_order = ("contract__number", "kind")
    required_permission = PARTIES
    action_permissions = dict.fromkeys(("create", "partial_update", "upload_file"), MANAGER)
    set_file = document_file_set

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


class IndexationPreviewViewSet(PassendViewSet):
    """What indexation would do to every price of a contract, without doing it."""

    model = Indexation
    serializer_class = serializers.IndexationPreviewSerializer
    required_permission = MANAGER
    input_serializers = {"create": inputs.IndexationTerms}
    created_actions = ()

    def create(self, request: Request) -> HttpResponse:
        """Every price before and after, or every reason why it would be refused."""

        def work() -> Answer:
            prices = indexation_preview(actor=self.actor, **self.validated(request))
            return object_answer(self.serializer_class({"prices": prices}).data)

        return self.run_once(request, work)
