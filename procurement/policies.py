"""Who may change contracts."""

from backend.accounts.actor import Actor
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission


def may_manage_contracts(actor: Actor, buyer: Organisation) -> bool:
    return actor.may(Permission.MANAGE_CONTRACTS, buyer.pk)


def require_manage_contracts(actor: Actor, buyer_id: int) -> None:
    """The procurement officers of the buying organisation keep its lots and contracts."""
    actor.require(Permission.MANAGE_CONTRACTS, buyer_id)
