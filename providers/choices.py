"""States and code lists of the supply side."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MarkKind(models.TextChoices):
    """Which recognition a provider holds (Wet inburgering 2021, art. 32)."""

    KEURMERK = "keurmerk", _("Quality mark for civic integration (Blik op Werk)")
    TST = "tst", _("Recognition of the language bridging programme (TST)")


class MarkStatus(models.TextChoices):
    VALID = "valid", _("Valid")
    ASPIRANT = "aspirant", _("Candidate")
    SUSPENDED = "suspended", _("Suspended")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# Statuses under which a placement is allowed (R-KEU-1, R-KEU-2).
MARK_STATUSES_IN_FORCE = frozenset({MarkStatus.VALID, MarkStatus.ASPIRANT})


class DeliveryMode(models.TextChoices):
    ONSITE = "onsite", _("At the location")
    ONLINE = "online", _("Online")
    HYBRID = "hybrid", _("Partly online")


class IntakeStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


INTAKE_TRANSITIONS: dict[IntakeStatus, frozenset[IntakeStatus]] = {
    IntakeStatus.DRAFT: frozenset({IntakeStatus.PUBLISHED, IntakeStatus.CANCELLED}),
    IntakeStatus.PUBLISHED: frozenset({IntakeStatus.CLOSED, IntakeStatus.CANCELLED}),
    # A provider may find a teacher after all and open the start again.
    IntakeStatus.CLOSED: frozenset({IntakeStatus.PUBLISHED, IntakeStatus.CANCELLED}),
    IntakeStatus.CANCELLED: frozenset(),
}


class SeatState(models.TextChoices):
    HOLD = "hold", _("Held")
    CONFIRMED = "confirmed", _("Taken")
    RELEASED = "released", _("Released")


SEAT_TRANSITIONS: dict[SeatState, frozenset[SeatState]] = {
    SeatState.HOLD: frozenset({SeatState.CONFIRMED, SeatState.RELEASED}),
    SeatState.CONFIRMED: frozenset({SeatState.RELEASED}),
    SeatState.RELEASED: frozenset(),
}
