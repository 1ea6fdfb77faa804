"""Budgets of municipalities, and costs outside any contract."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common import clock
from backend.common.cleaning import field_violations
from backend.common.errors import InvalidError, Violation
from backend.common.locks import lock_row
from backend.organisations.models import Organisation
from procurement.models import Budget, Expense, LedgerEntry
from procurement.money_choices import EntryKind
from procurement.money_errors import BudgetTakenError
from procurement.money_policies import require_manage_budget

BUDGET_FIELDS = ("year", "source", "category", "amount", "note")


@transaction.atomic
def budget_set(
    *,
    actor: Actor,
    municipality: Organisation,
    year: int,
    source: str,
    category: str,
    amount: Decimal,
    note: str = "",
) -> Budget:
    """A new budget. Raises NotAllowedError, InvalidError, BudgetTakenError."""
    require_manage_budget(actor, municipality.pk)
    budget = Budget(
        municipality=municipality,
        year=year,
        source=source,
        category=category,
        amount=amount,
        note=note,
    )
    if faults := field_violations(budget):
        raise InvalidError(violations=faults)
    if Budget.objects.filter(
        municipality=municipality, year=year, source=source, category=category
    ).exists():
        raise BudgetTakenError
    budget.save()
    audit.record(
        actor=actor,
        action="budget.set",
        subject=budget,
        after=audit.snapshot(budget, BUDGET_FIELDS),
        organisation_ids=[municipality.pk],
    )
    return budget


@transaction.atomic
def budget_change(
    *, actor: Actor, budget: Budget, amount: Decimal, note: str = "", reason: str = ""
) -> Budget:
    """Another amount for the same year, source and category; what it was stays in history.

    Raises NotAllowedError, InvalidError, BusyError.
    """
    require_manage_budget(actor, budget.municipality_id)
    budget = lock_row(Budget.objects.all(), budget.pk)
    before = audit.snapshot(budget, ["amount", "note"])
    budget.amount, budget.note = amount, note
    if faults := field_violations(budget):
        raise InvalidError(violations=faults)
    budget.save(update_fields=["amount", "note"])
    audit.record(
        actor=actor,
        action="budget.changed",
        subject=budget,
        before=before,
        after=audit.snapshot(budget, ["amount", "note"]),
        reason=reason,
        organisation_ids=[budget.municipality_id],
    )
    return budget


@transaction.atomic
def expense_record(
    *,
    actor: Actor,
    municipality: Organisation,
    reference: UUID,
    category: str,
    spent_date: date,
    amount: Decimal,
    description: str,
) -> Expense:
    """A cost that was paid outside any contract, in the ledger as delivered, claimed and approved.

    Raises NotAllowedError, InvalidError.
    """
    require_manage_budget(actor, municipality.pk)
    expense = Expense(
        municipality=municipality,
        reference=reference,
        category=category,
        spent_date=spent_date,
        amount=amount,
        description=description,
    )
    faults = field_violations(expense)
    if amount == 0:
        faults.append(
            Violation("amount", "zero", _("The amount is zero. Enter what the expense cost."))
        )
    if spent_date > clock.today():
        faults.append(
            Violation(
                "spent_date",
                "date_in_future",
                _("This day is still to come. Enter a day until today."),
            )
        )
    if faults:
        raise InvalidError(violations=faults)
    expense.save()
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            kind=kind,
            municipality=municipality,
            payer=municipality,
            expense=expense,
            category=category,
            month=spent_date.replace(day=1),
            quantity=1,
            amount=amount,
        )
        for kind in (EntryKind.DELIVERED, EntryKind.CLAIMED, EntryKind.APPROVED)
    )
    audit.record(
        actor=actor,
        action="expense.recorded",
        subject=expense,
        after=audit.snapshot(expense, ["category", "spent_date", "amount"]),
        organisation_ids=[municipality.pk],
    )
    return expense
