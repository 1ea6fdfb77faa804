"""Who may do what with participants, plans and placements; who may see is in `querysets`."""

from backend.accounts.actor import Actor
from backend.organisations.permissions import Permission


def require_manage_pips(actor: Actor, municipality_id: int) -> None:
    """Caseworkers of the own municipality enter participants and PIPs."""
    actor.require(Permission.MANAGE_PIPS, municipality_id)


def require_place(actor: Actor, municipality_id: int) -> None:
    """Caseworkers of the own municipality hold seats, offer places and withdraw them."""
    actor.require(Permission.PLACE, municipality_id)


def require_answer(actor: Actor, provider_organisation_id: int) -> None:
    """The provider that was asked answers an offer."""
    actor.require(Permission.ANSWER_PLACEMENTS, provider_organisation_id)


def require_report_delivery(actor: Actor, provider_organisation_id: int) -> None:
    """The provider that teaches reports the first and the last lesson."""
    actor.require(Permission.RECORD_DELIVERY, provider_organisation_id)


def require_run_batch(actor: Actor, organisation_id: int) -> None:
    actor.require(Permission.RUN_BATCH, organisation_id)


def require_manage_policy(actor: Actor, organisation_id: int) -> None:
    actor.require(Permission.MANAGE_POLICY, organisation_id)


def may_overrule(actor: Actor, municipality_id: int) -> bool:
    """A named right, given to persons: place although a rule of fit fails, with a reason."""
    return actor.may(Permission.OVERRULE, municipality_id)


def require_ask_groups(actor: Actor, organisation_id: int) -> None:
    """Coordinators ask for groups and choose between bids."""
    actor.require(Permission.RUN_BATCH, organisation_id)


def require_bid(actor: Actor, provider_organisation_id: int) -> None:
    """The provider that was asked bids a group."""
    actor.require(Permission.ANSWER_PLACEMENTS, provider_organisation_id)
