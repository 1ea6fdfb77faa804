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

    def __init__(self, taken: int) -> None:
        text = _("%(taken)s seats are taken already. Choose that number or a higher one.")
        super().__init__(text % {"taken": taken})


class IntakeStateError(ConflictError):
    code = "intake_state"
    message = _("This start was changed in the meantime. Load it again and look at its status.")


class StopStateError(ConflictError):
    code = "stop_state"
    message = _("This intake stop was changed in the meantime. Load it again.")


class IntakeStoppedError(ConflictError):
    code = "intake_stopped"
    message = _(
        "This provider takes in nobody from your municipality now: there is an intake stop. "
        "Choose another provider."
    )


class InstitutionListUnavailableError(ConflictError):
    code = "institution_list_unavailable"
    message = _("The list of DUO could not be fetched. Try again later, or upload the file.")


class ImportStaleError(ConflictError):
    code = "import_stale"
    message = _(
        "The catalogue has been changed since this file was checked. Check the file again; "
        "nothing was published."
    )


class ImportStateError(ConflictError):
    code = "import_state"
    message = _(
        "This import cannot be published: it contains mistakes or has been published already. "
        "Upload the file again."
    )
