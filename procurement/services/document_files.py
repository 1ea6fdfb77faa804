"""The file of a document of a contract: kept and replaced by the buyer."""

from django.db import transaction

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common.stored_files import file_checked, file_keep
from procurement.models import ContractDocument
from procurement.services.contract_steps import NOT_ENDED, contract_lock, record_change


@transaction.atomic
def document_file_set(
    *, actor: Actor, document: ContractDocument, name: str, content: bytes
) -> ContractDocument:
    """The document carries this file; another one before it is gone.

    Raises NotAllowedError, ContractStateError, InvalidError for a file of an unknown kind, too
    large or empty, BusyError.
    """
    contract = contract_lock(actor, document.contract, NOT_ENDED)
    file = file_checked(name, content)
    document = ContractDocument.objects.select_for_update(of=("self",)).get(pk=document.pk)
    before = audit.snapshot(document, ["file_name", "file_size"])
    file_keep(document, file)
    document.save(update_fields=["file_key", "file_name", "file_type", "file_size"])
    record_change(
        actor,
        "contract_document.file_set",
        contract,
        document,
        before=before,
        after=audit.snapshot(document, ["file_name", "file_size"]),
    )
    return document
