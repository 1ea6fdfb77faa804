"""Documents of the demo: some count, some are about to exceed their maximum age, some have."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _

from backend.accounts.public import Actor
from backend.common import clock
from procurement.choices import ContractStatus
from procurement.models import Contract, ContractDocument
from procurement.services.document_files import document_file_set as contract_file_set
from procurement.services.documents import DocumentDraft, document_change
from providers.models import Provider
from providers.services.document_files import document_file_set
from providers.services.files import document_add

# Days ago on which a document was issued that counts half a year.
FRESH, NEARLY_TOO_OLD = 60, 172
# One page without text: enough to open.
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


def add_papers(actor: Actor, providers: Sequence[Provider]) -> None:
    """Tax declarations and policies of the first schools; the first of each carries its file."""
    for number, provider in enumerate(providers[:4]):
        age = NEARLY_TOO_OLD if number == 0 else FRESH
        tax = document_add(
            actor=actor,
            provider=provider,
            kind="tax",
            title=_("Tax declaration (demo)"),
            issue_date=clock.today() - timedelta(days=age),
            reference=f"DEMO-T{number:02}",
        )
        # The policy counts a year: at the second school it ran out last month.
        document_add(
            actor=actor,
            provider=provider,
            kind="insurance",
            title=_("Liability insurance (demo)"),
            issue_date=clock.today() - timedelta(days=395 if number == 1 else 2 * FRESH),
            reference=f"DEMO-P{number:02}",
        )
        if number == 0:
            document_file_set(
                actor=actor, document=tax, name="belastingverklaring.pdf", content=PDF
            )


def renew_documents(actor: Actor, contracts: Sequence[Contract]) -> None:
    """What ages is renewed, at the second contract almost too long ago; every third forgot it."""
    running = Contract.objects.filter(
        pk__in=[one.pk for one in contracts],
        status__in=[ContractStatus.ACTIVE, ContractStatus.SUSPENDED],
    )
    for number, contract in enumerate(running.order_by("pk")):
        if number % 3 == 2:
            continue
        age = NEARLY_TOO_OLD if number == 1 else FRESH
        aging = contract.documents.filter(maximum_age_months__isnull=False).order_by("pk")
        renewed = [_renew(actor, document, age) for document in aging]
        if number == 0 and renewed:
            contract_file_set(actor=actor, document=renewed[-1], name="verklaring.pdf", content=PDF)


def _renew(actor: Actor, document: ContractDocument, age: int) -> ContractDocument:
    return document_change(
        actor=actor,
        document=document,
        draft=DocumentDraft(
            document.kind,
            document.title,
            clock.today() - timedelta(days=age),
            document.maximum_age_months,
            document.location,
            document.required,
        ),
    )
