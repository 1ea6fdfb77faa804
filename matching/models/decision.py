"""What a caseworker decided on a proposal of a batch; written once, never changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.common.records import Record
from matching.choices import ProposalDecisionKind
from matching.models.match import MatchProposal
from matching.waiting_choices import DeclineReason


class ProposalDecision(Record):
    """One per proposal: the unique key keeps two caseworkers from both deciding."""

    proposal = models.OneToOneField(
        MatchProposal, on_delete=models.PROTECT, related_name="decision"
    )
    kind = models.CharField(_("decision"), max_length=8, choices=ProposalDecisionKind.choices)
    reason_code = models.CharField(
        _("reason"), max_length=12, choices=DeclineReason.choices, blank=True
    )
    motivation = models.CharField(_("motivation of the caseworker"), max_length=1000, blank=True)
    actor_key = models.CharField(max_length=100)
    actor_label = models.CharField(max_length=200)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.kind}"
