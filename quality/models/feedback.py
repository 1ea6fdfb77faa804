"""Feedback of participants, anonymous by construction.

Three things are kept apart, with no key between them: who was invited (`FeedbackInvitation`), which
links still work (`FeedbackTicket`, only the HMAC of the link), and what was answered
(`FeedbackResponse`). A ticket is deleted when it is used. Answers first stand in `FeedbackPending`
and are moved in shuffled batches, so that their order says nothing either. Nothing about a response
carries a moment: its date is that of the round.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.common.constraints import days, no_overlap
from backend.common.records import Record
from backend.organisations.models import Organisation
from matching.models import Participant
from providers.models import Provider
from quality.choices import FeedbackChannel, WaveState
from quality.querysets import WaveQuerySet


class FeedbackWave(Record):
    """A feedback round of a municipality or region; rounds of one sender never overlap."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="feedback_waves"
    )
    name = models.CharField(_("name"), max_length=80)
    opens_date = models.DateField(_("first day"))
    closes_date = models.DateField(_("last day"))
    state = models.CharField(
        _("status"), max_length=7, choices=WaveState.choices, default=WaveState.PLANNED
    )
    questionnaire_version = models.PositiveSmallIntegerField(default=1)
    invited_date = models.DateField(_("invitations made"), null=True, blank=True)

    objects = WaveQuerySet.as_manager()

    class Meta:
        ordering = ["-opens_date", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_date__gte=F("opens_date")), name="quality_feedbackwave_dates"
            ),
            no_overlap(
                "quality_feedbackwave_no_overlap",
                "organisation",
                period=days("opens_date", "closes_date"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FeedbackInvitation(models.Model):
    """A person was asked in a round. Says nothing about a link, and not whether it was used."""

    wave = models.ForeignKey(FeedbackWave, on_delete=models.CASCADE, related_name="invitations")
    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="feedback_invitations"
    )
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["wave", "participant"], name="quality_feedbackinvitation_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wave_id} {self.participant_id}"


class FeedbackTicket(models.Model):
    """A link that still works: the HMAC of its token and the coarse group it belongs to."""

    token_hmac = models.CharField(max_length=64, primary_key=True)
    wave = models.ForeignKey(FeedbackWave, on_delete=models.CASCADE, related_name="tickets")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    stratum = models.CharField(max_length=40)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"ticket of round {self.wave_id}"


class Answers(models.Model):
    """What was answered; `core_sum` over `core_count` is the mean of the eight core questions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wave = models.ForeignKey(FeedbackWave, on_delete=models.CASCADE, related_name="+")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    stratum = models.CharField(max_length=40)
    language = models.CharField(max_length=3)
    channel = models.CharField(max_length=4, choices=FeedbackChannel.choices)
    # Question code to answer code 1..5; never a position on the screen. Absent: no opinion.
    answers = models.JSONField()
    core_sum = models.PositiveSmallIntegerField()
    core_count = models.PositiveSmallIntegerField()

    class Meta:
        abstract = True
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(core_count__range=(0, 8))
                & Q(core_sum__gte=F("core_count"))
                & Q(core_sum__lte=F("core_count") * 5),
                name="quality_%(class)s_core_range",
            ),
        ]

    def __str__(self) -> str:
        return f"answers in round {self.wave_id}"


class FeedbackPending(Answers):
    """Answers that wait for company: moved to the responses in shuffled batches.

    The open answer travels along and is cut off at the move.
    """

    remark = models.TextField(blank=True)


class FeedbackResponse(Answers):
    """One filled-in form, without person, link, moment or order."""

    class Meta(Answers.Meta):
        indexes = [models.Index(fields=["wave", "provider"], name="quality_response_wave")]


class FeedbackRemark(models.Model):
    """An open answer, apart from the other answers: own words point to a person most easily.

    Shown to nobody before a person of the quality team has read it (moderation, later issue).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wave = models.ForeignKey(FeedbackWave, on_delete=models.CASCADE, related_name="remarks")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=3)
    text = models.TextField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"remark in round {self.wave_id}"
