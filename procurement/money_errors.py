"""What can go wrong with budgets, deliveries and claims, with stable codes."""

from django.utils.translation import gettext_lazy as _

from backend.common.errors import ConflictError, NotFoundError


class CallOffNotFoundError(NotFoundError):
    code = "placement_not_found"
    message = _("No call-off has this reference. Check the reference of the placement.")


class ClaimStateError(ConflictError):
    code = "claim_assessed"
    message = _(
        "This claim has been assessed already. Take a line back with a credit line in a new claim."
    )


class BudgetTakenError(ConflictError):
    code = "budget_taken"
    message = _(
        "This municipality has a budget for this year, source and category already."
        " Change that one."
    )


class BreachStateError(ConflictError):
    code = "breach_state"
    message = _("This is not possible with the status the finding has now. Load it again.")


class ClauseLockedError(ConflictError):
    code = "clause_locked"
    message = _(
        "This version has been agreed, so its clauses are fixed. Make an amendment to change them."
    )


class LineNotCreditableError(ConflictError):
    code = "credit_chain_broken"
    message = _(
        "Only an approved line that has not been taken back yet can be taken back. Load the claim"
        " again."
    )


class DeliveredChangedError(ConflictError):
    code = "delivered_changed"
    message = _(
        "What was delivered or claimed has changed since you looked. Look at the lines again, then"
        " send."
    )


class ClaimSheetSentError(ConflictError):
    code = "claim_sheet_sent"
    message = _("This file has been sent as a claim already. Look at that claim.")
