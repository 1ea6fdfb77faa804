"""Closed lists of the feed. The kinds of events are part of the API: none changes or goes away."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.organisations.permissions import Permission

TYPE_PREFIX = "nl.passend."


class EventKind(models.TextChoices):
    """What an event tells; those of one resource follow its states."""

    PLACEMENT_OFFERED = "placement.offered", _("Place offered")
    PLACEMENT_ACCEPTED = "placement.accepted", _("Place accepted")
    PLACEMENT_REFUSED = "placement.refused", _("Place refused")
    PLACEMENT_EXPIRED = "placement.expired", _("Place expired")
    PLACEMENT_WITHDRAWN = "placement.withdrawn", _("Place withdrawn")
    PLACEMENT_STARTED = "placement.started", _("Lessons started")
    PLACEMENT_STOPPED = "placement.stopped", _("Lessons stopped")
    NEED_WAITING = "need.waiting", _("Somebody waits for a place")
    SEAT_OFFER_OPEN = "seat-offer.open", _("Free seat held for the next person")
    SEAT_OFFER_TAKEN = "seat-offer.taken", _("Free seat taken")
    SEAT_OFFER_DECLINED = "seat-offer.declined", _("Free seat passed on")
    SEAT_OFFER_EXPIRED = "seat-offer.expired", _("Free seat not taken in time")
    SEAT_OFFER_ENDED = "seat-offer.ended", _("Free seat no longer needed")
    GROUP_REQUEST_OPEN = "group-request.open", _("Group asked for")
    GROUP_REQUEST_POSTPONED = "group-request.postponed", _("More time to bid for a group")
    GROUP_REQUEST_CLOSED = "group-request.closed", _("Time to bid for a group has passed")
    GROUP_REQUEST_AWARDED = "group-request.awarded", _("Group chosen")
    GROUP_REQUEST_WITHDRAWN = "group-request.withdrawn", _("Request for a group withdrawn")
    GROUP_BID_SUBMITTED = "group-bid.submitted", _("Bid for a group submitted")
    GROUP_BID_WITHDRAWN = "group-bid.withdrawn", _("Bid for a group taken back")
    GROUP_BID_AWARDED = "group-bid.awarded", _("Bid for a group chosen")
    GROUP_BID_NOT_CHOSEN = "group-bid.not_chosen", _("Bid for a group not chosen")
    MATCH_RUN_FINISHED = "match-run.finished", _("Proposals of a run are ready")
    INTAKE_CANCELLED = "intake-moment.cancelled", _("Start cancelled")
    INTAKE_MOVED = "intake-moment.moved", _("Start moved")
    PING = "ping", _("Test message")


class Resource(models.TextChoices):
    """Where in the API the subject of an event is read."""

    PLACEMENTS = "placements", _("Place")
    NEEDS = "needs", _("Need")
    SEAT_OFFERS = "seat-offers", _("Free seat")
    GROUP_REQUESTS = "group-requests", _("Request for a group")
    GROUP_BIDS = "group-bids", _("Bid for a group")
    MATCH_RUNS = "match-runs", _("Run")
    INTAKE_MOMENTS = "intake-moments", _("Start")
    SUBSCRIPTIONS = "webhook-subscriptions", _("Webhook")


class DeliveryState(models.TextChoices):
    """waiting > delivered, or > failed (tried again) > given up; a person may send again."""

    WAITING = "waiting", _("Waiting")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed, is tried again")
    GIVEN_UP = "given_up", _("Given up")


class DeliveryError(models.TextChoices):
    """Why an attempt did not succeed."""

    UNREACHABLE = "unreachable", _("No connection, or no answer in time")
    TLS = "tls", _("Certificate or encryption not in order")
    REFUSED_TARGET = "refused_target", _("Address is not a public one")
    STATUS = "status", _("The system did not answer with success")
    PAUSED = "paused", _("The subscription was paused")


class SubscriptionState(models.TextChoices):
    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")


# Seeing the objects that events are about; machine clients that do may subscribe to the events.
EVENT_PERMISSIONS = (
    Permission.VIEW_PARTICIPANTS,
    Permission.ANSWER_PLACEMENTS,
    Permission.VIEW_DELIVERY,
)
