"""Read-side questions about supply; every one in a constant number of queries."""

from providers.selectors.alternatives import Alternative, alternatives_for
from providers.selectors.occupancy import Occupancy, occupancy_of
from providers.selectors.stops import (
    StoppedScopes,
    starts_under_stop,
    stop_in_force,
    stops_in_force,
)
from providers.selectors.supply import (
    INTAKE_COLUMNS,
    OFFERED_INTAKE,
    REQUIRED_MARK,
    has_required_mark,
    offered_columns,
    offered_intakes,
)

__all__ = [
    "INTAKE_COLUMNS",
    "OFFERED_INTAKE",
    "REQUIRED_MARK",
    "Alternative",
    "Occupancy",
    "StoppedScopes",
    "alternatives_for",
    "has_required_mark",
    "occupancy_of",
    "offered_columns",
    "offered_intakes",
    "starts_under_stop",
    "stop_in_force",
    "stops_in_force",
]
