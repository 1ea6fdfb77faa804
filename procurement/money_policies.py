"""Who may keep budgets, submit claims and decide on them."""

from backend.accounts.actor import Actor
from backend.common.errors import NotAllowedError
from backend.organisations.permissions import Permission
from procurement.models import Claim, Contract


def require_manage_budget(actor: Actor, municipality_id: int) -> None:
    """The procurement officers of the municipality keep its budgets and expenses."""
    actor.require(Permission.MANAGE_CONTRACTS, municipality_id)


def require_submit_claim(actor: Actor, contract: Contract) -> None:
    """The provider of the contract claims what it delivered."""
    actor.require(Permission.MANAGE_CATALOGUE, contract.provider.organisation_id)


def may_assess_claim(actor: Actor, claim: Claim) -> bool:
    """The municipality that called off, the buyer of the contract, or who pays the claim."""
    mine = actor.with_permission(Permission.MANAGE_CONTRACTS)
    if {claim.municipality_id, claim.contract.buyer_id} & mine:
        return True
    return bool(mine) and claim.lines.filter(call_off__payer__in=mine).exists()


def require_assess_claim(actor: Actor, claim: Claim) -> None:
    if not may_assess_claim(actor, claim):
        raise NotAllowedError


def may_submit_claim(actor: Actor, contract: Contract) -> bool:
    return actor.may(Permission.MANAGE_CATALOGUE, contract.provider.organisation_id)


def require_credit_claim(actor: Actor, claim: Claim) -> None:
    """Either side takes back what was approved wrongly: who paid it, or who claimed it."""
    if not (may_assess_claim(actor, claim) or may_submit_claim(actor, claim.contract)):
        raise NotAllowedError


def is_party(actor: Actor, contract: Contract) -> bool:
    """The buyer's officers and the provider's planners: both sides of the contract."""
    return actor.may(Permission.MANAGE_CONTRACTS, contract.buyer_id) or actor.may(
        Permission.MANAGE_CATALOGUE, contract.provider.organisation_id
    )


def require_party(actor: Actor, contract: Contract) -> None:
    if not is_party(actor, contract):
        raise NotAllowedError
