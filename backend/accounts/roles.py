"""Roles and the permissions each role carries on the organisation it is given for."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.organisations.permissions import Permission as P


class Role(models.TextChoices):
    PROCUREMENT_OFFICER = "procurement_officer", _("Procurement officer")
    CASEWORKER = "caseworker", _("Caseworker")
    QUALITY_OFFICER = "quality_officer", _("Quality officer")
    REGIONAL_COORDINATOR = "regional_coordinator", _("Regional coordinator")
    PROVIDER_PLANNER = "provider_planner", _("Provider planner")
    TEACHER = "teacher", _("Teacher")
    COUNCIL_READER = "council_reader", _("Council reader")
    FUNCTIONAL_ADMINISTRATOR = "functional_administrator", _("Functional administrator")


ROLE_PERMISSIONS: dict[Role, frozenset[P]] = {
    Role.PROCUREMENT_OFFICER: frozenset(
        {P.VIEW_CATALOGUE, P.VIEW_CONTRACTS, P.MANAGE_CONTRACTS, P.VIEW_QUALITY}
    ),
    Role.CASEWORKER: frozenset(
        {
            P.VIEW_CATALOGUE,
            P.VIEW_PARTICIPANTS,
            P.VIEW_IDENTITY,
            P.MANAGE_PIPS,
            P.PLACE,
            P.VIEW_DELIVERY,
            P.VIEW_QUALITY,
        }
    ),
    Role.QUALITY_OFFICER: frozenset(
        {P.VIEW_CATALOGUE, P.VIEW_CONTRACTS, P.VIEW_QUALITY, P.MANAGE_QUALITY}
    ),
    Role.REGIONAL_COORDINATOR: frozenset(
        {
            P.VIEW_CATALOGUE,
            P.VIEW_CONTRACTS,
            P.VIEW_PARTICIPANTS,
            P.RUN_BATCH,
            P.VIEW_QUALITY,
            P.MANAGE_POLICY,
        }
    ),
    Role.PROVIDER_PLANNER: frozenset(
        {
            P.VIEW_CATALOGUE,
            P.MANAGE_CATALOGUE,
            P.ANSWER_PLACEMENTS,
            P.VIEW_DELIVERY,
            P.RECORD_DELIVERY,
            P.VIEW_QUALITY,
        }
    ),
    Role.TEACHER: frozenset({P.VIEW_CATALOGUE, P.VIEW_DELIVERY, P.RECORD_DELIVERY}),
    Role.COUNCIL_READER: frozenset({P.VIEW_QUALITY}),
    Role.FUNCTIONAL_ADMINISTRATOR: frozenset(
        {P.VIEW_CATALOGUE, P.VIEW_AUDIT, P.MANAGE_ACCOUNTS, P.MANAGE_POLICY}
    ),
}

# Roles that only make sense at a provider, and those that only make sense at a public body.
PROVIDER_ROLES = frozenset({Role.PROVIDER_PLANNER, Role.TEACHER})
