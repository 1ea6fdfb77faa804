"""What the waiting list does when it hears of a place that ended, more seats or a cancelled start.

Facts come after their commit; each asks the outbox for the work in a transaction of its own, under
a key that names the fact, so that a fact that is heard twice frees one seat.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from backend.common.compiled import CompiledRows
from backend.notifications.public import register_kind
from backend.outbox.public import enqueue
from matching.events import (
    PlacementExpired,
    PlacementRefused,
    PlacementStopped,
    PlacementWithdrawn,
    SeatHeld,
)
from matching.models import Placement, SeatOffer
from matching.services.seat_offers import seat_offer_end, seats_offer_ask
from matching.waiting_choices import SeatOfferEnd, SeatSource
from providers.models import IntakeMoment
from providers.public import (
    IntakeMomentCancelled,
    IntakeMomentReopened,
    IntakeSeatsRaised,
    IntakeStopChanged,
    StopState,
    starts_under_stop,
)

ENDED_TOPIC = "matching.place_ended"
END_TOPIC = "matching.seat_offer_end"
Ended = PlacementWithdrawn | PlacementRefused | PlacementExpired | PlacementStopped


def register_kinds() -> None:
    """Declares the texts; called once when the house is wired."""
    place = _("%(course)s, start %(start)s")
    register_kind(
        "seat_offer_made", title=_("A seat came free for the next person in line"), body=place
    )
    register_kind(
        "seat_offer_expired",
        title=_("A seat went to the next person: nobody decided in time"),
        body=place,
    )
    register_kind(
        "seat_free_in_group",
        title=_("Somebody stopped: is there a seat more at the next start of this group?"),
        body=place,
    )


def on_place_ended(event: Ended) -> None:
    """A placement ends once, so its key names the fact."""
    with transaction.atomic():
        enqueue(
            ENDED_TOPIC,
            {"placement": str(event.placement_uuid)},
            key=f"{ENDED_TOPIC}:{event.placement_uuid}",
        )


def on_seats_raised(event: IntakeSeatsRaised) -> None:
    """Every seat that was added is offered once."""
    with transaction.atomic():
        seats_offer_ask(
            intake_moment_id=event.intake_moment_id,
            number=event.number,
            source=SeatSource.SEATS_RAISED,
            key=f"raised:{event.change}",
        )


def on_start_reopened(event: IntakeMomentReopened) -> None:
    """All seats that are left are offered, as when they came free one by one."""
    intake = IntakeMoment.objects.get(pk=event.intake_moment_id)
    with transaction.atomic():
        seats_offer_ask(
            intake_moment_id=intake.pk,
            number=intake.seats_total,
            source=SeatSource.START_REOPENED,
            key=f"reopened:{event.change}",
        )


def on_stop_changed(event: IntakeStopChanged) -> None:
    """A stop is lifted once: its starts take people again."""
    if event.state != StopState.LIFTED:
        return
    with transaction.atomic():
        for pk, seats in starts_under_stop(event.intake_stop_id):
            seats_offer_ask(
                intake_moment_id=pk,
                number=seats,
                source=SeatSource.STOP_LIFTED,
                key=f"stop:{event.intake_stop_id}:{pk}",
            )


def on_seat_held(event: SeatHeld) -> None:
    """Somebody who got another place needs no held seat any more."""
    keys = [pk for (pk,) in _offers_of_placed(placement=event.placement_id)]
    _end(keys, SeatOfferEnd.PLACED_ELSEWHERE)


def on_start_cancelled(event: IntakeMomentCancelled) -> None:
    offers = SeatOffer.objects.open().filter(intake_moment=event.intake_moment_id)
    _end(offers.values_list("pk", flat=True), SeatOfferEnd.START_CANCELLED)


def _open_offers_of_placed(placement: int) -> QuerySet[SeatOffer, tuple[int, ...]]:
    need = Placement.objects.filter(pk=placement).values("need")
    return SeatOffer.objects.open().filter(need=Subquery(need)).order_by().values_list("pk")


# Asked after every placement, and nearly always without an answer.
_offers_of_placed = CompiledRows(_open_offers_of_placed, placement=int)


def _end(seat_offer_ids: Iterable[int], reason: SeatOfferEnd) -> None:
    for pk in seat_offer_ids:
        with transaction.atomic():
            payload = {"seat_offer": pk, "reason": reason.value}
            enqueue(END_TOPIC, payload, key=f"{END_TOPIC}:{pk}")


def end_offer(*, seat_offer_id: int, reason: str) -> None:
    """Does what `_end` asked for: the seat of a cancelled start is offered to nobody."""
    seat_offer_end(
        seat_offer_id=seat_offer_id,
        reason=reason,
        pass_on=reason != SeatOfferEnd.START_CANCELLED,
    )
