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
)
