"""How a decision came about: immutable match records, batch runs and their proposals."""

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from backend.common.records import Record
from backend.organisations.models import Organisation
from matching.choices import MatchKind, RunState
from matching.engine import Explanation, unpacked, unpacked_failures
from matching.models.pip import Need
from matching.models.policy import MatchingPolicy
from matching.querysets import MatchRecordQuerySet, MatchRunQuerySet, ProposalQuerySet
from providers.models import IntakeMoment


class MatchRun(Record):
    """A batch over the waiting list of a municipality or region, with its progress and result."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="match_runs"
    )
    requested_by = models.CharField(max_length=100)
    requested_by_label = models.CharField(max_length=200)
    as_of = models.DateField()
    policy = models.ForeignKey(MatchingPolicy, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=7, choices=RunState.choices, default=RunState.QUEUED)
    stage = models.CharField(max_length=40, blank=True)
    progress = models.PositiveSmallIntegerField(default=0)
    summary = models.JSONField(default=dict, blank=True)
    error_reference = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # Until then its proposals keep their seats free of other runs, and wait for a decision.
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = MatchRunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(progress__lte=100), name="matching_matchrun_progress"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.as_of}"


class MatchRecord(Record):
    """All that was weighed for one need: candidates, failed rules, points, near misses.

    Immutable: the database refuses changes. The explanation an objection procedure asks for.
    """

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="match_records")
    run = models.ForeignKey(
        MatchRun, on_delete=models.PROTECT, related_name="records", null=True, blank=True
    )
    kind = models.CharField(max_length=14, choices=MatchKind.choices)
    actor_key = models.CharField(max_length=100)
    actor_label = models.CharField(max_length=200)
    as_of = models.DateField()
    policy = models.ForeignKey(MatchingPolicy, on_delete=models.PROTECT, related_name="+")
    need_facts = models.JSONField(_("facts of the need that were used"))
    result = models.JSONField(_("ranked candidates, counts of failed rules and near misses"))
    # The failed rules of every start that did not fit, packed (`matching.engine.failures`).
    failures = models.BinaryField(default=bytes)

    objects = MatchRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["need", "-created_at"], name="matching_record_latest")]

    def __str__(self) -> str:
        return f"{self.need} {self.created_at:%Y-%m-%d}"

    @property
    def rejected(self) -> dict[tuple[str, ...], list[int]]:
        """Keys of the starts that did not fit, by the rules on which they failed."""
        return unpacked_failures(self.failures)


class MatchProposal(Record):
    """What a batch proposes for one need, or why it proposes nothing. A caseworker decides.

    Ten thousand are stored at once, so a row carries little: the explanation is packed
    (`matching.engine.packed`), and foreign keys are kept by Django alone (PROTECT, CASCADE): the
    database would lock and log every need once more, for a third of the time of a run.
    """

    run = models.ForeignKey(
        MatchRun,
        on_delete=models.CASCADE,
        related_name="proposals",
        db_index=False,  # the unique key below begins with it
        db_constraint=False,
    )
    need = models.ForeignKey(
        Need,
        on_delete=models.PROTECT,
        related_name="proposals",
        db_index=False,  # the index below begins with it
        db_constraint=False,
    )
    intake_moment = models.ForeignKey(
        IntakeMoment,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        db_constraint=False,
    )
    tier = models.PositiveSmallIntegerField()
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    cause = models.CharField(max_length=20, blank=True)
    explanation = models.BinaryField(default=bytes, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["run", "tier", "pk"]
        # Whether a later run speaks of the same need, however many earlier ones did.
        indexes = [models.Index(fields=["need", "id"], name="matching_proposal_of_need")]
        constraints = [
            models.UniqueConstraint(fields=["run", "need"], name="matching_proposal_once"),
            models.CheckConstraint(
                condition=Q(intake_moment__isnull=False, cause="")
                | (Q(intake_moment__isnull=True) & ~Q(cause="")),
                name="matching_proposal_place_or_cause",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} {self.need}"

    @cached_property
    def explained(self) -> Explanation:
        """Why this place, or why none."""
        return unpacked(self.explanation)
