"""What a provider can claim: what was delivered and not claimed yet, with every difference."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Sum

from backend.accounts.actor import Actor
from backend.organisations.permissions import Permission
from procurement.choices import TariffUnit
from procurement.claim_rules import ClaimLineDraft, last_of
from procurement.models import CallOff, ClaimLine, Contract, DeliveredMonth
from procurement.money_choices import ClaimLineState
from procurement.selectors.claims import ALIVE, COUNTED_AMOUNT, COUNTED_QUANTITY

CENT = Decimal("0.01")
ZERO = Decimal(0)


@dataclass
class CallOffMonth:
    """A call-off in one month: delivered, claimed, and the lines that would make them equal."""

    call_off: CallOff
    month: date
    delivered: Decimal = ZERO
    # Units claimed in other months and not taken back.
    claimed_elsewhere: Decimal = ZERO
    earlier: list[ClaimLine] = field(default_factory=list)
    sent_before: int = 0

    @property
    def claimed(self) -> Decimal:
        return sum((one.approved_quantity or one.quantity for one in self.earlier), ZERO)

    @property
    def claimable(self) -> Decimal:
        """What was delivered, as far as the call-off reaches (iWmo 9321)."""
        if self.call_off.tariff.unit == TariffUnit.GROUP_HOUR:
            return self.delivered
        left = self.call_off.quantity - self.claimed_elsewhere
        return max(ZERO, min(self.delivered, left))

    @property
    def is_waiting(self) -> bool:
        """An earlier line is still to be assessed: first comes that decision."""
        return any(one.state == ClaimLineState.PENDING for one in self.earlier)

    @property
    def beyond(self) -> Decimal:
        """Delivered above what was committed; it cannot be claimed."""
        return self.delivered - self.claimable

    def lines(self) -> list[ClaimLineDraft]:
        """A new line, and before it credit lines for earlier lines with another quantity."""
        first, last = self.period
        if self.is_waiting or self.claimed == self.claimable or last < first:
            return []
        found = [self._credit(one) for one in self.earlier]
        if self.claimable:
            found.append(self._debit(self.sent_before + len(found) + 1))
        return found

    def _draft(
        self, number: int, quantity: Decimal, amount: Decimal, **more: str
    ) -> ClaimLineDraft:
        first, last = self.period
        return ClaimLineDraft(
            line_reference=f"{self.call_off.reference.hex[:12]}-{self.month:%Y%m}-{number}",
            reference=self.call_off.reference,
            start_date=first,
            end_date=last,
            unit=self.call_off.tariff.unit,
            quantity=quantity,
            rate=self.call_off.tariff.amount,
            amount=amount,
            **more,
        )

    @property
    def period(self) -> tuple[date, date]:
        one = self.call_off
        return max(self.month, one.start_date), min(last_of(self.month), one.end_date)

    def _debit(self, number: int) -> ClaimLineDraft:
        amount = (self.claimable * self.call_off.tariff.amount).quantize(CENT, ROUND_HALF_UP)
        return self._draft(number, self.claimable, amount)

    def _credit(self, line: ClaimLine) -> ClaimLineDraft:
        place = self.earlier.index(line)
        return self._draft(
            self.sent_before + place + 1,
            line.approved_quantity or ZERO,
            line.approved_amount or ZERO,
            credits_reference=line.line_reference,
        )


def months_of_call_offs(
    contract: Contract, municipality_id: int, month: date
) -> list[CallOffMonth]:
    """Every call-off with something delivered or claimed in the month. Four queries."""
    call_offs = CallOff.objects.filter(
        contract_lot__contract=contract, municipality=municipality_id
    )
    delivered = dict(
        DeliveredMonth.objects.filter(call_off__in=call_offs, month=month).values_list(
            "call_off", "quantity"
        )
    )
    earlier: dict[int, list[ClaimLine]] = {}
    for line in _counted().filter(call_off__in=call_offs, claim__month=month).order_by("pk"):
        earlier.setdefault(line.call_off_id or 0, []).append(line)
    keys = {*(pk for pk, quantity in delivered.items() if quantity), *earlier}
    if not keys:
        return []
    lines = ClaimLine.objects.filter(call_off__in=keys).order_by()
    sent: dict[int, int] = {}
    for call_off_id in lines.filter(claim__month=month).values_list("call_off", flat=True):
        sent[call_off_id or 0] = sent.get(call_off_id or 0, 0) + 1
    elsewhere = dict(
        _counted()
        .filter(call_off__in=keys)
        .exclude(claim__month=month)
        .order_by()
        .values("call_off")
        .annotate(total=Sum(COUNTED_QUANTITY))
        .values_list("call_off", "total")
    )
    return [
        CallOffMonth(
            one,
            month,
            delivered.get(one.pk, ZERO),
            elsewhere.get(one.pk, ZERO),
            earlier.get(one.pk, []),
            sent.get(one.pk, 0),
        )
        for one in CallOff.objects.filter(pk__in=keys)
        .select_related("tariff", "contract_lot__lot")
        .order_by("contract_lot__lot__code", "reference")
    ]


def proposed_lines(months: Iterable[CallOffMonth]) -> list[ClaimLineDraft]:
    """The lines of a claim that makes what is claimed equal to what was delivered."""
    return [line for one in months for line in one.lines()]


@dataclass(frozen=True)
class MonthToClaim:
    """A month of a contract and municipality in which claimed and delivered differ, in euros."""

    contract_uuid: Any
    contract: str
    municipality_uuid: Any
    municipality: str
    month: date
    delivered: Decimal
    claimed: Decimal

    @property
    def difference(self) -> Decimal:
        return self.delivered - self.claimed


# Where a search of these months looks.
MONTHS_SEARCHED = ("contract", "municipality")


def months_to_claim_by(actor: Actor) -> list[MonthToClaim]:
    """Those of the providers whose catalogue the actor keeps. Two queries."""
    mine = actor.with_permission(Permission.MANAGE_CATALOGUE)
    return months_to_claim(
        CallOff.objects.filter(contract_lot__contract__provider__organisation__in=mine)
    )


def months_to_claim(call_offs: QuerySet[Any]) -> list[MonthToClaim]:
    """Months in which delivered and claimed differ, newest first. Two queries."""
    keys = (
        "call_off__contract_lot__contract__uuid",
        "call_off__contract_lot__contract__number",
        "call_off__municipality__uuid",
        "call_off__municipality__name",
    )
    sums: dict[tuple[Any, ...], list[Decimal]] = {}
    rows = (
        DeliveredMonth.objects.filter(call_off__in=call_offs)
        .order_by()
        .values(*keys, "month")
        .annotate(total=Sum("amount"))
        .values_list(*keys, "month", "total")
    )
    for *key, total in rows:
        sums.setdefault(tuple(key), [ZERO, ZERO])[0] += total
    claims = (
        _counted()
        .filter(call_off__in=call_offs)
        .order_by()
        .values(*keys, "claim__month")
        .annotate(total=Sum(COUNTED_AMOUNT))
        .values_list(*keys, "claim__month", "total")
    )
    for *key, total in claims:
        sums.setdefault(tuple(key), [ZERO, ZERO])[1] += total
    found = [MonthToClaim(*key, *amounts) for key, amounts in sums.items()]
    return sorted(
        (one for one in found if one.difference),
        key=lambda one: (-one.month.toordinal(), one.contract, one.municipality),
    )


def _counted() -> QuerySet[ClaimLine]:
    """Debit lines that wait or were approved, and that were not taken back."""
    credit = ClaimLine.objects.filter(credits=OuterRef("pk"), state=ClaimLineState.APPROVED)
    return ClaimLine.objects.filter(ALIVE, ~Exists(credit), credits_reference="")
