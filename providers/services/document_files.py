"""The file of a document of the provider file: kept, replaced, and read by who may see it."""

from django.db import transaction

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common.errors import NotAllowedError, NotFoundError
from backend.common.locks import lock_row
from backend.common.stored_files import file_checked, file_keep
from backend.organisations.permissions import Permission
from providers.models import Provider, ProviderDocument
from providers.policies import may_manage_catalogue, require_manage_catalogue
from providers.ports import involved_organisation_ids


@transaction.atomic
def document_file_set(
    *, actor: Actor, document: ProviderDocument, name: str, content: bytes
) -> ProviderDocument:
    """The document carries this file; another one before it is gone.

    Raises NotAllowedError, BusyError, and InvalidError for a file of an unknown kind, too large or
    empty.
    """
    require_manage_catalogue(actor, document.provider)
    file = file_checked(name, content)
    document = lock_row(ProviderDocument.objects.select_related("provider"), document.pk)
    before = audit.snapshot(document, ["file_name", "file_size"])
    file_keep(document, file)
    document.save(update_fields=["file_key", "file_name", "file_type", "file_size"])
    audit.record(
        actor=actor,
        action="document.file_set",
        subject=document,
        before=before,
        after=audit.snapshot(document, ["file_name", "file_size"]),
        organisation_ids=[document.provider.organisation_id],
    )
    return document


def may_read_files(actor: Actor, provider: Provider) -> bool:
    """The provider itself, and public bodies with a contract or people placed there."""
    if may_manage_catalogue(actor, provider):
        return True
    mine = actor.with_permission(Permission.VIEW_CONTRACTS)
    return bool(mine) and bool(mine & involved_organisation_ids(provider.pk))


def require_read_file(actor: Actor, document: ProviderDocument) -> None:
    """Raises NotAllowedError, and NotFoundError when the document carries no file."""
    if not may_read_files(actor, document.provider):
        raise NotAllowedError
    if not document.has_file:
        raise NotFoundError
