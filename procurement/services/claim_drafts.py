"""What a claim looks like before it is one, and the faults for which it counts as not sent."""

from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from backend.common import clock
from backend.common.cleaning import field_violations
from backend.common.errors import Violation
from procurement.choices import ExecutionVariant
from procurement.claim_rules import ClaimLineDraft
from procurement.models import Claim, ClaimLine

__all__ = ["MOST_LINES", "ClaimLineDraft", "claim_faults"]

MOST_LINES = 5000


def claim_faults(claim: Claim, lines: Sequence[ClaimLineDraft]) -> list[Violation]:
    """Everything for which the claim as a whole is refused."""
    faults = field_violations(claim)
    if claim.month > clock.today():
        faults.append(
            Violation(
                "month",
                "date_in_future",
                _("This month has not begun yet. Claim a month when it is over."),
            )
        )
    if Claim.objects.filter(contract=claim.contract_id, number=claim.number).exists():
        faults.append(
            Violation(
                "number",
                "reference_not_unique",
                _("This claim number was used before in this contract. Choose another number."),
            )
        )
    variants = set(claim.contract.contract_lots.values_list("execution", flat=True))
    if variants == {ExecutionVariant.TASK}:
        faults.append(
            Violation(
                "contract",
                "task_without_claims",
                _("This contract pays one sum for the task (UP028). It has no claims per person."),
            )
        )
    if not lines:
        faults.append(Violation("lines", "empty", _("The claim has no lines. Add at least one.")))
    if len(lines) > MOST_LINES:
        faults.append(
            Violation(
                "lines",
                "too_many",
                _("A claim has at most %(number)s lines. Split it.") % {"number": MOST_LINES},
            )
        )
        return faults
    return [*faults, *_line_faults(claim, lines)]


def _line_faults(claim: Claim, lines: Sequence[ClaimLineDraft]) -> list[Violation]:
    faults = []
    counted = Counter(one.line_reference for one in lines)
    for number, one in enumerate(lines):
        place = f"lines.{number}."
        faults += field_violations(
            ClaimLine(
                claim=claim,
                line_reference=one.line_reference,
                reference=one.reference,
                start_date=one.start_date,
                end_date=one.end_date,
                unit=one.unit,
                quantity=one.quantity,
                rate=one.rate,
                amount=one.amount,
                credits_reference=one.credits_reference,
            ),
            place,
        )
        if one.end_date < one.start_date:
            faults.append(
                Violation(
                    f"{place}end_date",
                    "ends_before_start",
                    _("The end date is before the start date. Correct one of the two."),
                )
            )
        if counted[one.line_reference] > 1:
            faults.append(
                Violation(
                    f"{place}line_reference",
                    "reference_not_unique",
                    _("Two lines of this claim have this reference. Give every line its own."),
                )
            )
    return faults
