"""Filters of budgets, ledger, claims, clauses and findings."""

from typing import ClassVar

from backend.api.filters import (
    RECORD_FIELDS,
    AmountFilter,
    CodeFilter,
    DayFilter,
    ExactFilter,
    IntegerFilter,
    PassendFilterSet,
    ReferenceFilter,
    SearchFilter,
)
from procurement.clauses.kinds import BreachState, ClauseKind, MilestoneKind, Severity
from procurement.models import (
    Budget,
    Claim,
    Clause,
    ClauseBreach,
    Expense,
    LedgerEntry,
    Milestone,
)
from procurement.money_choices import BudgetSource, ClaimState, EntryKind, SpendCategory

FREE_TEXT = "free text"


class BudgetFilterSet(PassendFilterSet):
    municipality = ReferenceFilter("municipality__uuid")
    year = IntegerFilter()
    source = CodeFilter(choices=BudgetSource.choices)
    category = CodeFilter(choices=SpendCategory.choices)
    amount_min = AmountFilter("amount", "gte")

    class Meta:
        model = Budget

    unfiltered: ClassVar = {**RECORD_FIELDS, "note": FREE_TEXT}


class ExpenseFilterSet(PassendFilterSet):
    municipality = ReferenceFilter("municipality__uuid")
    reference = ReferenceFilter("reference")
    category = CodeFilter(choices=SpendCategory.choices)
    spent_from = DayFilter("spent_date", "gte")
    spent_until = DayFilter("spent_date", "lte")
    amount_min = AmountFilter("amount", "gte")

    class Meta:
        model = Expense

    unfiltered: ClassVar = {**RECORD_FIELDS, "description": FREE_TEXT}


class LedgerEntryFilterSet(PassendFilterSet):
    kind = CodeFilter(choices=EntryKind.choices)
    municipality = ReferenceFilter("municipality__uuid")
    payer = ReferenceFilter("payer__uuid")
    contract = ReferenceFilter("contract_lot__contract__uuid")
    placement_reference = ReferenceFilter("call_off__reference")
    category = CodeFilter(choices=SpendCategory.choices)
    month_from = DayFilter("month", "gte")
    month_until = DayFilter("month", "lte")
    amount_min = AmountFilter("amount", "gte")
    amount_max = AmountFilter("amount", "lte")

    class Meta:
        model = LedgerEntry

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "expense": "read expenses themselves",
        "claim_line": "read claims themselves",
        "quantity": "a property of the amount",
    }


class ClaimFilterSet(PassendFilterSet):
    search = SearchFilter("number", "contract__number")
    contract = ReferenceFilter("contract__uuid")
    municipality = ReferenceFilter("municipality__uuid")
    number = ExactFilter()
    state = CodeFilter(choices=ClaimState.choices)
    month_from = DayFilter("month", "gte")
    month_until = DayFilter("month", "lte")
    answer_due_until = DayFilter("answer_due_date", "lte")

    class Meta:
        model = Claim

    unfiltered: ClassVar = {**RECORD_FIELDS, "assessed_at": "follows from the state"}


class ClauseFilterSet(PassendFilterSet):
    contract = ReferenceFilter("version__contract__uuid")
    version = ReferenceFilter("version__uuid")
    kind = CodeFilter(choices=ClauseKind.choices)

    class Meta:
        model = Clause

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "detail": FREE_TEXT,
        "contract_lot": "few clauses per contract",
        "parameters": "numbers of one kind of clause",
    }


class BreachFilterSet(PassendFilterSet):
    search = SearchFilter("subject_label", "contract__number")
    contract = ReferenceFilter("contract__uuid")
    provider = ReferenceFilter("contract__provider__uuid")
    kind = CodeFilter(choices=ClauseKind.choices)
    severity = CodeFilter(choices=Severity.choices)
    state = CodeFilter(choices=BreachState.choices)
    subject_uuid = ReferenceFilter("subject_uuid")
    found_from = DayFilter("first_seen", "gte")
    found_until = DayFilter("first_seen", "lte")
    due_until = DayFilter("due_date", "lte")

    class Meta:
        model = ClauseBreach

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "clause": "follows from contract and kind",
        "detail": FREE_TEXT,
        "subject_type": "follows from the kind",
        "period": "a label of the kind",
        "facts": "numbers of one kind of clause",
        "evidence_url": "an address",
        "last_seen": "bookkeeping of the evaluation",
        "acknowledged_at": "follows from the state",
        "acknowledged_by": "a name",
        "resolved_at": "follows from the state",
        "resolved_by": "a name",
        "note": FREE_TEXT,
    }


class MilestoneFilterSet(PassendFilterSet):
    contract = ReferenceFilter("contract__uuid")
    kind = CodeFilter(choices=MilestoneKind.choices)
    period_from = DayFilter("period_start", "gte")
    period_until = DayFilter("period_start", "lte")
    met_from = DayFilter("met_date", "gte")
    due_until = DayFilter("due_date", "lte")

    class Meta:
        model = Milestone

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "title": FREE_TEXT,
        "amount": "only of social return",
        "location": "an address",
        "note": FREE_TEXT,
    }
