"""People go from one provider to another, when a mark falls away, a start is cancelled or a school
stops: the place they had ends, and the new one is offered, in one act per person.

A place that was not begun is withdrawn; one that runs is stopped on a day (JZ588 38). The call-off
gives back what was not delivered; the new provider's acceptance opens its own.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.public import Actor
from backend.common import clock
from backend.common.errors import DomainError, InvalidError, Violation
from backend.common.events import publish
from backend.common.transactions import service
from matching import policies
from matching.choices import (
    OPEN_PLACEMENT_STATES,
    NeedState,
    PlacementState,
    StopReason,
    WithdrawalReason,
)
from matching.errors import TransferApprovalError, TransitionError
from matching.events import PlacementStopped
from matching.models import Placement, PlacementEvent
from matching.services.placement_events import Step, need_move, parties, step_begin, step_take
from matching.services.placement_steps import placement_withdraw
from matching.services.placements import Choice, placement_create
from procurement.public import call_off_release
from providers.models import IntakeMoment, Provider
from providers.public import transfer_warning

# Earlier transfers between the same two providers count so long as one event (R-KEU-3).
ONE_EVENT = timedelta(days=365)
REASONS = (StopReason.OTHER_PROVIDER.value, WithdrawalReason.OTHER_PROVIDER.value)


@dataclass(frozen=True)
class Move:
    """One person from a place to a start."""

    placement: Placement
    intake_moment: IntakeMoment


@dataclass(frozen=True)
class Terms:
    """What holds for everybody who is moved: the last day there, why, and the approval."""

    motivation: str = ""
    # For places that run; without a day it is today.
    last_day: date | None = None
    # Written approval of Blik op Werk, where R-KEU-3 asks for it: reference and date.
    approval: str = ""
    # The rules of fit that are set aside for who fails them, and why, by somebody who may.
    overruled_rules: Collection[str] = ()
    overrule_reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """The new place of a move, or why this person stays where he is."""

    move: Move
    placement: Placement | None = None
    code: str = ""
    message: Any = ""


@service
def placement_transfer(*, actor: Actor, move: Move, terms: Terms) -> Placement:
    """The old place has ended and the new one is offered, or nothing changed.

    Every rule of placing is checked for the new place. Raises NotAllowedError, TransitionError,
    InvalidError, TransferApprovalError (R-KEU-3), and as `placement_create`.
    """
    policies.require_place(actor, move.placement.municipality_id)
    _require_approval([move], terms)
    return _transfer(actor, move, terms)


def placements_transfer(*, actor: Actor, moves: Sequence[Move], terms: Terms) -> list[Outcome]:
    """One outcome per move, in order: who can be moved is, the others stay where they are.

    R-KEU-3 is judged over all of them beforehand: without an approval where one is needed nobody is
    moved. Raises NotAllowedError, TransferApprovalError.
    """
    for one in moves:
        policies.require_place(actor, one.placement.municipality_id)
    _require_approval(moves, terms)
    return [_outcome(actor, one, terms) for one in moves]


def transfer_warnings(moves: Iterable[Move]) -> list[str]:
    """What R-KEU-3 says of these moves, a sentence per receiving provider above the limit."""
    counted = Counter(
        (_provider_of(one.placement.intake_moment), _provider_of(one.intake_moment))
        for one in moves
    )
    found = []
    for (giving, receiving), number in counted.items():
        if giving == receiving:
            continue
        sentence = transfer_warning(
            from_provider_id=giving.pk,
            to_provider_ids=[receiving.pk],
            learners=number + transferred_before(giving, receiving),
        )
        if sentence:
            found.append(f"{receiving}: {sentence}")
    return found


def transferred_before(giving: Provider, receiving: Provider) -> int:
    """People of everybody who went from one to the other within a year. One query."""
    left = PlacementEvent.objects.filter(
        reason_code__in=REASONS,
        placement__provider_organisation=giving.organisation_id,
        happened_at__gte=clock.now() - ONE_EVENT,
    )
    return (
        Placement.objects.filter(
            provider_organisation=receiving.organisation_id,
            participant__in=left.values("placement__participant"),
            created_at__gte=clock.now() - ONE_EVENT,
        )
        .exclude(state__in=[PlacementState.REFUSED, PlacementState.EXPIRED])
        .order_by()
        .values("participant")
        .distinct()
        .count()
    )


def _outcome(actor: Actor, move: Move, terms: Terms) -> Outcome:
    try:
        with transaction.atomic():
            return Outcome(move, _transfer(actor, move, terms))
    except DomainError as error:
        reasons = [str(one.message) for one in error.violations] or [str(error.message)]
        return Outcome(move, code=error.code, message=" ".join(reasons))


def _transfer(actor: Actor, move: Move, terms: Terms) -> Placement:
    placement = move.placement
    if placement.state not in OPEN_PLACEMENT_STATES:
        raise TransitionError
    if placement.state == PlacementState.STARTED:
        _stop(actor, placement, terms)
    else:
        placement_withdraw(
            actor=actor,
            placement=placement,
            reason=WithdrawalReason.OTHER_PROVIDER,
            note=terms.approval,
        )
    return placement_create(
        actor=actor,
        choice=Choice(
            need=placement.need,
            intake_moment=move.intake_moment,
            motivation=terms.motivation,
            overruled_rules=terms.overruled_rules,
            overrule_reason=terms.overrule_reason,
        ),
        offer=True,
    )


def _stop(actor: Actor, placement: Placement, terms: Terms) -> None:
    """The municipality ends the assignment because of another provider (JZ002 09)."""
    last_day = terms.last_day or clock.today()
    _check_day(placement, last_day)
    placement, _is_replay = step_begin(placement, PlacementState.STOPPED, None)
    placement.end_date = last_day
    call_off_release(actor=actor, reference=placement.uuid)
    need_move(placement.need_id, NeedState.WAITING)
    step_take(
        placement,
        actor,
        Step(PlacementState.STOPPED, StopReason.OTHER_PROVIDER, terms.approval),
        fields=("end_date",),
    )
    publish(PlacementStopped(*parties(placement)))


def _check_day(placement: Placement, last_day: date) -> None:
    fault = None
    if last_day > clock.today():
        fault = Violation("last_day", "date_in_future", _("This date lies in the future."))
    elif placement.start_date is not None and last_day < placement.start_date:
        fault = Violation(
            "last_day", "end_before_start", _("The last lesson lies before the first one.")
        )
    if fault is not None:
        raise InvalidError(violations=[fault])


def _require_approval(moves: Sequence[Move], terms: Terms) -> None:
    warnings = transfer_warnings(moves)
    if warnings and not terms.approval.strip():
        raise TransferApprovalError(
            violations=[Violation("approval", "approval_required", one) for one in warnings]
        )


def _provider_of(intake_moment: IntakeMoment) -> Provider:
    return intake_moment.group.course.provider
