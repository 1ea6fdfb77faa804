"""The door of `providers`: what the apps above may use. Names here keep their meaning."""

from providers.choices import DeliveryMode, IntakeStatus, StopState
from providers.errors import (
    IntakeFullError,
    IntakeNotOpenError,
    IntakeStoppedError,
    SeatStateError,
)
from providers.events import (
    IntakeMomentCancelled,
    IntakeMomentMoved,
    IntakeMomentReopened,
    IntakeSeatsRaised,
    IntakeStopChanged,
    MarkStatusChanged,
)
from providers.ports import AffectedPlace, ContractedPlaces
from providers.selectors import (
    INTAKE_COLUMNS,
    OFFERED_INTAKE,
    REQUIRED_MARK,
    Alternative,
    Occupancy,
    StoppedScopes,
    alternatives_for,
    has_required_mark,
    occupancy_of,
    offered_columns,
    offered_intakes,
    starts_under_stop,
    stop_in_force,
    stops_in_force,
)
from providers.services.drafts import SlotDraft
from providers.services.requested_groups import RequestedGroup, requested_group_publish
from providers.services.seats import (
    seat_confirm,
    seat_extend,
    seat_hold,
    seat_hold_prepare,
    seat_release,
    seats_left_locked,
)
from providers.services.transfers import transfer_warning

__all__ = [
    "INTAKE_COLUMNS",
    "OFFERED_INTAKE",
    "REQUIRED_MARK",
    "AffectedPlace",
    "Alternative",
    "ContractedPlaces",
    "DeliveryMode",
    "IntakeFullError",
    "IntakeMomentCancelled",
    "IntakeMomentMoved",
    "IntakeMomentReopened",
    "IntakeNotOpenError",
    "IntakeSeatsRaised",
    "IntakeStatus",
    "IntakeStopChanged",
    "IntakeStoppedError",
    "MarkStatusChanged",
    "Occupancy",
    "RequestedGroup",
    "SeatStateError",
    "SlotDraft",
    "StopState",
    "StoppedScopes",
    "alternatives_for",
    "has_required_mark",
    "occupancy_of",
    "offered_columns",
    "offered_intakes",
    "requested_group_publish",
    "seat_confirm",
    "seat_extend",
    "seat_hold",
    "seat_hold_prepare",
    "seat_release",
    "seats_left_locked",
    "starts_under_stop",
    "stop_in_force",
    "stops_in_force",
    "transfer_warning",
]
