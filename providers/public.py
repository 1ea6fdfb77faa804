"""The door of `providers`: what the apps above may use. Names here keep their meaning."""

from providers.choices import DeliveryMode, IntakeStatus
from providers.errors import IntakeFullError, IntakeNotOpenError, SeatStateError
from providers.selectors import (
    INTAKE_COLUMNS,
    OFFERED_INTAKE,
    REQUIRED_MARK,
    has_required_mark,
    offered_intakes,
)
from providers.services.seats import (
    seat_confirm,
    seat_extend,
    seat_hold,
    seat_hold_prepare,
    seat_release,
)

__all__ = [
    "INTAKE_COLUMNS",
    "OFFERED_INTAKE",
    "REQUIRED_MARK",
    "DeliveryMode",
    "IntakeFullError",
    "IntakeNotOpenError",
    "IntakeStatus",
    "SeatStateError",
    "has_required_mark",
    "offered_intakes",
    "seat_confirm",
    "seat_extend",
    "seat_hold",
    "seat_hold_prepare",
    "seat_release",
]
