"""Households: people whose places have to do with each other, and until when."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.common.records import Record
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from matching.household_choices import Coupling, Wish
from matching.models.participant import Participant


class HouseholdQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(municipality__in=actor.with_permission(Permission.VIEW_PARTICIPANTS))

    def coupled_on(self, day: date) -> Self:
        """Households that start together on this day; after their date the members may split."""
        return self.filter(
            Q(until_date__isnull=True) | Q(until_date__gte=day), coupling=Coupling.TOGETHER
        )


class Household(Record):
    """A household of one municipality, with its policy: together, until a date, or split."""

    municipality = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="households"
    )
    coupling = models.CharField(
        _("start"), max_length=8, choices=Coupling.choices, default=Coupling.TOGETHER
    )
    wish = models.CharField(_("wish"), max_length=14, choices=Wish.choices, default=Wish.SAME_PLACE)
    until_date = models.DateField(
        _("together until"),
        null=True,
        blank=True,
        help_text=_("After this day each member may start alone."),
    )
    participants = models.ManyToManyField(
        Participant, through="HouseholdMember", related_name="households"
    )
    changed_at = models.DateTimeField(auto_now=True)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["municipality", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(coupling=Coupling.TOGETHER) | Q(until_date__isnull=True),
                name="matching_household_until_together",
            )
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class HouseholdMember(models.Model):
    """A person is in one household at most."""

    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="members")
    participant = models.OneToOneField(
        Participant, on_delete=models.CASCADE, related_name="household_member"
    )

    class Meta:
        ordering = ["household", "pk"]

    def __str__(self) -> str:
        return str(self.participant)
