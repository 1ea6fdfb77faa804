"""What the ledger adds up to, summed in the database."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from procurement.models import LedgerEntry
from procurement.money_choices import EntryKind

ZERO = Decimal(0)


@dataclass(frozen=True)
class Balance:
    """Sums of the ledger per kind, in euros; corrections have been taken off."""

    committed: Decimal = ZERO
    released: Decimal = ZERO
    delivered: Decimal = ZERO
    claimed: Decimal = ZERO
    approved: Decimal = ZERO
    credited: Decimal = ZERO

    @property
    def bound(self) -> Decimal:
        """What counts against the ceiling: committed, and not given back."""
        return self.committed - self.released

    @property
    def paid(self) -> Decimal:
        """Approved claims without what was taken back."""
        return self.approved - self.credited

    @property
    def to_deliver(self) -> Decimal:
        """What may still be delivered on what is bound; never below zero."""
        return max(ZERO, self.bound - self.delivered)


def bound_amount(contract_lot_id: int) -> Decimal:
    """Euros that count against the ceiling of a contract lot; exact while the ceiling is locked."""
    sums = LedgerEntry.objects.filter(
        contract_lot=contract_lot_id, kind__in=[EntryKind.COMMITTED, EntryKind.RELEASED]
    ).aggregate(
        committed=Sum("amount", filter=Q(kind=EntryKind.COMMITTED)),
        released=Sum("amount", filter=Q(kind=EntryKind.RELEASED)),
    )
    return (sums["committed"] or ZERO) - (sums["released"] or ZERO)


def balances(entries: QuerySet[Any], *by: str) -> dict[Any, Balance]:
    """The balance per value of the fields `by`; with several fields per tuple. One query."""
    rows = (
        entries.order_by()
        .values(*by, "kind")
        .annotate(total=Sum("amount"))
        .values_list(*by, "kind", "total")
    )
    sums: dict[Any, dict[str, Decimal]] = {}
    for *key, kind, total in rows:
        sums.setdefault(key[0] if len(by) == 1 else tuple(key), {})[str(kind)] = total
    return {key: Balance(**amounts) for key, amounts in sums.items()}


def balance_of(entries: QuerySet[Any]) -> Balance:
    """The balance of all these entries together. One query."""
    return balances(entries).get((), Balance())


def balances_of_lots(contract_lot_ids: Iterable[int]) -> dict[int, Balance]:
    """The balance of each contract lot that has entries. One query."""
    return balances(
        LedgerEntry.objects.filter(contract_lot__in=list(contract_lot_ids)), "contract_lot"
    )
