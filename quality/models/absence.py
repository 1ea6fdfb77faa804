"""Absence above what the municipality accepts: a task of caseworkers until one closes it."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.common.records import Record
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from matching.models import MatchingPolicy, Placement
from quality.choices import AbsenceOutcome, AbsenceReason, AbsenceState


class AbsenceSignalQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Caseworkers of the own municipality; what is done about it is no business of a school."""
        return self.filter(municipality__in=actor.with_permission(Permission.MANAGE_PIPS))

    def open(self) -> Self:
        return self.filter(state=AbsenceState.OPEN)


class AbsenceSignal(Record):
    """Lessons missed without a valid reason, counted under the policy of that day; facts stay."""

    placement = models.ForeignKey(
        Placement, on_delete=models.PROTECT, related_name="absence_signals"
    )
    municipality = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="absence_signals"
    )
    policy = models.ForeignKey(MatchingPolicy, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=7, choices=AbsenceReason.choices)
    # The lessons that were counted: recorded ones, the first and the last day among them.
    first_date = models.DateField(_("first lesson counted"))
    last_date = models.DateField(_("last lesson counted"))
    lessons = models.PositiveSmallIntegerField(_("lessons recorded"))
    missed = models.PositiveSmallIntegerField(_("lessons missed without a valid reason"))
    in_row = models.PositiveSmallIntegerField(_("of which the last in a row"))
    percent = models.PositiveSmallIntegerField(_("percentage of the lesson time missed"))
    state = models.CharField(
        _("status"), max_length=6, choices=AbsenceState.choices, default=AbsenceState.OPEN
    )
    outcome = models.CharField(
        _("what came of it"), max_length=20, choices=AbsenceOutcome.choices, blank=True
    )
    note = models.CharField(_("note"), max_length=1000, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by_label = models.CharField(_("closed by"), max_length=200, blank=True)

    objects = AbsenceSignalQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["-created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["placement"], condition=Q(state="open"), name="quality_absence_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state="open", outcome="", closed_at__isnull=True)
                | (Q(state="closed", closed_at__isnull=False) & ~Q(outcome="")),
                name="quality_absence_closed_with_outcome",
            ),
            models.CheckConstraint(
                condition=Q(missed__lte=F("lessons"), percent__lte=100),
                name="quality_absence_counts",
            ),
        ]
        indexes = [
            models.Index(
                fields=["municipality", "state", "created_at"], name="quality_absence_list"
            )
        ]

    def __str__(self) -> str:
        return f"{self.placement_id} {self.reason} {self.state}"
