"""Holding a seat for a need and offering the place: the municipality's side of a placement."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from backend.accounts.public import Actor
from backend.audit.public import AuditEvent, change_event, record
from backend.common import clock
from backend.common.business_days import add_business_days
from backend.common.errors import InvalidError, NotAllowedError, Violation
from backend.common.events import publish
from backend.common.locks import lock_row
from backend.common.transactions import service
from backend.common.write_set import Change, write_rows
from matching import policies
from matching.choices import OPEN_PLACEMENT_STATES, NeedState, PlacementState
from matching.errors import (
    NeedNotWaitingError,
    PlacementExpiredError,
    PlacementInfeasibleError,
    ReasonRequiredError,
    RulesNotNamedError,
    TransitionError,
)
from matching.events import PlacementOffered, SeatHeld
from matching.models import (
    MatchingPolicy,
    MatchProposal,
    MatchRecord,
    Need,
    Placement,
)
from matching.selectors.pair import PairFacts, pair_facts_locked
from matching.selectors.policy import policy_in_force
from matching.services.notices import notice_rows
from matching.services.placement_events import (
    Step,
    event_of,
    parties,
    parties_of,
    replayed,
    step_begin,
    step_take,
)
from matching.services.placement_rules import (
    OVERRULABLE,
    Judgement,
    judge,
    not_searched,
    violations_of,
)
from matching.services.recommendations import recommendation_create
from providers.models import IntakeMoment
from providers.public import IntakeFullError, seat_extend, seat_hold_prepare


@dataclass(frozen=True)
class Choice:
    """What a caseworker decided: which place for whom, on which ground, in whose own words."""

    need: Need
    intake_moment: IntakeMoment
    match_record: MatchRecord | None = None
    proposal: MatchProposal | None = None
    motivation: str = ""
    # The rules of fit that are set aside, each by name, and why: one reason never takes along a
    # rule that nobody thought of, such as a start that has become full.
    overruled_rules: Collection[str] = ()
    overrule_reason: str = ""


@service
def seat_hold_for_need(
    *, actor: Actor, choice: Choice, message_id: UUID | None = None
) -> Placement:
    """A draft placement with a seat that is held for the policy's number of hours.

    Every rule of domain.md 9.1 is checked on today's facts and all that fail are named; what is
    only a matter of fit may be set aside by name, by somebody with OVERRULE and a reason. Lock
    order is PIP, intake moment, need. Raises NotAllowedError, ReasonRequiredError,
    RulesNotNamedError, PlacementInfeasibleError, IntakeFullError, IntakeNotOpenError,
    NeedNotWaitingError, TemporarilyExemptError, BusyError.
    """
    return _place(actor, choice, message_id, offer=False)


@service
def placement_create(
    *, actor: Actor, choice: Choice, offer: bool = False, message_id: UUID | None = None
) -> Placement:
    """Holds a seat and, with `offer`, asks the provider in the same act: both or neither.

    Raises as `seat_hold_for_need`.
    """
    return _place(actor, choice, message_id, offer=offer)


def _place(actor: Actor, choice: Choice, message_id: UUID | None, *, offer: bool) -> Placement:
    """The only way to a seat: rules, then seat, then need, then the rows that tell of it."""
    need, intake = choice.need, choice.intake_moment
    policies.require_place(actor, need.municipality_id)
    if message_id and (known := replayed(message_id, PlacementState.DRAFT)):
        return known
    _check_grounds(choice)
    facts = pair_facts_locked(
        pip_id=need.pip_id,
        need_id=need.pk,
        intake_moment_id=intake.pk,
        municipality_id=need.municipality_id,
        on=clock.today(),
    )
    if facts.need is None:
        raise not_searched(need.pk)
    judged = _judged(actor, choice, facts)
    match_record = choice.match_record or recommendation_create(actor=actor, need=need)
    rules = facts.policy
    due = answer_due(rules) if offer else None
    claim = seat_hold_prepare(
        actor=actor,
        intake_moment_id=intake.pk,
        organisation_id=need.municipality_id,
        expires_at=due or clock.now() + timedelta(hours=rules.hold_hours),
        overbook_reason=choice.overrule_reason if "SEATS" in judged.failed else "",
    )
    steps = [Step(PlacementState.DRAFT, message_id=message_id)]
    if offer:
        steps.append(Step(PlacementState.OFFERED))
    placement = Placement(
        need_id=need.pk,
        participant_id=judged.participant_id,
        municipality_id=need.municipality_id,
        provider_organisation_id=judged.provider_organisation_id,
        intake_moment=intake,
        seat_claim=claim,
        match_record=match_record,
        proposal=choice.proposal,
        state=steps[-1].state,
        motivation=choice.motivation,
        overruled_rules=list(judged.failed),
        is_referral=judged.is_referral,
        offered_at=clock.now() if offer else None,
        answer_due_at=due,
    )
    rows = [
        claim,
        placement,
        *(event_of(placement, actor, step) for step in steps),
        _history(placement, actor, choice, match_record),
        *(notice_rows(placement, PlacementState.OFFERED) if offer else ()),
    ]
    # Lock, check and write of the need in the same statement: whoever comes second finds it taken.
    waiting = Change(Need, need.pk, "state", NeedState.WAITING, NeedState.OFFERED)
    if not write_rows(rows, if_changed=waiting):
        raise NeedNotWaitingError
    publish(SeatHeld(*parties(placement)))
    if offer:
        publish(PlacementOffered(*parties(placement)))
    return placement


@service
def placement_offer(
    *, actor: Actor, placement: Placement, motivation: str = "", message_id: UUID | None = None
) -> Placement:
    """The held place is offered to the provider, which has the policy's working days to answer.

    The seat stays held until the answer is due. A hold that has run out is taken again when there
    is room. Raises NotAllowedError, TransitionError, IntakeFullError, BusyError.
    """
    policies.require_place(actor, placement.municipality_id)
    placement, is_replay = step_begin(placement, PlacementState.OFFERED, message_id)
    if is_replay:
        return placement
    rules = policy_in_force(organisation_id=placement.municipality_id, on=clock.today())
    placement.offered_at = clock.now()
    placement.answer_due_at = answer_due(rules)
    if motivation:
        placement.motivation = motivation
    seat_extend(
        actor=actor, seat_claim_id=placement.seat_claim_id, expires_at=placement.answer_due_at
    )
    step_take(
        placement,
        actor,
        Step(PlacementState.OFFERED, message_id=message_id),
        fields=("offered_at", "answer_due_at", "motivation"),
    )
    publish(PlacementOffered(*parties(placement)))
    return placement


@service
def placement_motivate(*, actor: Actor, placement: Placement, motivation: str) -> Placement:
    """The caseworker's own words for this choice, until the place has ended.

    Raises NotAllowedError, TransitionError.
    """
    policies.require_place(actor, placement.municipality_id)
    placement = lock_row(Placement.objects.all(), placement.pk)
    if placement.state not in OPEN_PLACEMENT_STATES:
        raise TransitionError
    before = placement.motivation
    placement.motivation = motivation
    placement.save(update_fields=["motivation", "changed_at"])
    record(
        actor=actor,
        action="placement.motivated",
        subject=placement,
        before={"motivation": before},
        after={"motivation": motivation},
        organisation_ids=[placement.municipality_id],
    )
    return placement


def answer_due(rules: MatchingPolicy) -> datetime:
    """The end of the last working day on which the provider may answer."""
    last_day = add_business_days(clock.today(), rules.answer_business_days)
    return datetime.combine(last_day, time(23, 59, 59), tzinfo=clock.NETHERLANDS)


def require_in_time(placement: Placement) -> None:
    """Reservations end by their moment, whether or not the clean-up has come by."""
    if placement.answer_due_at is not None and placement.answer_due_at <= clock.now():
        raise PlacementExpiredError


def _history(
    placement: Placement, actor: Actor, choice: Choice, match_record: MatchRecord
) -> AuditEvent:
    """What history keeps of a new placement."""
    return change_event(
        actor=actor,
        action="placement.held" if placement.offered_at is None else "placement.offered",
        subject=placement,
        after={
            "state": placement.state,
            "intake_moment": str(choice.intake_moment.uuid),
            "match_record": str(match_record.uuid),
            "overruled_rules": placement.overruled_rules,
        },
        reason=choice.overrule_reason or choice.motivation,
        organisation_ids=parties_of(placement),
    )


def _check_grounds(choice: Choice) -> None:
    """The match record, when given, is one of this need."""
    found = choice.match_record
    if found is not None and found.need_id != choice.need.pk:
        raise InvalidError(
            violations=[
                Violation("match_record", "other_need", _("This match record is of another need."))
            ]
        )


def _judged(actor: Actor, choice: Choice, facts: PairFacts) -> Judgement:
    """The judgement, when it allows the place as it is or with the right to overrule."""
    judged = judge(facts, municipality_id=choice.need.municipality_id)
    if not judged.failed:
        return judged
    is_fit_only = OVERRULABLE.issuperset(judged.failed)
    allowed = policies.may_overrule(actor, choice.need.municipality_id)
    if is_fit_only and allowed:
        _require_named(choice, judged)
        return judged
    if is_fit_only and choice.overrule_reason:
        raise NotAllowedError(code="overrule_not_allowed")
    if judged.failed == ("SEATS",):
        raise IntakeFullError(violations=judged.violations)
    raise PlacementInfeasibleError(violations=judged.violations)


def _require_named(choice: Choice, judged: Judgement) -> None:
    if not choice.overrule_reason:
        raise ReasonRequiredError(violations=judged.violations)
    unnamed = tuple(code for code in judged.failed if code not in choice.overruled_rules)
    if unnamed:
        raise RulesNotNamedError(violations=violations_of(unnamed))
