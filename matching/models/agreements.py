"""What municipality and person agreed beside the learning route, and a move to elsewhere."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.common.records import Record
from backend.organisations.permissions import Permission
from matching.agreement_choices import TalkForm
from matching.models.participant import Participant
from matching.models.pip import Pip


class OfPersonQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(
            participant__municipality__in=actor.with_permission(Permission.VIEW_PARTICIPANTS)
        )


class PipAgreements(Record):
    """The broad intake in short and the agreements of a PIP (Wet inburgering 2021, art. 14, 15).

    Of the person, and kept apart from the plan: matching never reads it.
    """

    participant = models.OneToOneField(
        Participant, on_delete=models.CASCADE, related_name="agreements"
    )
    intake_date = models.DateField(_("date of the broad intake"), null=True, blank=True)
    intake_summary = models.CharField(_("broad intake in short"), max_length=1500, blank=True)
    dual_activities = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("beside the lessons"),
        default=list,
        blank=True,
    )
    pvt_hours = models.PositiveSmallIntegerField(_("hours of PVT"), null=True, blank=True)
    map_hours = models.PositiveSmallIntegerField(_("hours of MAP"), null=True, blank=True)
    guidance_until = models.DateField(_("social guidance until"), null=True, blank=True)
    unburdening_until = models.DateField(_("financial unburdening until"), null=True, blank=True)
    # Empty: what the policy of the municipality says.
    talk_interval_weeks = models.PositiveSmallIntegerField(
        _("weeks between progress talks"), null=True, blank=True
    )

    objects = OfPersonQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(talk_interval_weeks__isnull=True)
                | Q(talk_interval_weeks__range=(1, 52)),
                name="matching_agreements_talk_interval",
            )
        ]

    def __str__(self) -> str:
        return f"agreements {self.participant_id}"


class ProgressTalk(Record):
    """A talk about progress that was held; the next is due after the agreed number of weeks."""

    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="progress_talks"
    )
    held_on = models.DateField(_("held on"))
    form = models.CharField(_("how"), max_length=9, choices=TalkForm.choices)
    recorded_by_label = models.CharField(max_length=200)

    objects = OfPersonQuerySet.as_manager()

    class Meta:
        ordering = ["-held_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "held_on"], name="matching_progresstalk_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.participant_id} {self.held_on}"


class ParticipantMove(Record):
    """The person moved: here ends what the old municipality does, there begins the new one.

    Each municipality keeps its own row of the person; neither sees the other's.
    """

    source = models.OneToOneField(Participant, on_delete=models.PROTECT, related_name="moved_to")
    target = models.OneToOneField(Participant, on_delete=models.PROTECT, related_name="moved_from")
    moved_on = models.DateField(_("moved on"))
    pip = models.ForeignKey(Pip, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["-moved_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(source=F("target")), name="matching_move_elsewhere")
        ]

    def __str__(self) -> str:
        return f"{self.source_id} to {self.target_id}"
