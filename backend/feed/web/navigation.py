"""Entries of the main navigation."""

from django.utils.translation import gettext_lazy as _

from backend.organisations.permissions import Permission
from backend.web.navigation import NavigationEntry, register

register(NavigationEntry("webhooks", _("Webhooks"), "webhooks", Permission.MANAGE_ACCOUNTS, 92))
