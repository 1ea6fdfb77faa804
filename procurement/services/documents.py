"""The check list of documents of a contract; the files stay in the archive of the buyer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common import clock
from backend.common.cleaning import field_violations
from backend.common.errors import InvalidError, Violation
from procurement.choices import DocumentKind
from procurement.models import Contract, ContractDocument
from procurement.services.contract_steps import NOT_ENDED, contract_lock, record_change

DOCUMENT_FIELDS = (
    "kind",
    "title",
    "location",
    "issued_date",
    "maximum_age_months",
    "required",
)


@dataclass(frozen=True)
class DocumentDraft:
    """A document on the check list; without `issued_date` it is still to come."""

    kind: str
    title: str
    issued_date: date | None = None
    maximum_age_months: int | None = None
    location: str = ""
    required: bool = True


def standard_documents() -> tuple[DocumentDraft, ...]:
    """The check list of the contract standard (bijlage 1): what it asks and how old it may be."""
    ages = {DocumentKind.GVA: 24, DocumentKind.TAX: 6, DocumentKind.REGISTER: 6}
    kinds = (
        DocumentKind.CONTRACT,
        DocumentKind.GVA,
        DocumentKind.REGISTER,
        DocumentKind.TAX,
        DocumentKind.DATA_PROCESSING,
    )
    return tuple(
        DocumentDraft(kind, str(kind.label), maximum_age_months=ages.get(kind)) for kind in kinds
    )


@transaction.atomic
def documents_add(
    *, actor: Actor, contract: Contract, drafts: Sequence[DocumentDraft]
) -> list[ContractDocument]:
    """New rows on the check list; all or none."""
    contract = contract_lock(actor, contract, NOT_ENDED)
    rows = [ContractDocument(contract=contract, **vars(one)) for one in drafts]
    faults = document_faults(drafts) if len(rows) > 1 else _faults(rows[0], "") if rows else []
    if faults:
        raise InvalidError(violations=faults)
    ContractDocument.objects.bulk_create(rows)
    for one in rows:
        record_change(
            actor,
            "contract_document.added",
            contract,
            one,
            after=audit.snapshot(one, DOCUMENT_FIELDS),
        )
    return rows


@transaction.atomic
def document_change(
    *, actor: Actor, document: ContractDocument, draft: DocumentDraft
) -> ContractDocument:
    """The document as it is now: received, renewed or moved."""
    contract = contract_lock(actor, document.contract, NOT_ENDED)
    document = ContractDocument.objects.select_for_update(of=("self",)).get(pk=document.pk)
    before = audit.snapshot(document, DOCUMENT_FIELDS)
    for name, value in vars(draft).items():
        setattr(document, name, value)
    faults = _faults(document, "")
    if faults:
        raise InvalidError(violations=faults)
    document.save()
    record_change(
        actor,
        "contract_document.changed",
        contract,
        document,
        before=before,
        after=audit.snapshot(document, DOCUMENT_FIELDS),
    )
    return document


def document_faults(drafts: Sequence[DocumentDraft]) -> list[Violation]:
    """Everything wrong with rows of a check list, whatever contract it is for."""
    return [
        fault
        for number, one in enumerate(drafts)
        for fault in _faults(ContractDocument(**vars(one)), f"documents.{number}.")
    ]


def _faults(document: ContractDocument, place: str) -> list[Violation]:
    faults = field_violations(document, place)
    if document.issued_date is not None and document.issued_date > clock.today():
        faults.append(
            Violation(
                place + "issued_date",
                "date_in_future",
                _("The date of the document lies in the future. Correct it."),
            )
        )
    return faults
