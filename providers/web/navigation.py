"""Entries of the main navigation."""

from django.utils.translation import gettext_lazy as _

from backend.organisations.permissions import Permission
from backend.web.navigation import NavigationEntry, register

register(
    NavigationEntry(
        "catalogue", _("Course catalogue"), "catalogue", Permission.VIEW_CATALOGUE, order=40
    ),
    NavigationEntry(
        "own-catalogue", _("Our catalogue"), "own-catalogue", Permission.MANAGE_CATALOGUE, order=30
    ),
    NavigationEntry(
        "catalogue-imports",
        _("Spreadsheets"),
        "catalogue-imports",
        Permission.MANAGE_CATALOGUE,
        order=32,
    ),
    NavigationEntry("providers", _("Providers"), "providers", Permission.VIEW_CATALOGUE, order=45),
    NavigationEntry(
        "capacity",
        _("Capacity"),
        "capacity",
        (Permission.VIEW_CONTRACTS, Permission.MANAGE_CATALOGUE),
        order=47,
    ),
    NavigationEntry(
        "intake-stops",
        _("Intake stops"),
        "intake-stops",
        (Permission.MANAGE_CATALOGUE, Permission.MANAGE_CONTRACTS),
        order=48,
    ),
)
