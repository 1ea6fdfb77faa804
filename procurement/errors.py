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


class VersionLockedError(ConflictError):
    code = "version_locked"
    message = _("This version has been agreed and cannot change any more. Make an amendment first.")


class DraftVersionExistsError(ConflictError):
    code = "draft_version_exists"
    message = _(
        "An amendment of this contract is being prepared already. Agree on it or withdraw it first."
    )


class OptionDecidedError(ConflictError):
    code = "option_decided"
    message = _("This option has been decided already. Load the contract again.")


class TenderStateError(ConflictError):
    code = "tender_state"
    message = _("This is not possible with the status the tender has now. Load it again.")


class TenderIncompleteError(InvalidError):
    code = "tender_incomplete"
    message = _("The tender is not complete yet. Fill the gaps and try again.")


class LotInUseError(ConflictError):
    code = "lot_in_use"
    message = _("A contract for this lot is in force. Change the contract with an amendment.")


class SheetTakenOverError(ConflictError):
    code = "sheet_taken_over"
    message = _("This sheet has been taken over already. Look at the contracts.")


class QuotaReachedError(ConflictError):
    code = "quota_reached"
    message = _(
        "Your municipality has used its share of this lot. Choose another course, or ask the "
        "region for a larger share."
    )
