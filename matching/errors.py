"""What can go wrong in matching and placement, with stable codes."""

from datetime import date
from typing import Self

from django.utils.translation import gettext_lazy as _

from backend.common.errors import ConflictError, InvalidError


class PipInvalidError(InvalidError):
    code = "pip_invalid"
    message = _("This PIP breaks one or more rules. Correct the marked fields and try again.")


class ParticipantExistsError(ConflictError):
    code = "reference_not_unique"
    message = _("There already is a participant with this reference. Use another reference.")


class ParticipantMovedError(ConflictError):
    code = "participant_moved"
    message = _("This person moved to another municipality, which goes on with the PIP.")


class NeedNotWaitingError(ConflictError):
    code = "already_placed"
    message = _("This need already has a place or is closed. Look at its placements first.")


class TemporarilyExemptError(NeedNotWaitingError):
    code = "temporarily_exempt"

    @classmethod
    def until(cls, last_day: date) -> Self:
        return cls(
            _(
                "This person is temporarily exempt until %(day)s: no place is looked for before "
                "the exemption has ended."
            )
            % {"day": f"{last_day:%d-%m-%Y}"}
        )


class OpenOfferError(ConflictError):
    code = "open_offer"
    message = _(
        "A place is held or offered for a component that the new PIP does not have. "
        "Withdraw that place first."
    )


class PlacementInfeasibleError(ConflictError):
    code = "placement_infeasible"
    message = _("This place does not fit. Choose another place, or see what has to change.")


class TransitionError(ConflictError):
    code = "transition_not_possible"
    message = _("This is not possible any more: the placement has another status now.")


class PlacementExpiredError(ConflictError):
    code = "placement_expired"
    message = _("The time for this place has passed. Choose a place again.")


class TransferApprovalError(ConflictError):
    code = "approval_required"
    message = _("So many learners may only be taken over with written approval (R-KEU-3).")


class MessageIdReusedError(ConflictError):
    code = "duplicate_message_id"
    message = _("This message number was used for another message. Send a new number.")


class ReasonRequiredError(InvalidError):
    code = "reason_required"
    message = _("Give a reason, so that others can follow the decision later.")


class RulesNotNamedError(InvalidError):
    code = "overrule_incomplete"
    message = _(
        "This place breaks a rule that the reason does not name. Name every rule that you set "
        "aside, or choose another place."
    )


class ProposalDecidedError(ConflictError):
    code = "proposal_decided"
    message = _("This proposal has been decided already. Look at the decision first.")


class ProposalExpiredError(ConflictError):
    code = "proposal_expired"
    message = _(
        "This proposal no longer holds: its time has passed or a later run took its place. "
        "Look at the latest run, or search a place for this person."
    )


class ProposalWithoutPlaceError(ConflictError):
    code = "proposal_without_place"
    message = _("There was no place for this person in the run. Look at the reasons and near fits.")


class SeatOfferDecidedError(ConflictError):
    code = "seat_offer_decided"
    message = _("This seat was already decided on, or its time has passed. Look at the list again.")


class HouseholdInvalidError(InvalidError):
    code = "household_invalid"
    message = _("This household is not possible. Correct the marked fields and try again.")


class NothingWaitsError(ConflictError):
    code = "nothing_waits"
    message = _(
        "Nothing of this PIP waits for a place: all components have one or are closed, or the "
        "person is temporarily exempt."
    )


class GroupRequestStateError(ConflictError):
    code = "group_request_decided"
    message = _("This request is not open any more. Look at its status.")


class GroupBidStateError(ConflictError):
    code = "group_bid_decided"
    message = _("This bid was already decided on or taken back. Look at its status.")


class NoContractedProviderError(ConflictError):
    code = "no_contracted_provider"
    message = _("No provider has a contract for this lot. Choose another lot, or ask procurement.")
