"""Cards of the start page about the waiting list and about supply that is asked for."""

from django.urls import reverse
from django.utils.translation import gettext as _

from backend.accounts.actor import Actor
from backend.organisations.permissions import Permission
from backend.web.dashboard import Card, Tile
from matching.models import GroupRequest, SeatOffer
from matching.waiting_choices import GroupRequestState


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


def asked_groups(actor: Actor) -> Card | None:
    """Requests for a group that this provider can still answer."""
    number = (
        GroupRequest.objects.visible_to(actor)
        .filter(state=GroupRequestState.OPEN)
        .exclude(
            bids__provider__organisation__in=actor.with_permission(Permission.ANSWER_PLACEMENTS)
        )
        .count()
    )
    return Tile(
        _("Groups that are asked for"),
        number,
        f"{reverse('group-requests')}?state=open",
        _("without a bid of yours"),
        "warning" if number else "success",
    )
