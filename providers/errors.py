"""What can go wrong on the supply side, with stable codes."""

from django.utils.translation import gettext_lazy as _

from backend.common.errors import ConflictError


class IntakeFullError(ConflictError):
    code = "intake_full"
    message = _(
        "This intake moment is full. Choose another one or put the person on the waiting list."
    )


class IntakeNotOpenError(ConflictError):
    code = "intake_not_open"
    message = _("This intake moment is not open for placement. Choose another one.")


class SeatStateError(ConflictError):
    code = "seat_state"
    message = _("This seat has been given back in the meantime. Hold a seat again.")


class CapacityBelowTakenError(ConflictError):
    code = "capacity_below_taken"
    message = _("More seats are already taken than you want to leave. Choose a higher number.")


class IntakeStateError(ConflictError):
    code = "intake_state"
    message = _("This start was changed in the meantime. Load it again and look at its status.")
