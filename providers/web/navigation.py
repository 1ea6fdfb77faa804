"""Entries of the main navigation."""

from django.utils.translation import gettext_lazy as _

from backend.organisations.permissions import Permission
from backend.web.navigation import Heading, NavigationEntry, register

register(
    NavigationEntry(
        "catalogue",
        _("Course catalogue"),
        "catalogue",
        Permission.VIEW_CATALOGUE,
        order=40,
        heading=Heading.SUPPLY,
    ),
    NavigationEntry(
        "own-catalogue",
        _("Our catalogue"),
        "own-catalogue",
        Permission.MANAGE_CATALOGUE,
        order=30,
        heading=Heading.SUPPLY,
    ),
    NavigationEntry(
        "catalogue-imports",
        _("Spreadsheets"),
        "catalogue-imports",
        Permission.MANAGE_CATALOGUE,
        order=32,
        heading=Heading.SUPPLY,
    ),
    NavigationEntry(
        "providers",
        _("Providers"),
        "providers",
        Permission.VIEW_CATALOGUE,
        order=45,
        heading=Heading.SUPPLY,
    ),
    NavigationEntry(
        "capacity",
        _("Capacity"),
        "capacity",
        (Permission.VIEW_CONTRACTS, Permission.MANAGE_CATALOGUE),
        order=47,
        heading=Heading.SUPPLY,
    ),
    NavigationEntry(
        "intake-stops",
        _("Intake stops"),
        "intake-stops",
        (Permission.MANAGE_CATALOGUE, Permission.MANAGE_CONTRACTS),
        order=48,
        heading=Heading.SUPPLY,
    ),
)
