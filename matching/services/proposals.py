"""A caseworker decides on a proposal of a run: take it over, choose another place, or decline.

Each decision is made once, in own words, and kept beside the proposal. Lock order: proposal, then
intake moment and need as everywhere.
"""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext_lazy as _

from backend.accounts.public import Actor
from backend.audit.public import record
from backend.common import clock
from backend.common.errors import InvalidError, Violation
from backend.common.locks import lock_row
from backend.common.transactions import service
from matching import policies
from matching.choices import NeedState, ProposalDecisionKind
from matching.errors import (
    NeedNotWaitingError,
    ProposalDecidedError,
    ProposalExpiredError,
    ProposalWithoutPlaceError,
    ReasonRequiredError,
)
from matching.models import MatchProposal, Placement, ProposalDecision
from matching.services.placements import Choice, placement_create
from matching.services.recommendations import recommendation_create
from matching.waiting_choices import DeclineReason


@service
def proposal_accept(
    *,
    actor: Actor,
    proposal: MatchProposal,
    motivation: str = "",
    intake_moment: Any = None,
    overruled_rules: Collection[str] = (),
    overrule_reason: str = "",
    offer: bool = True,
) -> Placement:
    """The proposed place, or `intake_moment` in its stead, is offered (or only held) for the need.

    A new match record holds what was weighed at this moment. Raises ReasonRequiredError without
    `motivation`, ProposalWithoutPlaceError, ProposalDecidedError, ProposalExpiredError and as
    `placement_create`.
    """
    policies.require_place(actor, proposal.need.municipality_id)
    chosen = intake_moment or proposal.intake_moment
    if chosen is None:
        raise ProposalWithoutPlaceError
    if not motivation.strip():
        raise ReasonRequiredError(
            violations=[Violation("motivation", "required", _("Write why you choose this place."))]
        )
    proposal = _undecided(proposal)
    match_record = recommendation_create(actor=actor, need=proposal.need, run=proposal.run)
    placement = placement_create(
        actor=actor,
        choice=Choice(
            need=proposal.need,
            intake_moment=chosen,
            match_record=match_record,
            proposal=proposal,
            motivation=motivation,
            overruled_rules=overruled_rules,
            overrule_reason=overrule_reason,
        ),
        offer=offer,
    )
    is_other = chosen.pk != proposal.intake_moment_id
    kind = ProposalDecisionKind.OTHER if is_other else ProposalDecisionKind.ACCEPTED
    _decide(proposal, actor, kind, motivation=motivation)
    return placement


@service
def proposal_decline(
    *, actor: Actor, proposal: MatchProposal, reason: str, motivation: str = ""
) -> ProposalDecision:
    """The person keeps waiting; no later run proposes this start to this person again.

    Raises NotAllowedError, InvalidError, ProposalWithoutPlaceError, ProposalDecidedError,
    ProposalExpiredError, NeedNotWaitingError.
    """
    policies.require_place(actor, proposal.need.municipality_id)
    if reason not in DeclineReason.values:
        raise InvalidError(
            violations=[Violation("reason", "not_a_reason", _("Choose one of the reasons."))]
        )
    if proposal.intake_moment_id is None:
        raise ProposalWithoutPlaceError
    proposal = _undecided(proposal)
    if proposal.need.state != NeedState.WAITING:
        raise NeedNotWaitingError
    return _decide(
        proposal, actor, ProposalDecisionKind.DECLINED, reason=reason, motivation=motivation
    )


def _undecided(proposal: MatchProposal) -> MatchProposal:
    """The proposal, locked, on which nobody has decided and which still is the last word."""
    found = lock_row(
        MatchProposal.objects.select_related("run", "need", "intake_moment"), proposal.pk
    )
    if ProposalDecision.objects.filter(proposal=found).exists():
        raise ProposalDecidedError
    expires_at = found.run.expires_at
    later = MatchProposal.objects.filter(need=found.need_id, pk__gt=found.pk)
    if expires_at is None or expires_at <= clock.now() or later.exists():
        raise ProposalExpiredError
    return found


def _decide(
    proposal: MatchProposal,
    actor: Actor,
    kind: ProposalDecisionKind,
    *,
    reason: str = "",
    motivation: str = "",
) -> ProposalDecision:
    decision = ProposalDecision.objects.create(
        proposal=proposal,
        kind=kind,
        reason_code=reason,
        motivation=motivation,
        actor_key=actor.key,
        actor_label=actor.label,
    )
    record(
        actor=actor,
        action=f"proposal.{kind.value}",
        subject=proposal,
        after={"decision": kind.value, "reason": reason},
        reason=motivation,
        organisation_ids=[proposal.need.municipality_id],
    )
    return decision
