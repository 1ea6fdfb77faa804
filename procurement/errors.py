"""What can go wrong with contracts and money, with stable codes."""

from django.utils.translation import gettext_lazy as _

from backend.common.errors import ConflictError, InvalidError


class CeilingReachedError(ConflictError):
    code = "ceiling_reached"
    message = _(
        "The ceiling of this contract has been reached. Choose another course or ask procurement."
    )


class NoTariffError(ConflictError):
    code = "no_tariff"
    message = _("The contract has no tariff for this course on the start date. Ask procurement.")


class ContractIncompleteError(InvalidError):
    code = "contract_incomplete"
    message = _("The contract is not complete yet. Fill the gaps and bring it into force again.")


class ContractStateError(ConflictError):
    code = "contract_state"
    message = _("This is not possible with the status the contract has now. Load it again.")
