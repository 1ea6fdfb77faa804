"""Entries of the main navigation."""

from django.utils.translation import gettext_lazy as _

from backend.organisations.permissions import Permission
from backend.web.links import register_table
from backend.web.navigation import Heading, NavigationEntry, register
from procurement.web.suppliers import contracts_of, findings_at

register_table("provider", "findings", findings_at)
register_table("provider", "contracts", contracts_of)
register(
    NavigationEntry(
        "contracts",
        _("Contracts"),
        "contracts",
        (Permission.VIEW_CONTRACTS, Permission.MANAGE_CATALOGUE),
        order=60,
        heading=Heading.CONTRACTS,
    ),
    NavigationEntry(
        "tenders",
        _("Tenders"),
        "tenders",
        Permission.VIEW_CONTRACTS,
        order=62,
        heading=Heading.CONTRACTS,
    ),
    NavigationEntry(
        "findings",
        _("Findings"),
        "breaches",
        (Permission.VIEW_CONTRACTS, Permission.MANAGE_CATALOGUE),
        order=63,
        heading=Heading.CONTRACTS,
    ),
    NavigationEntry(
        "budgets",
        _("Budgets"),
        "budgets",
        Permission.VIEW_CONTRACTS,
        order=64,
        heading=Heading.CONTRACTS,
    ),
    NavigationEntry(
        "call-offs",
        _("Call-offs"),
        "call-offs",
        (Permission.VIEW_CONTRACTS, Permission.MANAGE_CATALOGUE),
        order=65,
        heading=Heading.CONTRACTS,
    ),
    NavigationEntry(
        "claims",
        _("Claims"),
        "claims",
        (Permission.VIEW_CONTRACTS, Permission.MANAGE_CATALOGUE),
        order=65,
        heading=Heading.CONTRACTS,
    ),
)
