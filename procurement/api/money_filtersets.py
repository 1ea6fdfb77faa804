"""Filters of budgets, ledger, claims, clauses and findings."""

from typing import Any, ClassVar

from django.db.models import QuerySet

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
from backend.common.codes import Component
from procurement.choices import CallOffState
from procurement.clauses.kinds import BreachState, ClauseKind, MilestoneKind, Severity
from procurement.models import (
    Budget,
    CallOff,
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


class RunsInYearFilter(IntegerFilter):
    """At least one day of the period falls in the calendar year."""

    form_options = {"min_value": 2000, "max_value": 2100}
    schema = {
        "type": "integer",
        "format": "int32",
        "minimum": 2000,
        "maximum": 2100,
        "example": 2027,
    }

    def filter(self, qs: QuerySet[Any], value: int) -> QuerySet[Any]:
        return qs.filter(start_date__year__lte=value, end_date__year__gte=value)


class CallOffFilterSet(PassendFilterSet):
    search = SearchFilter("reference", "contract_lot__contract__number")
    placement_reference = ReferenceFilter("reference")
    contract = ReferenceFilter("contract_lot__contract__uuid")
    lot = ReferenceFilter("contract_lot__lot__uuid")
    provider = ReferenceFilter("contract_lot__contract__provider__uuid")
    municipality = ReferenceFilter("municipality__uuid")
    payer = ReferenceFilter("payer__uuid")
    component = CodeFilter("tariff__component", choices=Component.choices)
    state = CodeFilter(choices=CallOffState.choices)
    year = RunsInYearFilter()
    starts_from = DayFilter("start_date", "gte")
    starts_until = DayFilter("start_date", "lte")
    ends_from = DayFilter("end_date", "gte")
    ends_until = DayFilter("end_date", "lte")
    amount_min = AmountFilter("amount", "gte")
    amount_max = AmountFilter("amount", "lte")

    class Meta:
        model = CallOff

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "person_key": "the municipality's own key; never shown",
        "tariff": "follows from lot, component and start date",
        "quantity": "a property of the amount",
    }


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
