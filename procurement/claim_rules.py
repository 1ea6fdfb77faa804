"""Checking claim lines against what was agreed and claimed before. Pure: no rows, no clock.

Codes and grounds of the iWmo claim messages (chain-and-journeys.md 2.1). A start that was not
reported is never a ground to refuse (OP364): the rules do not know whether a placement started.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from procurement.choices import TariffUnit
from procurement.money_choices import ClaimFault, ClaimWarning

CENT = Decimal("0.01")
ZERO = Decimal(0)


@dataclass(frozen=True)
class ClaimLineDraft:
    """One line as the provider sends it; with `credits_reference` it takes that line back."""

    line_reference: str
    reference: UUID
    start_date: date
    end_date: date
    unit: str
    quantity: Decimal
    rate: Decimal
    amount: Decimal
    credits_reference: str = ""
    # Why a line is taken back, when one of the parties does so on screen.
    note: str = ""


@dataclass(frozen=True)
class LineFacts:
    """A debit line as it was sent."""

    start_date: date
    end_date: date
    unit: str
    quantity: Decimal
    rate: Decimal
    amount: Decimal


@dataclass
class CallOffFacts:
    """A call-off and what has been claimed on it; lines that are taken back no longer count."""

    start_date: date
    end_date: date
    unit: str
    rate: Decimal
    quantity: Decimal
    amount: Decimal
    delivered_quantity: Decimal = ZERO
    claimed_quantity: Decimal = ZERO
    claimed_amount: Decimal = ZERO
    claimed_periods: list[tuple[date, date]] = field(default_factory=list)

    @property
    def is_shared(self) -> bool:
        """A price per group-hour commits nothing per person, so there is no volume to exceed."""
        return self.unit == TariffUnit.GROUP_HOUR

    def take(self, line: LineFacts) -> None:
        """The line now counts as claimed."""
        self.claimed_quantity += line.quantity
        self.claimed_amount += line.amount
        self.claimed_periods.append((line.start_date, line.end_date))


def last_of(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def line_faults(line: LineFacts, call_off: CallOffFacts | None, month: date) -> list[ClaimFault]:
    """Every ground on which a debit line cannot be paid; none means it can be assessed."""
    if call_off is None:
        return [ClaimFault.NO_VALID_PLACEMENT]
    claimed = _overlaps(call_off.claimed_periods, line)
    checks = (
        (ClaimFault.TARIFF_MISMATCH, (line.unit, line.rate) != (call_off.unit, call_off.rate)),
        (ClaimFault.AMOUNT_MISMATCH, line.amount != _product(line.quantity, line.rate)),
        (ClaimFault.OUTSIDE_PERIOD, _outside(line, call_off, month)),
        (ClaimFault.CREDIT_CHAIN_BROKEN, claimed),
        (
            ClaimFault.VOLUME_EXCEEDED,
            not call_off.is_shared
            and call_off.claimed_quantity + line.quantity > call_off.quantity,
        ),
        (
            ClaimFault.BUDGET_EXCEEDED,
            not call_off.is_shared and call_off.claimed_amount + line.amount > call_off.amount,
        ),
    )
    return [fault for fault, is_broken in checks if is_broken]


def line_warnings(line: LineFacts, call_off: CallOffFacts) -> list[ClaimWarning]:
    """What an officer looks at before paying; the line can be paid all the same."""
    claimed = call_off.claimed_quantity + line.quantity
    return [ClaimWarning.MORE_THAN_DELIVERED] if claimed > call_off.delivered_quantity else []


def _overlaps(periods: Sequence[tuple[date, date]], line: LineFacts) -> bool:
    """Claimed before for the same days, and not taken back (9389)."""
    return any(first <= line.end_date and line.start_date <= last for first, last in periods)


def _product(quantity: Decimal, rate: Decimal) -> Decimal:
    return (quantity * rate).quantize(CENT, ROUND_HALF_UP)


def _outside(line: LineFacts, call_off: CallOffFacts, month: date) -> bool:
    """A line lies within the month of its claim and within its call-off (9307, 9319)."""
    first, last = max(month, call_off.start_date), min(last_of(month), call_off.end_date)
    return line.start_date < first or line.end_date > last
