"""Seats of an intake moment as rows; expiry is a condition in the query, never a clean-up job."""

from django.db import models
from django.db.models import Q

from backend.common.records import Record
from backend.organisations.models import Organisation
from providers.choices import SeatState
from providers.models.catalogue import IntakeMoment
from providers.querysets import SeatClaimQuerySet


class SeatClaim(Record):
    """One seat that is held until a moment, taken, or given back.

    free seats = seats_total - confirmed - holds with expires_at in the future.
    """

    intake_moment = models.ForeignKey(
        IntakeMoment, on_delete=models.PROTECT, related_name="seat_claims"
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The municipality that claims the seat.",
    )
    state = models.CharField(max_length=9, choices=SeatState.choices)
    expires_at = models.DateTimeField(null=True, blank=True)
    overbooked_reason = models.CharField(max_length=400, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = SeatClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=SeatState.HOLD) | Q(expires_at__isnull=False),
                name="providers_seatclaim_hold_expires",
            ),
        ]
        indexes = [
            models.Index(
                fields=["intake_moment", "expires_at"],
                condition=~Q(state=SeatState.RELEASED),
                name="providers_seatclaim_live",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.intake_moment_id} {self.state}"
