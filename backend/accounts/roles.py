"""Roles and the permissions each role carries on the organisation it is given for."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.organisations.permissions import Permission


class Role(models.TextChoices):
    PROCUREMENT_OFFICER = "procurement_officer", _("Procurement officer")
    CASEWORKER = "caseworker", _("Caseworker")
    QUALITY_OFFICER = "quality_officer", _("Quality officer")
    REGIONAL_COORDINATOR = "regional_coordinator", _("Regional coordinator")
    PROVIDER_PLANNER = "provider_planner", _("Provider planner")
    TEACHER = "teacher", _("Teacher")
    COUNCIL_READER = "council_reader", _("Council reader")
    FUNCTIONAL_ADMINISTRATOR = "functional_administrator", _("Functional administrator")


ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.PROCUREMENT_OFFICER: frozenset(
        {
            Permission.VIEW_CATALOGUE,
            Permission.VIEW_CONTRACTS,
            Permission.MANAGE_CONTRACTS,
            Permission.VIEW_QUALITY,
        }
    ),
    Role.CASEWORKER: frozenset(
        {
            Permission.VIEW_CATALOGUE,
            Permission.VIEW_PARTICIPANTS,
            Permission.VIEW_IDENTITY,
            Permission.MANAGE_PIPS,
            Permission.PLACE,
            Permission.VIEW_DELIVERY,
            Permission.VIEW_QUALITY,
        }
    ),
    Role.QUALITY_OFFICER: frozenset(
        {
            Permission.VIEW_CATALOGUE,
            Permission.VIEW_CONTRACTS,
            Permission.VIEW_QUALITY,
            Permission.MANAGE_QUALITY,
        }
    ),
    Role.REGIONAL_COORDINATOR: frozenset(
        {
            Permission.VIEW_CATALOGUE,
            Permission.VIEW_CONTRACTS,
            Permission.VIEW_PARTICIPANTS,
            Permission.RUN_BATCH,
            Permission.VIEW_QUALITY,
            Permission.MANAGE_POLICY,
        }
    ),
    Role.PROVIDER_PLANNER: frozenset(
        {
            Permission.VIEW_CATALOGUE,
            Permission.MANAGE_CATALOGUE,
            Permission.ANSWER_PLACEMENTS,
            Permission.VIEW_DELIVERY,
            Permission.RECORD_DELIVERY,
            Permission.VIEW_QUALITY,
        }
    ),
    Role.TEACHER: frozenset(
        {Permission.VIEW_CATALOGUE, Permission.VIEW_DELIVERY, Permission.RECORD_DELIVERY}
    ),
    Role.COUNCIL_READER: frozenset({Permission.VIEW_QUALITY}),
    Role.FUNCTIONAL_ADMINISTRATOR: frozenset(
        {
            Permission.VIEW_CATALOGUE,
            Permission.VIEW_AUDIT,
            Permission.MANAGE_ACCOUNTS,
            Permission.MANAGE_POLICY,
        }
    ),
}

# Roles that only make sense at a provider, and those that only make sense at a public body.
PROVIDER_ROLES = frozenset({Role.PROVIDER_PLANNER, Role.TEACHER})

# Rights that no role carries: given to a person by name, beside a role at the same organisation.
EXTRA_PERMISSIONS = frozenset({Permission.OVERRULE})

# A role at a region counts at its member municipalities for looking and for running batches.
# Names of participants stay with the own municipality, and so do writing, policy and accounts.
REGION_WIDE_PERMISSIONS = frozenset(
    {
        Permission.VIEW_CATALOGUE,
        Permission.VIEW_CONTRACTS,
        Permission.VIEW_PARTICIPANTS,
        Permission.VIEW_DELIVERY,
        Permission.VIEW_QUALITY,
        Permission.RUN_BATCH,
    }
)


def role_fits(role: Role, *, at_provider: bool) -> bool:
    """Planners and teachers work at providers, public roles do not, administrators everywhere."""
    if role is Role.FUNCTIONAL_ADMINISTRATOR:
        return True
    return (role in PROVIDER_ROLES) == at_provider
