"""Writing the ledger: every change of money writes its line in the same transaction.

The rows say how things are, the ledger how they became so. What must always hold, and is checked
every night (selectors.ledger_checks):

- committed = the amount of the call-off;
- released = what was committed and not delivered, once the call-off is released, and 0 before;
- delivered = the delivered month;
- claimed = claim lines that wait, and of those approved what was approved; approved = what was
  approved of claim lines; credited = credit lines that were approved;
- the payer of a line is that of its call-off, and of an expense its municipality;
- an expense is delivered, claimed and approved at once.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit.bulk import Change, record_many
from backend.common import clock
from backend.common.errors import InvalidError, Violation
from backend.common.locks import lock_rows
from procurement.choices import CallOffState
from procurement.models import CallOff, ClaimLine, DeliveredMonth, LedgerEntry
from procurement.money_choices import EntryKind, category_of
from procurement.money_errors import CallOffNotFoundError

CENT = Decimal("0.01")
ZERO = Decimal(0)
ONE_STATEMENT = 1000


@dataclass(frozen=True)
class Delivery:
    """So many units of the tariff were delivered for a placement in the month of `month`."""

    reference: UUID
    month: date
    quantity: Decimal


def first_of(day: date) -> date:
    """The month of a day, as the ledger writes it."""
    return day.replace(day=1)


def entry_of(
    kind: EntryKind,
    call_off: CallOff,
    *,
    month: date,
    amount: Decimal,
    quantity: Decimal = ZERO,
    claim_line: ClaimLine | None = None,
) -> LedgerEntry:
    """An unsaved line about a call-off; the caller has its tariff at hand."""
    return LedgerEntry(
        kind=kind,
        municipality_id=call_off.municipality_id,
        payer_id=call_off.payer_id,
        contract_lot_id=call_off.contract_lot_id,
        call_off=call_off,
        claim_line=claim_line,
        category=category_of(call_off.tariff.component),
        month=first_of(month),
        quantity=quantity,
        amount=amount,
    )


def entries_write(entries: Iterable[LedgerEntry]) -> None:
    """Appends lines; one that changes nothing is left out."""
    LedgerEntry.objects.bulk_create(
        [one for one in entries if one.amount or one.quantity], batch_size=ONE_STATEMENT
    )


def committed_write(call_off: CallOff) -> None:
    """The line of an opened call-off, also when it commits nothing in advance (group-hours)."""
    entry_of(
        EntryKind.COMMITTED,
        call_off,
        month=call_off.start_date,
        quantity=call_off.quantity,
        amount=call_off.amount,
    ).save()


def released_write(call_off: CallOff) -> None:
    """Gives back what a released call-off committed and did not deliver.

    The caller has locked the call-off. Called again after a late delivery it writes the difference.
    """
    delivered = call_off.delivered_months.aggregate(amount=Sum("amount"), quantity=Sum("quantity"))
    given_back = call_off.ledger_entries.filter(kind=EntryKind.RELEASED).aggregate(
        amount=Sum("amount"), quantity=Sum("quantity")
    )
    entries_write(
        [
            entry_of(
                EntryKind.RELEASED,
                call_off,
                month=clock.today(),
                quantity=max(ZERO, call_off.quantity - (delivered["quantity"] or ZERO))
                - (given_back["quantity"] or ZERO),
                amount=max(ZERO, call_off.amount - (delivered["amount"] or ZERO))
                - (given_back["amount"] or ZERO),
            )
        ]
    )


@transaction.atomic
def deliveries_record(*, actor: Actor, deliveries: Sequence[Delivery]) -> int:
    """Sets what was delivered per placement and month; the ledger gets the differences.

    Reporting the same again changes nothing. The caller has checked that the actor may record
    delivery. Returns the number of months that changed. Raises CallOffNotFoundError when a
    reference is unknown, InvalidError, BusyError; then nothing is written.
    """
    wanted = _wanted(deliveries)
    call_offs = _locked({reference for reference, _month in wanted})
    known = {
        (one.call_off_id, one.month): one
        for one in DeliveredMonth.objects.filter(call_off__in=list(call_offs.values()))
    }
    rows, entries = [], []
    for (reference, month), quantity in sorted(wanted.items()):
        call_off = call_offs[reference]
        amount = (quantity * call_off.tariff.amount).quantize(CENT, ROUND_HALF_UP)
        before = known.get((call_off.pk, month))
        old_quantity, old_amount = (before.quantity, before.amount) if before else (ZERO, ZERO)
        if (quantity, amount) == (old_quantity, old_amount):
            continue
        rows.append(
            DeliveredMonth(call_off=call_off, month=month, quantity=quantity, amount=amount)
        )
        entries.append(
            entry_of(
                EntryKind.DELIVERED,
                call_off,
                month=month,
                quantity=quantity - old_quantity,
                amount=amount - old_amount,
            )
        )
    DeliveredMonth.objects.bulk_create(
        rows,
        batch_size=ONE_STATEMENT,
        update_conflicts=True,
        unique_fields=["call_off", "month"],
        update_fields=["quantity", "amount"],
    )
    entries_write(entries)
    changed: dict[CallOff, dict[str, str]] = {}
    for one in rows:
        changed.setdefault(one.call_off, {})[one.month.isoformat()] = str(one.quantity)
    for call_off in changed:
        if call_off.state == CallOffState.RELEASED:
            released_write(call_off)
    record_many(
        actor=actor,
        action="call_off.delivered",
        changes=[
            Change(subject=one, after=months, organisation_ids=(one.municipality_id,))
            for one, months in changed.items()
        ],
    )
    return len(rows)


def _wanted(deliveries: Sequence[Delivery]) -> dict[tuple[UUID, date], Decimal]:
    """The last report per placement and month counts. Raises InvalidError with every fault."""
    faults = []
    wanted = {}
    this_month = first_of(clock.today())
    for number, one in enumerate(deliveries):
        month = first_of(one.month)
        if one.quantity < 0:
            faults.append(
                Violation(
                    f"deliveries.{number}.quantity",
                    "negative",
                    _("What was delivered cannot be below zero. Report the total of the month."),
                )
            )
        if month > this_month:
            faults.append(
                Violation(
                    f"deliveries.{number}.month",
                    "date_in_future",
                    _("This month has not begun yet. Report what was delivered, afterwards."),
                )
            )
        wanted[one.reference, month] = one.quantity.quantize(CENT, ROUND_HALF_UP)
    if faults:
        raise InvalidError(violations=faults)
    return wanted


def call_offs_lock(*, references: Collection[UUID]) -> None:
    """Locks these call-offs before what is delivered is counted. MUST be in atomic(). BusyError."""
    known = CallOff.objects.filter(reference__in=list(references))
    lock_rows(CallOff.objects.all(), list(known.values_list("pk", flat=True)))


def _locked(references: set[UUID]) -> dict[UUID, CallOff]:
    keys = list(CallOff.objects.filter(reference__in=references).values_list("pk", flat=True))
    if len(keys) != len(references):
        raise CallOffNotFoundError
    locked = lock_rows(CallOff.objects.select_related("tariff"), keys)
    return {one.reference: one for one in locked.values()}
