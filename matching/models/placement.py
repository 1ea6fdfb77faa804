"""A placement: one need in one intake moment, from held seat to last lesson."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.common.records import Record
from backend.organisations.models import Organisation
from matching.choices import OPEN_PLACEMENT_STATES, PlacementState
from matching.models.match import MatchProposal, MatchRecord
from matching.models.participant import Participant
from matching.models.pip import Need
from matching.querysets import PlacementQuerySet
from providers.models import IntakeMoment, SeatClaim


class Placement(Record):
    """Looked at by two parties: the municipality that places and the provider that delivers.

    `state` is what the events say; it is written in the same transaction as the event.
    """

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="placements")
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="placements"
    )
    municipality = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="placements_bought"
    )
    provider_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="placements_delivered"
    )
    intake_moment = models.ForeignKey(
        IntakeMoment, on_delete=models.PROTECT, related_name="placements"
    )
    seat_claim = models.OneToOneField(SeatClaim, on_delete=models.PROTECT, related_name="placement")
    match_record = models.ForeignKey(
        MatchRecord, on_delete=models.PROTECT, related_name="placements"
    )
    proposal = models.OneToOneField(
        MatchProposal, on_delete=models.PROTECT, related_name="placement", null=True, blank=True
    )
    state = models.CharField(
        _("status"), max_length=9, choices=PlacementState.choices, default=PlacementState.DRAFT
    )
    motivation = models.CharField(_("motivation of the caseworker"), max_length=1000, blank=True)
    overruled_rules = ArrayField(
        models.CharField(max_length=16), verbose_name=_("rules set aside"), default=list, blank=True
    )
    is_referral = models.BooleanField(
        _("referral without a municipal price"),
        default=False,
        help_text=_("A leerroute for a family or other migrant is advised, not bought (R-PAY-1)."),
    )
    # Set once the provider has been asked; before that the row is the municipality's own business.
    offered_at = models.DateTimeField(_("offered"), null=True, blank=True)
    answer_due_at = models.DateTimeField(_("answer due"), null=True, blank=True)
    start_date = models.DateField(_("first lesson"), null=True, blank=True)
    end_date = models.DateField(_("last lesson"), null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = PlacementQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["need"],
                condition=Q(state__in=sorted(OPEN_PLACEMENT_STATES)),
                name="matching_placement_one_open",
            )
        ]
        indexes = [
            models.Index(
                fields=["provider_organisation", "state", "answer_due_at"],
                name="matching_placement_inbox",
            ),
            models.Index(
                fields=["municipality", "state", "-created_at"], name="matching_placement_list"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.need} {self.state}"


class PlacementEvent(models.Model):
    """What happened to a placement; append-only, the database refuses changes."""

    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="events")
    message_id = models.UUIDField(unique=True)
    state = models.CharField(max_length=9, choices=PlacementState.choices)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor_key = models.CharField(max_length=100)
    actor_label = models.CharField(max_length=200)
    reason_code = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["placement", "happened_at", "pk"]

    def __str__(self) -> str:
        return f"{self.placement_id} {self.state}"
