"""The state of a placement from its events, whatever the order in which they came in."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from matching.choices import PLACEMENT_TRANSITIONS, PlacementState

# Order in a life, for events of the same moment.
RANK = {
    state: rank
    for rank, state in enumerate(
        (
            PlacementState.DRAFT,
            PlacementState.OFFERED,
            PlacementState.ACCEPTED,
            PlacementState.REFUSED,
            PlacementState.STARTED,
            PlacementState.STOPPED,
            PlacementState.WITHDRAWN,
            PlacementState.EXPIRED,
        )
    )
}


class StateEvent(Protocol):
    """What an event says about the state; `PlacementEvent` fits."""

    state: str
    happened_at: datetime


def folded_state(events: Iterable[StateEvent]) -> PlacementState:
    """The state that the events give: by moment, a step that is not in the table has no effect.

    The same set of events gives the same state in every order (OP080), and an event that is
    there twice counts once.
    """
    state = PlacementState.DRAFT
    for event in sorted(events, key=lambda one: (one.happened_at, RANK[PlacementState(one.state)])):
        step = PlacementState(event.state)
        if step in PLACEMENT_TRANSITIONS[state]:
            state = step
    return state
