"""Budgets, ledger, claims, clauses and findings, for the parties to them."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from backend.api.viewsets import (
    CreateOperation,
    DeleteOperation,
    ReadOnlyResource,
    UpdateOperation,
)
from backend.organisations.permissions import Permission
from procurement.api import money_filtersets as filtersets
from procurement.api import money_serializers as serializers
from procurement.api.viewsets import PARTIES
from procurement.models import (
    Budget,
    CallOff,
    Claim,
    Clause,
    ClauseBreach,
    Contract,
    Expense,
    LedgerEntry,
    Milestone,
)
from procurement.money_errors import ClauseLockedError, LineNotCreditableError
from procurement.selectors.versions import draft_version
from procurement.services.breaches import breach_acknowledge, breach_resolve
from procurement.services.budgets import budget_change, budget_set, expense_record
from procurement.services.claim_decisions import Reduction, claim_assess, claim_line_credit
from procurement.services.claim_drafts import ClaimLineDraft
from procurement.services.claims import claim_submit
from procurement.services.clauses import (
    clause_add,
    clause_change,
    clause_remove,
    milestone_record,
)

WRITERS = (Permission.MANAGE_CONTRACTS, Permission.MANAGE_CATALOGUE)
# A claim of five thousand lines.
CLAIM_BYTES = 5 * 1024 * 1024


class BudgetViewSet(CreateOperation, UpdateOperation, ReadOnlyResource):
    """Budgets per municipality, year, source and category."""

    model = Budget
    serializer_class = serializers.BudgetSerializer
    filterset_class = filtersets.BudgetFilterSet
    input_serializers = {
        "create": serializers.BudgetInput,
        "partial_update": serializers.BudgetChange,
    }
    sortable = {
        "year": "year",
        "category": "category",
        "source": "source",
        "amount": "amount",
        "municipality": "municipality__name",
    }
    default_order = ("-year", "municipality__name", "category", "source")
    required_permission = Permission.VIEW_CONTRACTS
    action_permissions = {
        "create": Permission.MANAGE_CONTRACTS,
        "partial_update": Permission.MANAGE_CONTRACTS,
    }

    def perform_create(self, data: dict[str, Any]) -> models.Model:
        return budget_set(actor=self.actor, **data)

    def perform_update(self, instance: Any, data: dict[str, Any]) -> models.Model:
        return budget_change(
            actor=self.actor,
            budget=instance,
            amount=data.get("amount", instance.amount),
            note=data.get("note", instance.note),
        )


class ExpenseViewSet(CreateOperation, ReadOnlyResource):
    """Costs outside any contract, such as interpreters, per reference of the municipality."""

    model = Expense
    serializer_class = serializers.ExpenseSerializer
    filterset_class = filtersets.ExpenseFilterSet
    input_serializers = {"create": serializers.ExpenseInput}
    sortable = {"spentDate": "spent_date", "amount": "amount", "category": "category"}
    default_order = ("-spent_date",)
    required_permission = Permission.VIEW_CONTRACTS
    action_permissions = {"create": Permission.MANAGE_CONTRACTS}

    def perform_create(self, data: dict[str, Any]) -> models.Model:
        return expense_record(actor=self.actor, **data)


class CallOffViewSet(ReadOnlyResource):
    """Call-offs: what each accepted placement draws on a contract lot, with the sums of its ledger.

    Seen by the municipality, who pays, the buyer, and the provider for its own contracts.
    """

    model = CallOff
    serializer_class = serializers.CallOffSerializer
    filterset_class = filtersets.CallOffFilterSet
    sortable = {
        "createdAt": "created_at",
        "startDate": "start_date",
        "endDate": "end_date",
        "amount": "amount",
        "contract": "contract_lot__contract__number",
        "municipality": "municipality__name",
        "state": "state",
    }
    default_order = ("-start_date",)
    required_permission = PARTIES
    prepared_once = True

    def prepared(self, queryset: Any) -> Any:
        return queryset.with_balance()


class LedgerEntryViewSet(ReadOnlyResource):
    """The append-only ledger: committed, released, delivered, claimed, approved, credited."""

    model = LedgerEntry
    serializer_class = serializers.LedgerEntrySerializer
    filterset_class = filtersets.LedgerEntryFilterSet
    sortable = {"createdAt": "created_at", "month": "month", "amount": "amount", "kind": "kind"}
    default_order = ("-created_at",)
    required_permission = PARTIES


class ClaimViewSet(CreateOperation, ReadOnlyResource):
    """Claims per calendar month; each line is checked when it is sent, and decided once."""

    model = Claim
    serializer_class = serializers.ClaimSerializer
    filterset_class = filtersets.ClaimFilterSet
    input_serializers = {
        "create": serializers.ClaimInput,
        "assess": serializers.AssessInput,
        "credit": serializers.CreditInput,
    }
    sortable = {
        "month": "month",
        "number": "number",
        "answerDueDate": "answer_due_date",
        "state": "state",
    }
    default_order = ("-month", "number")
    required_permission = PARTIES
    action_permissions = {
        "create": Permission.MANAGE_CATALOGUE,
        "assess": Permission.MANAGE_CONTRACTS,
        "credit": WRITERS,
    }
    created_actions = ("create", "credit")
    max_body_bytes = CLAIM_BYTES

    def perform_create(self, data: dict[str, Any]) -> models.Model:
        lines = [ClaimLineDraft(**one) for one in data.pop("lines")]
        return claim_submit(actor=self.actor, lines=lines, **data)

    @action(detail=True, methods=["post"])
    def assess(self, request: Request, id: str) -> HttpResponse:
        """Approves every waiting line, except those refused or approved in part with a reason."""
        claim = self.visible_object(id)

        def run(data: dict[str, Any]) -> models.Model:
            refusals = {one["line"]: one["reason"] for one in data.get("refusals", ())}
            reductions = {
                one["line"]: Reduction(one["quantity"], one["reason"])
                for one in data.get("reductions", ())
            }
            return claim_assess(
                actor=self.actor, claim=claim, refusals=refusals, reductions=reductions
            )

        return self.command(request, run)

    @action(detail=True, methods=["post"])
    def credit(self, request: Request, id: str) -> HttpResponse:
        """Takes an approved line back; answers the claim with the credit line that does so."""
        claim = self.visible_object(id)

        def run(data: dict[str, Any]) -> models.Model:
            line = claim.lines.filter(uuid=data["line"]).first()
            if line is None:
                raise LineNotCreditableError
            return claim_line_credit(actor=self.actor, line=line, reason=data["reason"])

        return self.command(request, run, status=201)


class ClauseViewSet(CreateOperation, UpdateOperation, DeleteOperation, ReadOnlyResource):
    """Clauses of contract versions, with their numbers."""

    model = Clause
    serializer_class = serializers.ClauseSerializer
    filterset_class = filtersets.ClauseFilterSet
    input_serializers = {
        "create": serializers.ClauseInput,
        "partial_update": serializers.ClauseChange,
    }
    sortable = {"kind": "kind", "contract": "version__contract__number"}
    default_order = ("version__contract__number", "kind")
    required_permission = PARTIES
    action_permissions = dict.fromkeys(
        ("create", "partial_update", "destroy"), Permission.MANAGE_CONTRACTS
    )

    def perform_update(self, instance: Any, data: dict[str, Any]) -> models.Model:
        parameters = {**instance.parameters, **data.get("parameters", {})}
        return clause_change(actor=self.actor, clause=instance, parameters=parameters)

    def perform_delete(self, instance: Any) -> None:
        clause_remove(actor=self.actor, clause=instance)

    def perform_create(self, data: dict[str, Any]) -> models.Model:
        contract: Contract = data.pop("contract")
        version = draft_version(contract.pk)
        if version is None:
            raise ClauseLockedError
        return clause_add(
            actor=self.actor, version=version, parameters=data.pop("parameters", {}), **data
        )


class BreachViewSet(ReadOnlyResource):
    """What the daily evaluation of clauses found, with the evidence."""

    model = ClauseBreach
    serializer_class = serializers.BreachSerializer
    filterset_class = filtersets.BreachFilterSet
    input_serializers = {
        "acknowledge": serializers.AcknowledgeInput,
        "resolve": serializers.ResolveInput,
    }
    sortable = {
        "firstSeen": "first_seen",
        "dueDate": "due_date",
        "kind": "kind",
        "contract": "contract__number",
        "state": "state",
    }
    default_order = ("-first_seen",)
    required_permission = PARTIES
    action_permissions = {"acknowledge": WRITERS, "resolve": Permission.MANAGE_CONTRACTS}

    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, id: str) -> HttpResponse:
        """Buyer or provider has seen it and does something about it."""
        breach = self.visible_object(id)
        return self.command(
            request, lambda data: breach_acknowledge(actor=self.actor, breach=breach, **data)
        )

    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, id: str) -> HttpResponse:
        """The buyer closes the finding and says how it was settled."""
        breach = self.visible_object(id)
        return self.command(
            request, lambda data: breach_resolve(actor=self.actor, breach=breach, **data)
        )


class MilestoneViewSet(CreateOperation, ReadOnlyResource):
    """What the parties promised to do, such as reports and meetings, and when it was done."""

    model = Milestone
    serializer_class = serializers.MilestoneSerializer
    filterset_class = filtersets.MilestoneFilterSet
    input_serializers = {"create": serializers.MilestoneInput}
    sortable = {"periodStart": "period_start", "metDate": "met_date", "kind": "kind"}
    default_order = ("-period_start",)
    required_permission = PARTIES
    action_permissions = {"create": WRITERS}

    def perform_create(self, data: dict[str, Any]) -> models.Model:
        return milestone_record(actor=self.actor, **data)
