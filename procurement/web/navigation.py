"""Entries of the main navigation."""

from django.utils.translation import gettext_lazy as _

from backend.organisations.permissions import Permission
from backend.web.navigation import NavigationEntry, register

register(
    NavigationEntry(
        "contracts",
        _("Contracts"),
        "contracts",
        (Permission.VIEW_CONTRACTS, Permission.MANAGE_CATALOGUE),
        order=60,
    ),
    NavigationEntry("tenders", _("Tenders"), "tenders", Permission.VIEW_CONTRACTS, order=62),
)
