"""A seat that came free goes to the next person of the waiting list, as a hold that expires.

Fact > outbox > service: the fact asks for the work in the outbox, the outbox does it once. Nobody
is placed by it: a caseworker takes the seat for the person or passes it on. Lock order: offer,
intake moment, need; nothing that holds an intake moment asks for an existing offer.
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from backend.accounts.public import Actor, system_actor
from backend.audit.public import record
from backend.common import clock
from backend.common.locks import lock_by_key, lock_row
from backend.common.transactions import service
from backend.notifications.public import notify
from backend.organisations.public import Permission
from backend.outbox.public import enqueue
from matching import policies
from matching.choices import NeedState, PlacementState
from matching.errors import NeedNotWaitingError, SeatOfferDecidedError
from matching.models import Need, Placement, SeatOffer
from matching.selectors.pair import pair_facts
from matching.services.feed import seat_offer_emit
from matching.services.placement_rules import judge
from matching.services.placements import Choice, placement_create
from matching.services.queue import Queue
from matching.waiting_choices import SEAT_OFFER_TRANSITIONS, SeatOfferState, SeatSource
from providers.models import IntakeMoment
from providers.public import (
    IntakeFullError,
    IntakeNotOpenError,
    IntakeStatus,
    IntakeStoppedError,
    seat_hold,
    seat_release,
    seats_left_locked,
)

SEATS_TOPIC = "matching.seats_freed"
DUE_TOPIC = "matching.seat_offer_due"
NO_SEAT_LEFT = (IntakeFullError, IntakeNotOpenError, IntakeStoppedError)


def seats_offer_ask(*, intake_moment_id: int, number: int, source: SeatSource, key: str) -> None:
    """Asks, once per `key`, that `number` free seats are offered. MUST run inside atomic()."""
    payload = {"intake_moment": intake_moment_id, "number": number, "source": source.value}
    enqueue(SEATS_TOPIC, payload, key=f"{SEATS_TOPIC}:{key}")


@transaction.atomic
def seats_offer(*, intake_moment_id: int, number: int, source: SeatSource) -> list[SeatOffer]:
    """At most `number` free seats held, each for the next person whom the start fits.

    Never more than there are seats. The people are looked for before the seat is locked, and each
    is judged again under the lock. Raises BusyError.
    """
    intake = IntakeMoment.objects.select_related("group__course").get(pk=intake_moment_id)
    queue = Queue(intake, clock.today())
    people = iter(queue)
    made: list[SeatOffer] = []
    first = next(people, None)
    if first is None:
        return made
    _lock_intake(intake_moment_id)
    while first is not None and len(made) < number:
        try:
            offer = _offer(intake, *first, source, queue)
        except NO_SEAT_LEFT:
            break
        if offer is not None:
            made.append(offer)
        first = next(people, None)
    return made


@service
def seat_offer_take(*, actor: Actor, seat_offer: SeatOffer, motivation: str) -> SeatOffer:
    """The caseworker offers the held place to the provider, in his or her own words.

    The held seat becomes the seat of the placement, under one lock. Raises NotAllowedError,
    SeatOfferDecidedError, and as `placement_create`.
    """
    policies.require_place(actor, seat_offer.municipality_id)
    offer = _undecided(seat_offer)
    # Between giving the hold back and taking the seat nobody else may count.
    _lock_intake(offer.intake_moment_id)
    seat_release(actor=actor, seat_claim_id=offer.seat_claim_id)
    offer.placement = placement_create(
        actor=actor,
        choice=Choice(need=offer.need, intake_moment=offer.intake_moment, motivation=motivation),
        offer=True,
    )
    _decide(offer, actor, SeatOfferState.TAKEN, motivation=motivation)
    return offer


@service
def seat_offer_decline(*, actor: Actor, seat_offer: SeatOffer, reason: str) -> SeatOffer:
    """The seat goes to the next person; this one keeps waiting for another place.

    Raises NotAllowedError, SeatOfferDecidedError.
    """
    policies.require_place(actor, seat_offer.municipality_id)
    offer = _undecided(seat_offer)
    _pass_on(offer, actor)
    _decide(offer, actor, SeatOfferState.DECLINED, reason=reason)
    return offer


@transaction.atomic
def seat_offer_expire(*, seat_offer_uuid: UUID | str) -> None:
    """Passes the seat on when nobody decided in time; a second time changes nothing."""
    offer = _locked(SeatOffer.objects.get(uuid=seat_offer_uuid))
    if offer.state != SeatOfferState.OPEN or offer.expires_at > clock.now():
        return
    actor = _system(offer.municipality_id)
    _pass_on(offer, actor)
    _decide(offer, actor, SeatOfferState.EXPIRED)
    _tell(offer, "seat_offer_expired")


@transaction.atomic
def seat_offer_end(*, seat_offer_id: int, reason: str, pass_on: bool) -> None:
    """Ends an offer that has lost its sense; a second time changes nothing."""
    offer = _locked(SeatOffer.objects.get(pk=seat_offer_id))
    if offer.state != SeatOfferState.OPEN:
        return
    actor = _system(offer.municipality_id)
    if pass_on:
        _pass_on(offer, actor)
    else:
        seat_release(actor=actor, seat_claim_id=offer.seat_claim_id)
    _decide(offer, actor, SeatOfferState.ENDED, reason=reason)


@transaction.atomic
def place_ended(*, placement_id: UUID | str) -> list[SeatOffer]:
    """Offers the seat of a placement that has ended, at its start or at the next one of the group.

    Nobody joins a course that has begun: there the person before leaves room at the next start of
    the same group. Where that is full, the provider is asked for a seat more.
    """
    placement = Placement.objects.select_related("intake_moment").get(uuid=placement_id)
    ended, today = placement.intake_moment, clock.today()
    if placement.state == PlacementState.STOPPED and ended.end_date >= today:
        actor = _system(placement.municipality_id)
        seat_release(actor=actor, seat_claim_id=placement.seat_claim_id)
    start = ended if ended.start_date >= today else _next_start(ended)
    if start is None:
        return []
    if start != ended and not seats_left_locked([start.pk])[start.pk]:
        _ask_for_a_seat(placement, start)
        return []
    return seats_offer(intake_moment_id=start.pk, number=1, source=SeatSource.PLACE_ENDED)


def _next_start(ended: IntakeMoment) -> IntakeMoment | None:
    """The next open start of the group in which somebody stopped."""
    if ended.end_date < clock.today():
        return None
    return (
        IntakeMoment.objects.filter(
            group=ended.group_id, status=IntakeStatus.PUBLISHED, start_date__gte=clock.today()
        )
        .select_related("group__course")
        .order_by("start_date", "pk")
        .first()
    )


def _ask_for_a_seat(placement: Placement, start: IntakeMoment) -> None:
    notify(
        organisation_id=placement.provider_organisation_id,
        permission=Permission.MANAGE_CATALOGUE,
        kind="seat_free_in_group",
        path=f"/intake-moments/{start.uuid}",
        key=f"seat-in-group:{placement.uuid}",
        params={
            "course": start.group.course.name,
            "start": start.start_date.isoformat(),
        },
    )


def _offer(
    intake: IntakeMoment, need_id: int, tier: int, source: SeatSource, queue: Queue
) -> SeatOffer | None:
    """The seat held for this need, or None when it has a place or no longer fits."""
    need = lock_row(Need.objects.all(), need_id)
    if need.state != NeedState.WAITING or need.seat_offers.open().exists():
        return None
    facts = pair_facts(
        need_id=need.pk,
        intake_moment_id=intake.pk,
        municipality_id=need.municipality_id,
        on=clock.today(),
    )
    try:
        judged = judge(facts, municipality_id=need.municipality_id)
    except NeedNotWaitingError:
        return None
    if judged.failed == ("SEATS",):
        raise IntakeFullError
    if judged.failed:
        queue.passed_over[judged.failed[0]] += 1
        return None
    actor = _system(need.municipality_id)
    expires_at = clock.now() + timedelta(hours=facts.policy.hold_hours)
    claim = seat_hold(
        actor=actor,
        intake_moment_id=intake.pk,
        organisation_id=need.municipality_id,
        expires_at=expires_at,
    )
    offer = SeatOffer.objects.create(
        need=need,
        municipality_id=need.municipality_id,
        intake_moment=intake,
        seat_claim=claim,
        policy=facts.policy,
        tier=tier,
        source=source,
        passed_over=dict(sorted(queue.passed_over.items())),
        expires_at=expires_at,
    )
    record(
        actor=actor,
        action="seat_offer.made",
        subject=offer,
        after={"state": offer.state, "intake_moment": str(intake.uuid), "source": source.value},
        organisation_ids=[need.municipality_id],
    )
    enqueue(
        DUE_TOPIC,
        {"seat_offer": str(offer.uuid)},
        key=f"{DUE_TOPIC}:{offer.uuid}",
        available_at=expires_at,
    )
    _tell(offer, "seat_offer_made")
    seat_offer_emit(offer)
    return offer


def _pass_on(offer: SeatOffer, actor: Actor) -> None:
    """The seat is free, and the next person is asked; freeing needs no lock."""
    seat_release(actor=actor, seat_claim_id=offer.seat_claim_id)
    seats_offer_ask(
        intake_moment_id=offer.intake_moment_id,
        number=1,
        source=SeatSource.PASSED_ON,
        key=f"offer:{offer.uuid}",
    )


def _decide(
    offer: SeatOffer,
    actor: Actor,
    state: SeatOfferState,
    *,
    reason: str = "",
    motivation: str = "",
) -> None:
    offer.state, offer.reason = state, reason
    offer.decided_at, offer.decided_by_label = clock.now(), actor.label
    offer.save(update_fields=["state", "reason", "decided_at", "decided_by_label", "placement"])
    record(
        actor=actor,
        action=f"seat_offer.{state.value}",
        subject=offer,
        before={"state": SeatOfferState.OPEN.value},
        after={"state": state.value},
        reason=reason or motivation,
        organisation_ids=[offer.municipality_id],
    )
    seat_offer_emit(offer)


def _undecided(offer: SeatOffer) -> SeatOffer:
    offer = _locked(offer)
    expired = offer.expires_at <= clock.now()
    if expired or SeatOfferState.TAKEN not in SEAT_OFFER_TRANSITIONS[SeatOfferState(offer.state)]:
        raise SeatOfferDecidedError
    return offer


def _locked(offer: SeatOffer) -> SeatOffer:
    return lock_row(SeatOffer.objects.select_related("need", "intake_moment"), offer.pk)


def _lock_intake(intake_moment_id: int) -> IntakeMoment:
    return lock_by_key(IntakeMoment, intake_moment_id)


def _system(municipality_id: int) -> Actor:
    return system_actor("waiting-list", {Permission.PLACE: frozenset({municipality_id})})


def _tell(offer: SeatOffer, kind: str) -> None:
    notify(
        organisation_id=offer.municipality_id,
        permission=Permission.PLACE,
        kind=kind,
        path=f"/seat-offers/{offer.uuid}",
        key=f"{kind}:{offer.uuid}",
        params={
            "course": offer.intake_moment.group.course.name,
            "start": offer.intake_moment.start_date.isoformat(),
        },
    )
