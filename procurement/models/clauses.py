"""Clauses that a version agrees, what was found against them, and what was done as promised."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.common.records import Record
from procurement.clauses.kinds import BreachState, ClauseKind, MilestoneKind, Severity
from procurement.models.contract import Contract, ContractLot
from procurement.models.version import ContractVersion
from procurement.money_querysets import ClauseQuerySet, OfContract


class Clause(Record):
    """A clause of a contract version with its numbers; checked every day while the version holds.

    `parameters` was validated against the library (procurement.clauses.library) when it was
    written. Without a lot it holds for the whole contract.
    """

    version = models.ForeignKey(ContractVersion, on_delete=models.CASCADE, related_name="clauses")
    kind = models.CharField(_("clause"), max_length=14, choices=ClauseKind.choices)
    # Tells apart two clauses of one kind, such as a monthly and a yearly report.
    detail = models.CharField(_("what for"), max_length=60, blank=True)
    contract_lot = models.ForeignKey(
        ContractLot, on_delete=models.CASCADE, null=True, blank=True, related_name="clauses"
    )
    parameters = models.JSONField(_("parameters"), default=dict)

    objects = ClauseQuerySet.as_manager()

    class Meta:
        ordering = ["version", "kind", "detail", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "kind", "detail", "contract_lot"],
                nulls_distinct=False,
                name="procurement_clause_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.kind}"


class ClauseBreach(Record):
    """One finding against a clause, with a link to its evidence.

    Found once per contract, clause, subject and day or period, however often is evaluated. The
    subject is a placement, a document, a lot: never a person's name.
    """

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="breaches")
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, related_name="breaches")
    kind = models.CharField(_("clause"), max_length=14, choices=ClauseKind.choices)
    detail = models.CharField(max_length=60, blank=True)
    severity = models.CharField(_("kind of finding"), max_length=6, choices=Severity.choices)
    subject_type = models.CharField(max_length=40)
    subject_uuid = models.UUIDField()
    subject_label = models.CharField(max_length=160)
    period = models.CharField(_("day or period"), max_length=20)
    # What was measured and what was agreed, as the rule found them; shown in a sentence.
    facts = models.JSONField(default=dict)
    due_date = models.DateField(_("due"), null=True, blank=True)
    evidence_url = models.CharField(max_length=300, blank=True)
    first_seen = models.DateField(_("found on"))
    last_seen = models.DateField(_("last found on"))
    state = models.CharField(
        _("status"), max_length=12, choices=BreachState.choices, default=BreachState.OPEN
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True, editable=False)
    acknowledged_by = models.CharField(max_length=200, blank=True, editable=False)
    resolved_at = models.DateTimeField(null=True, blank=True, editable=False)
    resolved_by = models.CharField(max_length=200, blank=True, editable=False)
    note = models.TextField(_("note"), blank=True, max_length=2000)

    objects = OfContract.as_manager()

    class Meta:
        ordering = ["-first_seen", "contract", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "kind", "detail", "subject_uuid", "period"],
                name="procurement_clausebreach_once",
            ),
            models.CheckConstraint(
                condition=Q(last_seen__gte=F("first_seen")),
                name="procurement_clausebreach_seen_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(state=BreachState.RESOLVED) | Q(resolved_at__isnull=False),
                name="procurement_clausebreach_resolved_dated",
            ),
        ]
        indexes = [
            models.Index(
                fields=["contract", "severity"],
                condition=~Q(state=BreachState.RESOLVED),
                name="procurement_breach_unresolved",
            )
        ]

    def __str__(self) -> str:
        return f"{self.contract.number} {self.kind} {self.period}"


class Milestone(Record):
    """Something the parties agreed to do in a period of the contract: a report, a meeting."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="milestones")
    kind = models.CharField(_("kind"), max_length=13, choices=MilestoneKind.choices)
    title = models.CharField(_("title"), max_length=160)
    # The first day of the period that it is about; a subcontractor or other agreement: its own day.
    period_start = models.DateField(_("first day of the period"))
    due_date = models.DateField(_("due"), null=True, blank=True)
    met_date = models.DateField(_("done on"), null=True, blank=True)
    amount = models.DecimalField(
        _("amount"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    location = models.CharField(_("where it is kept"), max_length=300, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=2000)

    objects = OfContract.as_manager()

    class Meta:
        ordering = ["contract", "period_start", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "kind", "period_start", "title"],
                name="procurement_milestone_once",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                name="procurement_milestone_amount_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract.number} {self.title}"
