"""Entries of the main navigation."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backend.accounts.public import Actor
from backend.organisations.permissions import Permission
from backend.web.links import register_link
from backend.web.navigation import Heading, NavigationEntry, register
from backend.web.pages import Action
from matching.models import Pip, Placement
from quality import selectors


def delivery_link(actor: Actor, placement: Placement) -> Action | None:
    """What was delivered on an accepted place, for who may see it."""
    if not selectors.placements_delivered_to(actor).filter(pk=placement.pk).exists():
        return None
    return delivery_action(placement)


def delivery_action(placement: Placement) -> Action:
    return Action(_("Attendance, progress and exams"), reverse("delivery", args=[placement.uuid]))


def delivery_link_of_pip(actor: Actor, pip: Pip) -> Action | None:
    """The same for the newest accepted place that follows from a PIP."""
    found = selectors.placements_delivered_to(actor).filter(need__pip=pip).order_by("-pk").first()
    return None if found is None else delivery_action(found)


register_link("placement", "delivery", delivery_link)
register_link("pip", "delivery", delivery_link_of_pip)
register(
    NavigationEntry(
        "lessons",
        _("Lessons"),
        "lessons",
        Permission.RECORD_DELIVERY,
        order=20,
        heading=Heading.QUALITY,
    ),
    NavigationEntry(
        "scorecards",
        _("Quality"),
        "scorecards",
        Permission.VIEW_QUALITY,
        order=60,
        heading=Heading.QUALITY,
    ),
    NavigationEntry(
        "indicators",
        _("Indicator book"),
        "indicators",
        Permission.VIEW_QUALITY,
        order=62,
        heading=Heading.QUALITY,
    ),
    NavigationEntry(
        "absence-signals",
        _("Absence"),
        "absence-signals",
        Permission.MANAGE_PIPS,
        order=21,
        heading=Heading.QUALITY,
    ),
    NavigationEntry(
        "feedback-rounds",
        _("Feedback rounds"),
        "feedback-rounds",
        Permission.MANAGE_QUALITY,
        order=64,
        heading=Heading.QUALITY,
    ),
)
