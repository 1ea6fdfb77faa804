"""What other systems are told of demand and placement: ids only, to whoever may see the object.

Placements go to the municipality and, once it was asked, to the provider; requests for groups and
bids to both as well; the rest to the municipality. Every function MUST run inside the transaction
of the fact, or of its outbox message.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from backend.common import clock
from backend.feed.public import EventKind, Fact, Resource, events_emit
from backend.organisations.public import Permission
from backend.outbox.public import enqueue
from matching.choices import NeedState, PlacementState
from matching.models import GroupBid, GroupRequest, MatchRun, Need, Placement, SeatOffer
from providers.models import IntakeMoment

NEEDS_TOPIC = "matching.needs_waiting"
# After these the person waits again, unless the need was closed.
WAITS_AGAIN = frozenset(
    {
        PlacementState.REFUSED,
        PlacementState.EXPIRED,
        PlacementState.WITHDRAWN,
        PlacementState.STOPPED,
    }
)


def placement_emit(placement: Placement, state: PlacementState, occurred_at: datetime) -> None:
    """One event for each party that knows of the placement, and of the need that waits again."""
    kind = EventKind(f"placement.{state.value}")
    parties = {placement.municipality_id: Permission.VIEW_PARTICIPANTS}
    if placement.offered_at is not None:
        parties[placement.provider_organisation_id] = Permission.VIEW_DELIVERY
    facts = [
        Fact(party, permission, kind, Resource.PLACEMENTS, placement.uuid, occurred_at)
        for party, permission in parties.items()
    ]
    if state in WAITS_AGAIN:
        facts += _waiting(Need.objects.filter(pk=placement.need_id), occurred_at)
    events_emit(facts)


def needs_ask(pip_ids: Iterable[int]) -> None:
    """Asks the outbox to tell of the needs of new plans; one message, however many plans."""
    enqueue(NEEDS_TOPIC, {"pips": list(pip_ids), "at": clock.now().isoformat()})


def needs_emit(*, pip_ids: Iterable[int], occurred_at: datetime) -> None:
    """Tells of the needs of these plans that wait for a place."""
    events_emit(_waiting(Need.objects.filter(pip__in=list(pip_ids)), occurred_at))


def seat_offer_emit(offer: SeatOffer) -> None:
    """A held seat was made, or is decided: `state` says which."""
    _emit_one(
        offer.municipality_id,
        EventKind(f"seat-offer.{offer.state}"),
        Resource.SEAT_OFFERS,
        offer.uuid,
    )


def group_request_emit(request: GroupRequest, kind: EventKind) -> None:
    """What happens to a request for a group: to whoever asked, and to all that were asked."""
    _emit_to(
        request.organisation_id,
        request.providers.order_by("pk").values_list("organisation_id", flat=True),
        kind,
        Resource.GROUP_REQUESTS,
        request.uuid,
    )


def group_bid_emit(bid: GroupBid) -> None:
    """A bid was made, or is decided, as `state` says: never to the other providers."""
    _emit_to(
        bid.group_request.organisation_id,
        [bid.provider.organisation_id],
        EventKind(f"group-bid.{bid.state}"),
        Resource.GROUP_BIDS,
        bid.uuid,
    )


def match_run_emit(run: MatchRun, municipality_ids: Iterable[int]) -> None:
    """The proposals of a run are ready: to whoever ran it and whose people they are about."""
    events_emit(
        (
            Fact(
                organisation_id,
                Permission.VIEW_PARTICIPANTS,
                EventKind.MATCH_RUN_FINISHED,
                Resource.MATCH_RUNS,
                run.uuid,
                clock.now(),
            )
            for organisation_id in sorted({run.organisation_id, *municipality_ids})
        ),
        key=f"match_run:{run.uuid}",
    )


def intake_change_emit(intake: IntakeMoment, kind: str, places: Iterable[Placement]) -> None:
    """A start was cancelled or moved: to its provider, and to whoever has a place on it."""
    parties = {intake.group.course.provider.organisation_id}
    parties |= {place.municipality_id for place in places}
    event = EventKind.INTAKE_CANCELLED if kind == "intake_cancelled" else EventKind.INTAKE_MOVED
    events_emit(
        Fact(
            organisation_id,
            Permission.VIEW_CATALOGUE,
            event,
            Resource.INTAKE_MOMENTS,
            intake.uuid,
            clock.now(),
        )
        for organisation_id in sorted(parties)
    )


def _waiting(needs: Iterable[Need], occurred_at: datetime) -> list[Fact]:
    return [
        Fact(
            need.municipality_id,
            Permission.VIEW_PARTICIPANTS,
            EventKind.NEED_WAITING,
            Resource.NEEDS,
            need.uuid,
            occurred_at,
        )
        for need in needs
        if need.state == NeedState.WAITING
    ]


def _emit_to(
    requester_id: int, provider_ids: Iterable[int], kind: EventKind, resource: Resource, uuid: UUID
) -> None:
    """Both sides of a request for a group, each with the permission that shows it the object."""
    parties = [(requester_id, Permission.VIEW_PARTICIPANTS)]
    parties += [(one, Permission.ANSWER_PLACEMENTS) for one in provider_ids]
    events_emit(
        Fact(party, permission, kind, resource, uuid, clock.now()) for party, permission in parties
    )


def _emit_one(organisation_id: int, kind: EventKind, resource: Resource, subject: UUID) -> None:
    fact = Fact(organisation_id, Permission.VIEW_PARTICIPANTS, kind, resource, subject, clock.now())
    events_emit([fact])
