"""What became of moving a group of people away from a provider, for each of them."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.common.records import Record
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from matching.models.placement import Placement
from providers.models import IntakeMoment, Provider


class GroupTransferQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Whoever places for the municipality."""
        return self.filter(municipality__in=actor.with_permission(Permission.PLACE))


class GroupTransfer(Record):
    """People of one municipality who were to leave one provider together. Kept for good."""

    municipality = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="group_transfers"
    )
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="group_transfers", verbose_name=_("from")
    )
    # A label of a person, not a key: a report outlives an account.
    made_by = models.CharField(_("by"), max_length=200)
    approval = models.CharField(_("written approval of Blik op Werk"), max_length=300, blank=True)
    moved = models.PositiveIntegerField(_("moved"), default=0)
    stayed = models.PositiveIntegerField(_("stayed"), default=0)

    objects = GroupTransferQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("group transfer")

    def __str__(self) -> str:
        return f"{self.provider} {self.created_at:%d-%m-%Y}"


class TransferOutcome(models.Model):
    """One person of a group transfer: the new place, or why there is none."""

    transfer = models.ForeignKey(GroupTransfer, on_delete=models.CASCADE, related_name="outcomes")
    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="+")
    intake_moment = models.ForeignKey(IntakeMoment, on_delete=models.PROTECT, related_name="+")
    new_placement = models.ForeignKey(
        Placement, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    code = models.CharField(max_length=60, blank=True)
    message = models.TextField(blank=True)

    class Meta:
        ordering = ["transfer", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(new_placement__isnull=True) | Q(code=""),
                name="matching_transferoutcome_moved_or_not",
            )
        ]

    def __str__(self) -> str:
        return f"{self.transfer_id} {self.placement_id}"
