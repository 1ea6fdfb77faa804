"""Entries of the main navigation."""

from django.utils.translation import gettext_lazy as _

from backend.organisations.permissions import Permission
from backend.web.navigation import NavigationEntry, register

register(
    NavigationEntry("lessons", _("Lessons"), "lessons", Permission.RECORD_DELIVERY, order=20),
    NavigationEntry("scorecards", _("Quality"), "scorecards", Permission.VIEW_QUALITY, order=60),
    NavigationEntry(
        "indicators", _("Indicator book"), "indicators", Permission.VIEW_QUALITY, order=62
    ),
    NavigationEntry(
        "feedback-rounds",
        _("Feedback rounds"),
        "feedback-rounds",
        Permission.MANAGE_QUALITY,
        order=64,
    ),
)
