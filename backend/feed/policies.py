"""Who may subscribe; who may see is in `querysets`."""

from backend.accounts.actor import Actor
from backend.common.errors import NotAllowedError
from backend.feed.querysets import managed_organisations


def require_manage(actor: Actor, organisation_id: int) -> None:
    """Administrators of the organisation, and its own systems. Raises NotAllowedError."""
    if organisation_id not in managed_organisations(actor):
        raise NotAllowedError
