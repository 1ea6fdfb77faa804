"""Claiming and freeing seats. Truth is rows; the lock makes counting and writing one act.

Whatever makes seats scarcer takes the lock on the intake moment, then counts, then writes.
Freeing a seat needs no lock.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common import clock
from backend.common.compiled import CompiledRows, JoinedRows, Part
from backend.common.errors import InvalidError
from backend.common.events import publish
from backend.common.locks import ask_locked, keys_in, lock_by_key, lock_row, lock_values
from backend.common.transactions import service
from backend.common.write_set import insert_row
from backend.organisations.permissions import Permission
from providers.choices import SEAT_TRANSITIONS, IntakeStatus, SeatState
from providers.errors import (
    CapacityBelowTakenError,
    IntakeFullError,
    IntakeNotOpenError,
    IntakeStoppedError,
    SeatStateError,
)
from providers.events import IntakeSeatsRaised
from providers.models import IntakeMoment, SeatClaim
from providers.selectors.stops import STOP_OF_INTAKE
from providers.selectors.teachers import group_limits
from providers.services.catalogue import seat_rules
from providers.services.entering import broken


@service
def seat_hold(
    *,
    actor: Actor,
    intake_moment_id: int,
    organisation_id: int,
    expires_at: datetime,
    overbook_reason: str = "",
) -> SeatClaim:
    """A seat held until `expires_at` for the municipality; never more seats than there are.

    With `overbook_reason` the actor, who MUST hold OVERRULE, may go over the number of seats.
    Raises NotAllowedError, IntakeNotOpenError, IntakeStoppedError, IntakeFullError, BusyError.
    """
    return insert_row(
        seat_hold_prepare(
            actor=actor,
            intake_moment_id=intake_moment_id,
            organisation_id=organisation_id,
            expires_at=expires_at,
            overbook_reason=overbook_reason,
        )
    )


def seat_hold_prepare(
    *,
    actor: Actor,
    intake_moment_id: int,
    organisation_id: int,
    expires_at: datetime,
    overbook_reason: str = "",
) -> SeatClaim:
    """The claim of `seat_hold`, of which the seat is certain until the transaction ends.

    For a service that writes all its rows in one statement: it MUST write this one in the same
    transaction, which keeps the lock on the intake moment. Raises as `seat_hold`.
    """
    actor.require(Permission.PLACE, organisation_id)
    if overbook_reason:
        actor.require(Permission.OVERRULE, organisation_id)
    today = clock.today()
    about = {"intake": intake_moment_id, "municipality": organisation_id, "on": today}
    ((start, stop, taken),) = ask_locked(IntakeMoment, intake_moment_id, _obstacles, **about)
    # The row is there: it is the one that was locked.
    _pk, status, start_date, seats_total = start or ()
    if status != IntakeStatus.PUBLISHED or start_date < today:
        raise IntakeNotOpenError
    if stop is not None:
        raise IntakeStoppedError
    if not overbook_reason and taken is not None and taken[0] >= seats_total:
        raise IntakeFullError
    claim = SeatClaim(
        intake_moment_id=intake_moment_id,
        organisation_id=organisation_id,
        state=SeatState.HOLD,
        expires_at=expires_at,
        overbooked_reason=overbook_reason,
    )
    if overbook_reason:
        audit.record(
            actor=actor,
            action="seat.overbooked",
            subject=claim,
            reason=overbook_reason,
            organisation_ids=[organisation_id],
        )
    return claim


@service
def seat_extend(*, actor: Actor, seat_claim_id: int, expires_at: datetime) -> SeatClaim:
    """The seat stays held until `expires_at`; an expired hold is claimed anew if there is room."""
    claim = _claim_with_room(actor, seat_claim_id)
    claim.expires_at = expires_at
    claim.save(update_fields=["expires_at", "changed_at"])
    return claim


@service
def seat_confirm(*, actor: Actor, seat_claim_id: int) -> SeatClaim:
    """The held seat is taken for good; an expired hold only if there still is room.

    Raises IntakeFullError, SeatStateError, BusyError.
    """
    claim = _claim_with_room(actor, seat_claim_id)
    if SeatState.CONFIRMED not in SEAT_TRANSITIONS[SeatState(claim.state)]:
        raise SeatStateError
    claim.state = SeatState.CONFIRMED
    claim.save(update_fields=["state", "changed_at"])
    return claim


@service
def seat_release(*, actor: Actor, seat_claim_id: int) -> None:
    """The seat is free from the moment this commits; releasing twice changes nothing.

    The caller has checked the right to end the placement; giving back a seat harms nobody.
    """
    SeatClaim.objects.filter(pk=seat_claim_id).exclude(state=SeatState.RELEASED).update(
        state=SeatState.RELEASED, changed_at=clock.now()
    )


@service
def intake_moment_set_seats(
    *, actor: Actor, intake_moment_id: int, seats_total: int
) -> IntakeMoment:
    """The intake moment offers `seats_total` seats, at most the group's maximum size.

    Raises CapacityBelowTakenError when more seats are taken, InvalidError above what group, room
    or teachers allow.
    """
    intake = _lock_intake(intake_moment_id)
    provider = intake.group.course.provider
    actor.require(Permission.MANAGE_CATALOGUE, provider.organisation_id)
    taken = seats_taken(intake_moment_id)
    if seats_total < taken:
        raise CapacityBelowTakenError(taken)
    limits = group_limits([intake.group])[intake.group_id]
    if faults := broken(seat_rules(seats_total, intake.start_date, limits)):
        raise InvalidError(violations=faults)
    before = audit.snapshot(intake, ["seats_total"])
    intake.seats_total = seats_total
    intake.save(update_fields=["seats_total"])
    audit.record(
        actor=actor,
        action="intake_moment.seats_changed",
        subject=intake,
        before=before,
        after=audit.snapshot(intake, ["seats_total"]),
        organisation_ids=[provider.organisation_id],
    )
    if seats_total > before["seats_total"]:
        publish(IntakeSeatsRaised(intake.pk, seats_total - before["seats_total"]))
    return intake


def seats_taken(intake_moment_id: int) -> int:
    """Confirmed seats and holds that have not expired; exact while the intake moment is locked."""
    return sum(number for (number,) in _taken(intake=intake_moment_id))


_taken = CompiledRows(
    lambda intake: (
        SeatClaim.objects.occupying()
        .filter(intake_moment=intake)
        .order_by()
        .values("intake_moment")
        .annotate(number=Count("pk"))
        .values_list("number")
    ),
    intake=int,
)
_taken_on_many = CompiledRows(
    lambda intakes: (
        SeatClaim.objects.occupying()
        .filter(intake_moment__in=keys_in(intakes))
        .order_by()
        .values_list("intake_moment")
        .annotate(number=Count("pk"))
    ),
    intakes=list,
)
_start = CompiledRows(
    lambda intake: (
        IntakeMoment.objects.filter(pk=intake)
        .order_by()
        .values_list("pk", "status", "start_date", "seats_total")
    ),
    intake=int,
)
# Asked after the lock, in one statement: what may stand in the way of a seat.
_obstacles = JoinedRows(
    start=Part(_start, {"intake": "intake"}),
    stop=Part(STOP_OF_INTAKE, {"intake": "intake", "municipality": "municipality", "on": "on"}),
    taken=Part(_taken, {"intake": "intake"}),
)


def seats_left_locked(intake_moment_ids: Iterable[int]) -> dict[int, int]:
    """Seats left per intake moment, certain until the transaction ends; 0 where it is not open.

    For a service that writes about many at once. MUST be in atomic(). Raises BusyError.
    """
    intakes = lock_values(
        IntakeMoment.objects.all(), intake_moment_ids, "seats_total", "status", "start_date"
    )
    taken: dict[int, int] = dict(_taken_on_many.planned(intakes=intakes))
    today = clock.today()
    return {
        pk: max(0, total - taken.get(pk, 0))
        if status == IntakeStatus.PUBLISHED and start_date >= today
        else 0
        for pk, (total, status, start_date) in intakes.items()
    }


def _lock_intake(intake_moment_id: int) -> IntakeMoment:
    return lock_by_key(IntakeMoment, intake_moment_id)


def _claim_with_room(actor: Actor, seat_claim_id: int) -> SeatClaim:
    """The claim, locked behind its intake moment, of which the seat is certain.

    The actor is the municipality that claimed it or the provider whose seat it is.
    """
    claim = SeatClaim.objects.select_related("intake_moment__group__course__provider").get(
        pk=seat_claim_id
    )
    provider = claim.intake_moment.group.course.provider
    if not actor.may(Permission.ANSWER_PLACEMENTS, provider.organisation_id):
        actor.require(Permission.PLACE, claim.organisation_id)
    intake = _lock_intake(claim.intake_moment_id)
    claim = lock_row(SeatClaim.objects.all(), seat_claim_id)
    if claim.state == SeatState.RELEASED:
        raise SeatStateError
    expired = claim.expires_at is not None and claim.expires_at <= clock.now()
    expired = expired and claim.state == SeatState.HOLD
    if expired and not claim.overbooked_reason and seats_taken(intake.pk) >= intake.seats_total:
        raise IntakeFullError
    return claim
