"""One step of a placement: the event, the state that follows from it, and the audit row."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from backend.accounts.public import Actor
from backend.audit.public import change_event
from backend.common import clock
from backend.common.locks import lock_row
from backend.common.write_set import write_rows
from matching.choices import NEED_TRANSITIONS, PLACEMENT_TRANSITIONS, NeedState, PlacementState
from matching.errors import MessageIdReusedError, TransitionError
from matching.models import Need, Placement, PlacementEvent
from matching.services.notices import notice_rows


@dataclass(frozen=True)
class Step:
    """What happens to a placement, and under which message number of the sender."""

    state: PlacementState
    reason_code: str = ""
    note: str = ""
    message_id: UUID | None = None


def replayed(
    message_id: UUID, state: PlacementState, placement: Placement | None = None
) -> Placement | None:
    """The placement as it is now, when this message was dealt with before; None for a new one.

    Raises MessageIdReusedError when the number belongs to another message.
    """
    event = PlacementEvent.objects.select_related("placement").filter(message_id=message_id).first()
    if event is None:
        return None
    if event.state != state or (placement is not None and event.placement_id != placement.pk):
        raise MessageIdReusedError
    return event.placement


def step_begin(
    placement: Placement, next_state: PlacementState, message_id: UUID | None
) -> tuple[Placement, bool]:
    """The placement, locked before ceiling, intake moment and need, and whether this is a replay.

    Steps of one placement queue here; nothing that holds a later lock ever asks for this one. A
    message that was dealt with before, also a moment ago by somebody who was first, is a replay
    and MUST change nothing. Raises TransitionError, MessageIdReusedError.
    """
    placement = lock_row(Placement.objects.all(), placement.pk)
    if message_id is not None and replayed(message_id, next_state, placement):
        return placement, True
    if next_state not in PLACEMENT_TRANSITIONS[PlacementState(placement.state)]:
        raise TransitionError
    return placement, False


def step_take(
    placement: Placement, actor: Actor, step: Step, *, fields: Sequence[str] = ()
) -> None:
    """Writes the step: event, new state, `fields` the caller has set, history, and the notice."""
    before = placement.state
    placement.state = step.state
    placement.save(update_fields=["state", "changed_at", *fields])
    history = change_event(
        actor=actor,
        action=f"placement.{step.state.value}",
        subject=placement,
        before={"state": before},
        after={"state": step.state.value},
        reason=" ".join(part for part in (step.reason_code, step.note) if part),
        organisation_ids=parties_of(placement),
    )
    write_rows([event_of(placement, actor, step), history, *notice_rows(placement, step.state)])


def event_of(placement: Placement, actor: Actor, step: Step) -> PlacementEvent:
    """The event to be appended; the database refuses to change it later."""
    moment = clock.now()
    return PlacementEvent(
        placement=placement,
        message_id=step.message_id or uuid4(),
        state=step.state,
        happened_at=moment,
        recorded_at=moment,
        actor_key=actor.key,
        actor_label=actor.label,
        reason_code=step.reason_code,
        note=step.note,
    )


def need_move(need_id: int, state: NeedState) -> None:
    """The need of the placement follows; locked last of all. A closed need stays closed."""
    need = lock_row(Need.objects.all(), need_id)
    if state in NEED_TRANSITIONS[NeedState(need.state)]:
        need.state = state
        need.save(update_fields=["state"])


def parties(placement: Placement) -> tuple[int, UUID, int, int]:
    """What every placement event says of its placement."""
    return (
        placement.pk,
        placement.uuid,
        placement.municipality_id,
        placement.provider_organisation_id,
    )


def parties_of(placement: Placement) -> list[int]:
    """Who may read its history: a held seat is the municipality's own business."""
    if placement.offered_at is None:
        return [placement.municipality_id]
    return [placement.municipality_id, placement.provider_organisation_id]
