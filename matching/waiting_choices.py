"""States, steps and reasons of seats offered from the waiting list and of group requests."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SeatOfferState(models.TextChoices):
    OPEN = "open", _("Waits for a decision")
    TAKEN = "taken", _("Place offered to the provider")
    DECLINED = "declined", _("Passed on to the next person")
    EXPIRED = "expired", _("Not decided in time")
    ENDED = "ended", _("No longer needed")


# Whoever was asked for a start is not asked again for the same start.
SEAT_OFFER_TRANSITIONS: dict[SeatOfferState, frozenset[SeatOfferState]] = {
    SeatOfferState.OPEN: frozenset(
        {
            SeatOfferState.TAKEN,
            SeatOfferState.DECLINED,
            SeatOfferState.EXPIRED,
            SeatOfferState.ENDED,
        }
    ),
    SeatOfferState.TAKEN: frozenset(),
    SeatOfferState.DECLINED: frozenset(),
    SeatOfferState.EXPIRED: frozenset(),
    SeatOfferState.ENDED: frozenset(),
}


class SeatSource(models.TextChoices):
    """How the seat came free."""

    PLACE_ENDED = "place_ended", _("Somebody does not need the place any more")
    SEATS_RAISED = "seats_raised", _("The provider offers more seats")
    START_REOPENED = "start_reopened", _("The provider opened the start again")
    STOP_LIFTED = "stop_lifted", _("An intake stop was lifted")
    PASSED_ON = "passed_on", _("The person before in the order did not take it")
    GROUP_REQUESTED = "group_requested", _("A group was started on request")


class DeclineReason(models.TextChoices):
    NOT_WANTED = "not_wanted", _("The person does not want this place")
    NOT_FITTING = "not_fitting", _("The place does not fit after all")
    NOT_REACHED = "not_reached", _("The person could not be reached")
    OTHER_PLACE = "other_place", _("Another place is better")


class SeatOfferEnd(models.TextChoices):
    """Why an offer ended without a decision."""

    PLACED_ELSEWHERE = "placed_elsewhere", _("The person got another place")
    START_CANCELLED = "start_cancelled", _("The start was cancelled")


class GroupRequestState(models.TextChoices):
    OPEN = "open", _("Providers can answer")
    CLOSED = "closed", _("Answers can be compared")
    AWARDED = "awarded", _("A group was chosen")
    WITHDRAWN = "withdrawn", _("Withdrawn")


GROUP_REQUEST_TRANSITIONS: dict[GroupRequestState, frozenset[GroupRequestState]] = {
    # A coordinator need not wait for the deadline when everybody has answered.
    GroupRequestState.OPEN: frozenset(
        {GroupRequestState.CLOSED, GroupRequestState.AWARDED, GroupRequestState.WITHDRAWN}
    ),
    GroupRequestState.CLOSED: frozenset({GroupRequestState.AWARDED, GroupRequestState.WITHDRAWN}),
    GroupRequestState.AWARDED: frozenset(),
    GroupRequestState.WITHDRAWN: frozenset(),
}


class GroupBidState(models.TextChoices):
    SUBMITTED = "submitted", _("Submitted")
    WITHDRAWN = "withdrawn", _("Taken back by the provider")
    AWARDED = "awarded", _("Chosen")
    NOT_CHOSEN = "not_chosen", _("Not chosen")


GROUP_BID_TRANSITIONS: dict[GroupBidState, frozenset[GroupBidState]] = {
    GroupBidState.SUBMITTED: frozenset(
        {GroupBidState.WITHDRAWN, GroupBidState.AWARDED, GroupBidState.NOT_CHOSEN}
    ),
    GroupBidState.WITHDRAWN: frozenset(),
    GroupBidState.AWARDED: frozenset(),
    GroupBidState.NOT_CHOSEN: frozenset(),
}


class Moment(models.TextChoices):
    """What happens on the way to a course, in the order in which it should happen."""

    BRP = "brp", _("Registered in the municipality (BRP)")
    INTAKE = "intake", _("Broad intake")
    PIP = "pip", _("PIP decided")
    SEARCH = "first_search", _("First search for a place")
    OFFER = "offer", _("First offer to a provider")
    ACCEPT = "accept", _("Accepted by the provider")
    PLANNED = "planned_start", _("Planned start")
    START = "start", _("First lesson")
