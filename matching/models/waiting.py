"""A seat that came free, held for the next person of the waiting list until somebody decides."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.common.records import Record
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from matching.models.pip import Need
from matching.models.placement import Placement
from matching.models.policy import MatchingPolicy
from matching.waiting_choices import SeatOfferState, SeatSource
from providers.models import IntakeMoment, SeatClaim


class SeatOfferQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """A held seat is the municipality's own business, as a draft placement is."""
        return self.filter(municipality__in=actor.with_permission(Permission.VIEW_PARTICIPANTS))

    def open(self) -> Self:
        return self.filter(state=SeatOfferState.OPEN)


class SeatOffer(Record):
    """The next person in the published order, for a seat that came free; a caseworker decides.

    The seat is held by a claim with an expiry. The need goes on waiting until the offer is taken:
    then it is a placement like any other.
    """

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="seat_offers")
    municipality = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="seat_offers"
    )
    intake_moment = models.ForeignKey(
        IntakeMoment, on_delete=models.PROTECT, related_name="seat_offers"
    )
    seat_claim = models.OneToOneField(
        SeatClaim, on_delete=models.PROTECT, related_name="seat_offer"
    )
    # The policy and class under which the person came first.
    policy = models.ForeignKey(MatchingPolicy, on_delete=models.PROTECT, related_name="+")
    tier = models.PositiveSmallIntegerField(_("urgency"))
    source = models.CharField(_("how the seat came free"), max_length=15, choices=SeatSource)
    passed_over = models.JSONField(
        _("people before in the order whom the place does not fit, by rule"),
        default=dict,
        blank=True,
    )
    state = models.CharField(
        _("status"), max_length=8, choices=SeatOfferState, default=SeatOfferState.OPEN
    )
    expires_at = models.DateTimeField(_("held until"))
    reason = models.CharField(_("reason"), max_length=20, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by_label = models.CharField(_("decided by"), max_length=200, blank=True)
    placement = models.OneToOneField(
        Placement, on_delete=models.PROTECT, related_name="seat_offer", null=True, blank=True
    )

    objects = SeatOfferQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["expires_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["need"], condition=Q(state="open"), name="matching_seatoffer_one_open"
            ),
            models.UniqueConstraint(
                fields=["intake_moment", "need"], name="matching_seatoffer_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(state="taken", placement__isnull=False)
                | (~Q(state="taken") & Q(placement__isnull=True)),
                name="matching_seatoffer_taken_has_place",
            ),
        ]
        indexes = [
            models.Index(
                fields=["municipality", "state", "expires_at"], name="matching_seatoffer_list"
            )
        ]

    def __str__(self) -> str:
        return f"{self.need} {self.state}"
