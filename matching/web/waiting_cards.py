"""Cards of the start page about the waiting list and about supply that is asked for."""

from django.urls import reverse
from django.utils.translation import gettext as _

from backend.accounts.actor import Actor
from backend.organisations.permissions import Permission
from backend.web.dashboard import Card, Tile
from matching.models import SeatOffer


def freed_seats(actor: Actor) -> Card | None:
    """Held seats that wait for a decision of this caseworker's municipality."""
    number = (
        SeatOffer.objects.visible_to(actor)
        .open()
        .filter(municipality__in=actor.with_permission(Permission.PLACE))
        .count()
    )
    return Tile(
        _("Seats that came free"),
        number,
        reverse("seat-offers"),
        _("held for the next person in line"),
        "warning" if number else "success",
    )
