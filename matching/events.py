"""Facts about demand and placement, published after commit. `backend/wiring.py` lists who listens.

They carry keys and codes only; a subscriber reads what it needs.
"""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class PipRegistered:
    pip_id: int
    municipality_id: int


@dataclass(frozen=True)
class ParticipantsRegistered:
    """New people, in one event however many: what came in about them before can be done now."""

    municipality_id: int
    participant_ids: tuple[int, ...]


@dataclass(frozen=True)
class TargetGroupChanged:
    """R-GRP-1: who pays has to be looked at again."""

    participant_id: int
    municipality_id: int
    target_group: str


@dataclass(frozen=True)
class _PlacementEvent:
    placement_id: int
    placement_uuid: UUID
    municipality_id: int
    provider_organisation_id: int


@dataclass(frozen=True)
class SeatHeld(_PlacementEvent):
    pass


@dataclass(frozen=True)
class PlacementOffered(_PlacementEvent):
    pass


@dataclass(frozen=True)
class PlacementAccepted(_PlacementEvent):
    pass


@dataclass(frozen=True)
class PlacementRefused(_PlacementEvent):
    pass


@dataclass(frozen=True)
class PlacementWithdrawn(_PlacementEvent):
    pass


@dataclass(frozen=True)
class PlacementExpired(_PlacementEvent):
    pass


@dataclass(frozen=True)
class PlacementStarted(_PlacementEvent):
    pass


@dataclass(frozen=True)
class PlacementStopped(_PlacementEvent):
    pass


@dataclass(frozen=True)
class MatchRunFinished:
    run_id: int
    run_uuid: UUID
    organisation_id: int
