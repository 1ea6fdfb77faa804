"""Answers, ends and starts of an offered place, from both sides."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.public import Actor, system_actor
from backend.common import clock
from backend.common.errors import InvalidError, Violation
from backend.common.events import publish
from backend.common.transactions import service
from matching import policies
from matching.choices import NeedState, PlacementState, StopReason
from matching.code_lists import REFUSALS, STOPS, WITHDRAWALS, ground_of
from matching.errors import PlacementInfeasibleError, TransitionError
from matching.events import (
    PlacementAccepted,
    PlacementExpired,
    PlacementRefused,
    PlacementStarted,
    PlacementStopped,
    PlacementWithdrawn,
)
from matching.funding import is_referral
from matching.models import Placement
from matching.services.placement_events import (
    Step,
    need_move,
    parties,
    step_begin,
    step_take,
)
from matching.services.placement_rules import (
    FUNDING,
    in_order,
    target_group_today,
    violations_of,
)
from matching.services.placements import require_in_time
from procurement.public import call_off_open, call_off_release, contract_lot_for
from providers.public import has_required_mark, seat_confirm, seat_release

EXPIRY_BATCH = 500


@service
def placement_accept(
    *, actor: Actor, placement: Placement, message_id: UUID | None = None
) -> Placement:
    """The provider takes the person: seat taken for good, and the call-off that pays for it.

    The mark, the contract and who pays are looked at again, for they may have changed since the
    offer. A referral opens no call-off (R-PAY-1). Locks: placement, ceiling, intake moment, need.
    Raises NotAllowedError, TransitionError, PlacementExpiredError, PlacementInfeasibleError,
    CeilingReachedError, NoTariffError, IntakeFullError, BusyError.
    """
    policies.require_answer(actor, placement.provider_organisation_id)
    placement, is_replay = step_begin(placement, PlacementState.ACCEPTED, message_id)
    if is_replay:
        return placement
    require_in_time(placement)
    _call_off(actor, placement)
    seat_confirm(actor=actor, seat_claim_id=placement.seat_claim_id)
    need_move(placement.need_id, NeedState.PLACED)
    step_take(placement, actor, Step(PlacementState.ACCEPTED, message_id=message_id))
    publish(PlacementAccepted(*parties(placement)))
    return placement


def _call_off(actor: Actor, placement: Placement) -> None:
    """Commits the place on its contract lot, when law and contract still allow it."""
    intake = placement.intake_moment
    course = intake.group.course
    group = target_group_today(placement.need, clock.today())
    component = placement.need.component
    failed = []
    if group is None or is_referral(component, group) != placement.is_referral:
        failed.append(FUNDING)
    if not has_required_mark(
        provider_id=course.provider_id, component=component, on=intake.start_date
    ):
        failed.append("MARK")
    contract_lot = None
    if not placement.is_referral and group is not None and FUNDING not in failed:
        contract_lot = contract_lot_for(
            course_id=course.pk,
            municipality_id=placement.municipality_id,
            component=component,
            target_group=group,
            on=intake.start_date,
        )
        if contract_lot is None:
            failed.append("REGION_CONTRACT")
    if failed:
        raise PlacementInfeasibleError(violations=violations_of(in_order(failed)))
    if contract_lot is not None:
        call_off_open(
            actor=actor,
            reference=placement.uuid,
            contract_lot_id=contract_lot.pk,
            municipality_id=placement.municipality_id,
            component=component,
            start_date=intake.start_date,
            end_date=intake.end_date,
            hours=Decimal(course.total_hours),
            person_key=placement.participant.uuid,
        )


@service
def placement_refuse(
    *,
    actor: Actor,
    placement: Placement,
    reason: str,
    note: str = "",
    message_id: UUID | None = None,
) -> Placement:
    """The provider does not take the person, on a ground of the list that the place keeps.

    Raises NotAllowedError, InvalidError, TransitionError.
    """
    policies.require_answer(actor, placement.provider_organisation_id)
    ground_of(REFUSALS, reason, placement)
    placement, is_replay = step_begin(placement, PlacementState.REFUSED, message_id)
    if is_replay:
        return placement
    require_in_time(placement)
    _give_back(actor, placement)
    step_take(placement, actor, Step(PlacementState.REFUSED, reason, note, message_id))
    publish(PlacementRefused(*parties(placement)))
    return placement


@service
def placement_withdraw(
    *,
    actor: Actor,
    placement: Placement,
    reason: str,
    note: str = "",
    message_id: UUID | None = None,
) -> Placement:
    """The municipality takes the place back, until the first lesson; the person waits again.

    Frees the seat and the call-off. Raises NotAllowedError, InvalidError, TransitionError.
    """
    policies.require_place(actor, placement.municipality_id)
    ground_of(WITHDRAWALS, reason, placement)
    placement, is_replay = step_begin(placement, PlacementState.WITHDRAWN, message_id)
    if is_replay:
        return placement
    _give_back(actor, placement)
    step_take(placement, actor, Step(PlacementState.WITHDRAWN, reason, note, message_id))
    publish(PlacementWithdrawn(*parties(placement)))
    return placement


def placement_expire_due() -> int:
    """Ends held and offered places whose time has passed; how many. Each in its own transaction.

    The seats were free by the clock already; this puts the people back on the list.
    """
    now = clock.now()
    due = Placement.objects.filter(
        Q(state=PlacementState.DRAFT, seat_claim__expires_at__lte=now)
        | Q(state=PlacementState.OFFERED, answer_due_at__lte=now)
    ).order_by("pk")[:EXPIRY_BATCH]
    return sum(_expire(placement) for placement in due)


def _expire(placement: Placement) -> bool:
    actor = system_actor("expire-placements", {})
    with transaction.atomic():
        try:
            placement, _is_replay = step_begin(placement, PlacementState.EXPIRED, None)
        except TransitionError:
            # Answered between the query and the lock.
            return False
        _give_back(actor, placement)
        step_take(placement, actor, Step(PlacementState.EXPIRED))
        publish(PlacementExpired(*parties(placement)))
    return True


@service
def placement_start(
    *, actor: Actor, placement: Placement, start_date: date, message_id: UUID | None = None
) -> Placement:
    """The provider reports the first lesson that the person attended.

    Raises NotAllowedError, TransitionError, InvalidError for a day ahead.
    """
    policies.require_report_delivery(actor, placement.provider_organisation_id)
    _check_day("start_date", start_date)
    placement, is_replay = step_begin(placement, PlacementState.STARTED, message_id)
    if is_replay:
        return placement
    placement.start_date = start_date
    step_take(
        placement,
        actor,
        Step(PlacementState.STARTED, message_id=message_id),
        fields=("start_date",),
    )
    publish(PlacementStarted(*parties(placement)))
    return placement


@service
def placement_stop(
    *,
    actor: Actor,
    placement: Placement,
    end_date: date,
    reason: str,
    note: str = "",
    message_id: UUID | None = None,
) -> Placement:
    """The provider reports the last lesson, with a reason of iJw list JZ588 or a finer one.

    Ended as planned closes the need; otherwise the person waits again. The seat comes free
    (`place_ended`); the call-off commits no more than what was delivered. Raises as
    `placement_start`.
    """
    policies.require_report_delivery(actor, placement.provider_organisation_id)
    ground = ground_of(STOPS, reason, placement)
    _check_day("end_date", end_date)
    placement, is_replay = step_begin(placement, PlacementState.STOPPED, message_id)
    if is_replay:
        return placement
    if placement.start_date is not None and end_date < placement.start_date:
        raise InvalidError(
            violations=[
                Violation(
                    "end_date", "end_before_start", _("The last lesson lies before the first one.")
                )
            ]
        )
    placement.end_date = end_date
    call_off_release(actor=actor, reference=placement.uuid)
    done = ground in {StopReason.AS_PLANNED, StopReason.DECEASED}
    need_move(placement.need_id, NeedState.CLOSED if done else NeedState.WAITING)
    step_take(
        placement,
        actor,
        Step(PlacementState.STOPPED, reason, note, message_id),
        fields=("end_date",),
    )
    publish(PlacementStopped(*parties(placement)))
    return placement


def _give_back(actor: Actor, placement: Placement) -> None:
    """Seat, money and place in the queue as they were before the hold."""
    if placement.state == PlacementState.ACCEPTED:
        call_off_release(actor=actor, reference=placement.uuid)
    seat_release(actor=actor, seat_claim_id=placement.seat_claim_id)
    need_move(placement.need_id, NeedState.WAITING)


def _check_day(field: str, day: date) -> None:
    if day > clock.today():
        raise InvalidError(
            violations=[Violation(field, "date_in_future", _("This date lies in the future."))]
        )
