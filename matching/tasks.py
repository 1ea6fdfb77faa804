"""Background work of matching; every handler takes ids and may run twice."""

from datetime import datetime, timedelta

from backend.outbox.public import Payload, handles
from matching.choices import PlacementState
from matching.services.feed import NEEDS_TOPIC, needs_emit
from matching.services.group_requests import CLOSE_TOPIC, group_request_close
from matching.services.intake_changes import CHANGED_TOPIC, intake_change_tell
from matching.services.notices import PLACEMENT_TOPIC, notice_send
from matching.services.placement_steps import placement_expire_due
from matching.services.retention import RETENTION_TOPIC, people_forget_due
from matching.services.runs import RUN_TOPIC, match_run_execute
from matching.services.seat_facts import END_TOPIC, ENDED_TOPIC, end_offer
from matching.services.seat_offers import (
    DUE_TOPIC,
    SEATS_TOPIC,
    place_ended,
    seat_offer_expire,
    seats_offer,
)
from matching.services.supply_advice import ADVICE_TOPIC, supply_advice_execute
from matching.waiting_choices import SeatSource

# A region of 100,000 needs takes half a minute; after this a run is taken to be lost.
RUN_LEASE = timedelta(minutes=10)
# Asked for by the schedule (backend/schedule.py).
EXPIRE_TOPIC = "matching.expire_placements"


@handles(RUN_TOPIC, lease=RUN_LEASE)
def execute_match_run_task(payload: Payload) -> None:
    """Executes the run; a second time it finds it done."""
    match_run_execute(run_id=payload["run"])


@handles(PLACEMENT_TOPIC)
def send_placement_notice_task(payload: Payload) -> None:
    """Tells the other party of a step of a placement."""
    notice_send(
        placement_id=payload["placement"],
        state=PlacementState(payload["state"]),
        at=datetime.fromisoformat(payload["at"]),
    )


@handles(NEEDS_TOPIC)
def tell_waiting_needs_task(payload: Payload) -> None:
    """Tells the systems of municipalities of the needs of new plans."""
    needs_emit(pip_ids=payload["pips"], occurred_at=datetime.fromisoformat(payload["at"]))


@handles(EXPIRE_TOPIC, lease=RUN_LEASE)
def expire_placements_task(payload: Payload) -> None:
    """Ends held and offered places whose time has passed."""
    placement_expire_due()


@handles(RETENTION_TOPIC, lease=RUN_LEASE)
def forget_people_task(payload: Payload) -> None:
    """Removes personal details whose time has passed."""
    people_forget_due()


@handles(CHANGED_TOPIC)
def tell_intake_change_task(payload: Payload) -> None:
    """Tells caseworkers that the start of a place was cancelled or moved."""
    intake_change_tell(
        intake_moment_id=payload["intake_moment"],
        kind=payload["kind"],
        start=payload.get("start"),
        moved=payload.get("moved"),
    )


@handles(ENDED_TOPIC)
def offer_ended_place_task(payload: Payload) -> None:
    """Offers the seat of a placement that ended to the next person in line."""
    place_ended(placement_id=payload["placement"])


@handles(SEATS_TOPIC)
def offer_freed_seats_task(payload: Payload) -> None:
    """Offers seats that came free to the next people in line."""
    seats_offer(
        intake_moment_id=payload["intake_moment"],
        number=payload["number"],
        source=SeatSource(payload["source"]),
    )


@handles(DUE_TOPIC)
def expire_seat_offer_task(payload: Payload) -> None:
    """Passes a seat on when its time has passed."""
    seat_offer_expire(seat_offer_uuid=payload["seat_offer"])


@handles(END_TOPIC)
def end_seat_offer_task(payload: Payload) -> None:
    """Ends an offer that has lost its sense."""
    end_offer(seat_offer_id=payload["seat_offer"], reason=payload["reason"])


@handles(ADVICE_TOPIC, lease=RUN_LEASE)
def execute_supply_advice_task(payload: Payload) -> None:
    """Computes where more supply helps most; a second time it finds it done."""
    supply_advice_execute(advice_id=payload["advice"])


@handles(CLOSE_TOPIC)
def close_group_request_task(payload: Payload) -> None:
    """Ends the time in which providers can answer a request for a group."""
    group_request_close(group_request_uuid=payload["group_request"])
