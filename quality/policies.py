"""Who may do what in delivery and quality; seeing is decided by `visible_to` of the models."""

from typing import Any

from backend.accounts.actor import Actor
from backend.organisations.permissions import Permission


def may_record(actor: Actor, provider_organisation_id: int) -> bool:
    """Only staff of the provider that gives the lessons record what was delivered."""
    return actor.may(Permission.RECORD_DELIVERY, provider_organisation_id)


def require_record(actor: Actor, provider_organisation_id: int) -> None:
    actor.require(Permission.RECORD_DELIVERY, provider_organisation_id)


def require_plan_lessons(actor: Actor, provider_organisation_id: int) -> None:
    """Lessons follow from the weekly lessons, which the planner keeps; a teacher plans none."""
    actor.require(Permission.MANAGE_CATALOGUE, provider_organisation_id)


def require_manage_wave(actor: Actor, organisation_id: int) -> None:
    """Feedback is asked by a public body, never by the provider it is about."""
    actor.require(Permission.MANAGE_QUALITY, organisation_id)


def require_close_absence(actor: Actor, municipality_id: int) -> None:
    """What is done about absence is decided by the caseworkers of the municipality."""
    actor.require(Permission.MANAGE_PIPS, municipality_id)


def may_close_absence(actor: Actor, municipality_id: int) -> bool:
    return actor.may(Permission.MANAGE_PIPS, municipality_id)


def may_manage_wave(actor: Actor, wave: Any) -> bool:
    return actor.may(Permission.MANAGE_QUALITY, wave.organisation_id)
