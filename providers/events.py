"""Facts of the supply side that the apps above may act on; published after commit."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4


@dataclass(frozen=True)
class MarkStatusChanged:
    """From `valid_from` on, the recognition `kind` of the provider has another status."""

    provider_id: int
    kind: str
    status: str
    valid_from: date


@dataclass(frozen=True)
class IntakeMomentCancelled:
    """No lessons will start here; whoever has a seat needs another place."""

    intake_moment_id: int
    reason: str = ""


@dataclass(frozen=True)
class IntakeMomentReopened:
    """A start that was closed takes people again; `change` is another one each time."""

    intake_moment_id: int
    change: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class IntakeMomentMoved:
    """The first lesson is on another day; whoever has a seat must agree or choose again."""

    intake_moment_id: int
    old_start_date: date
    new_start_date: date
    reason: str = ""


@dataclass(frozen=True)
class IntakeStopChanged:
    """An intake stop has another state: requested, approved, active, lifted, ..."""

    intake_stop_id: int
    state: str


@dataclass(frozen=True)
class IntakeSeatsRaised:
    """The start offers `number` more seats than before; whoever waits for it may hear of them.

    `change` is another one each time: the same fact heard twice has the same.
    """

    intake_moment_id: int
    number: int
    change: UUID = field(default_factory=uuid4)
