"""The municipality's published matching policy: weights, limits and priority, in versions."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.common.records import Record
from backend.organisations.models import Organisation
from matching.choices import PriorityMode
from matching.querysets import PolicyQuerySet


class MatchingPolicy(Record):
    """One version of the policy of a municipality or region, or the default (no organisation)."""

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="matching_policies",
        null=True,
        blank=True,
    )
    version = models.PositiveIntegerField()
    valid_from = models.DateField()
    weights = models.JSONField(_("weights"))
    max_travel_km = models.PositiveSmallIntegerField(_("travel limit in km"))
    urgent_within_days = models.PositiveSmallIntegerField(_("urgent within days"))
    long_wait_days = models.PositiveSmallIntegerField(_("long wait in days"))
    priority = models.CharField(_("priority"), max_length=6, choices=PriorityMode.choices)
    seed = models.PositiveIntegerField(_("published tie-break number"))
    hold_hours = models.PositiveSmallIntegerField(_("hours a seat is held"), default=48)
    answer_business_days = models.PositiveSmallIntegerField(
        _("working days in which a provider answers"), default=5
    )
    # Long enough to speak with people, short enough that seats are not kept from others.
    proposal_business_days = models.PositiveSmallIntegerField(
        _("working days that a proposal keeps its seat"), default=5
    )
    # A start so near is not moved to another person by the next run: letters have gone out.
    freeze_days = models.PositiveSmallIntegerField(
        _("days before a start in which its proposals stay"), default=14
    )

    # What the law leaves to the municipality (Wet inburgering 2021, art. 17; domain.md 2.3).
    talk_interval_weeks = models.PositiveSmallIntegerField(
        _("weeks between progress talks"), default=13
    )
    absence_percent = models.PositiveSmallIntegerField(
        _("signal from this percentage of unauthorised absence"), default=20
    )
    absence_weeks = models.PositiveSmallIntegerField(_("counted over so many weeks"), default=4)
    absence_in_row = models.PositiveSmallIntegerField(
        _("signal from so many lessons missed in a row"), default=3
    )
    retention_months = models.PositiveSmallIntegerField(
        _("months that personal details stay after the end"), default=60
    )
    letter_opening = models.CharField(
        _("first sentences of the letter"), max_length=400, blank=True
    )
    letter_closing = models.CharField(_("last sentences of the letter"), max_length=400, blank=True)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "version"],
                name="matching_policy_version",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(version__gt=0) & Q(max_travel_km__gt=0) & Q(hold_hours__gt=0),
                name="matching_policy_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation or 'default'} v{self.version}"
