"""Entries of the main navigation."""

from django.utils.translation import gettext_lazy as _

from backend.organisations.permissions import Permission
from backend.web.navigation import Heading, NavigationEntry, register

register(
    NavigationEntry(
        "work-list",
        _("Waiting list"),
        "work-list",
        Permission.VIEW_PARTICIPANTS,
        10,
        heading=Heading.PEOPLE,
    ),
    NavigationEntry(
        "placements",
        _("Places"),
        "placements",
        Permission.VIEW_PARTICIPANTS,
        15,
        heading=Heading.PEOPLE,
    ),
    NavigationEntry(
        "match-runs",
        _("Routing"),
        "match-runs",
        Permission.VIEW_PARTICIPANTS,
        20,
        heading=Heading.PEOPLE,
    ),
    NavigationEntry(
        "policies",
        _("Policy"),
        "policies",
        (Permission.VIEW_PARTICIPANTS, Permission.MANAGE_POLICY),
        80,
    ),
    NavigationEntry(
        "duo-messages",
        _("Messages of DUO"),
        "duo-messages",
        Permission.VIEW_PARTICIPANTS,
        60,
        heading=Heading.PEOPLE,
    ),
    NavigationEntry(
        "inbox",
        _("Inbox"),
        "placement-inbox",
        Permission.ANSWER_PLACEMENTS,
        10,
        heading=Heading.PEOPLE,
    ),
    NavigationEntry(
        "group-requests",
        _("Requests for groups"),
        "group-requests",
        Permission.ANSWER_PLACEMENTS,
        11,
        heading=Heading.SUPPLY,
    ),
    NavigationEntry(
        "supply-demand",
        _("Supply and demand"),
        "supply-demand",
        Permission.VIEW_PARTICIPANTS,
        22,
        heading=Heading.SUPPLY,
    ),
)
