"""Code lists of budgets, the ledger and claims."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.common.codes import Component


class BudgetSource(models.TextChoices):
    """From where a municipality pays (domain.md section 7)."""

    SPUK = "spuk", _("Specific grant (SPUK inburgeringsvoorzieningen)")
    OWN = "own", _("Own means")


class SpendCategory(models.TextChoices):
    """For what is accounted for per person and year (domain.md section 7)."""

    B1_ROUTE = "B", _("B1 route")
    EDUCATION_ROUTE = "O", _("Education route")
    Z_ROUTE = "Z", _("Self-reliance route (Z route)")
    KNM = "KNM", _("Knowledge of Dutch Society (KNM)")
    MAP = "MAP", _("Labour Market and Participation Module (MAP)")
    PVT = "PVT", _("Participation declaration programme (PVT)")
    GUIDANCE = "guidance", _("Social guidance")
    INTERPRETER = "interpreter", _("Interpreter")
    OTHER = "other", _("Other facilities")


def category_of(component: str) -> SpendCategory:
    """The category of what is bought for a component; unknown components are other facilities."""
    codes = {str(Component(one)) for one in Component.values} & set(SpendCategory.values)
    return SpendCategory(component) if component in codes else SpendCategory.OTHER


class EntryKind(models.TextChoices):
    """What one line of the ledger says about money."""

    COMMITTED = "committed", _("Committed")
    RELEASED = "released", _("Released")
    DELIVERED = "delivered", _("Delivered")
    CLAIMED = "claimed", _("Claimed")
    APPROVED = "approved", _("Approved")
    CREDITED = "credited", _("Credited")


class ClaimState(models.TextChoices):
    SUBMITTED = "submitted", _("Submitted")
    ASSESSED = "assessed", _("Assessed")


class ClaimLineState(models.TextChoices):
    PENDING = "pending", _("To be assessed")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")


CLAIM_LINE_TRANSITIONS: dict[ClaimLineState, frozenset[ClaimLineState]] = {
    ClaimLineState.PENDING: frozenset({ClaimLineState.APPROVED, ClaimLineState.REFUSED}),
    # An approved line is only undone by a credit line that names it (iWmo: credit chain).
    ClaimLineState.APPROVED: frozenset(),
    ClaimLineState.REFUSED: frozenset(),
}


class ClaimFault(models.TextChoices):
    """Why a line cannot be paid; codes of chain-and-journeys.md 2.1."""

    NO_VALID_PLACEMENT = "no_valid_placement", _("No placement with this reference (9338)")
    TARIFF_MISMATCH = "tariff_mismatch", _("The price is not the agreed price (0611)")
    AMOUNT_MISMATCH = "amount_mismatch", _("The amount is not quantity times price")
    OUTSIDE_PERIOD = "outside_period", _("Outside the placement or the month (9307, 9308)")
    VOLUME_EXCEEDED = "volume_exceeded", _("More than was committed (9321, 9322)")
    BUDGET_EXCEEDED = "budget_exceeded", _("More money than was committed (9369)")
    CREDIT_CHAIN_BROKEN = "credit_chain_broken", _("Credit and debit do not match (8017, 9389)")
    REFERENCE_NOT_UNIQUE = "reference_not_unique", _("Line reference used before (8021)")
    NOT_ACCEPTED = "not_accepted", _("Not accepted by the municipality")


class ClaimWarning(models.TextChoices):
    """What an officer looks at; never a ground to refuse by itself (iWmo OP364)."""

    MORE_THAN_DELIVERED = "more_than_delivered", _("More than was reported as delivered")
