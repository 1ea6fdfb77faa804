"""Budgets, what was delivered and claimed, and the ledger in which every euro is written down."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.common.records import Record
from backend.organisations.models import Organisation
from procurement.choices import TariffUnit
from procurement.models.call_off import CallOff
from procurement.models.contract import Contract, ContractLot
from procurement.money_choices import (
    BudgetSource,
    ClaimFault,
    ClaimLineState,
    ClaimState,
    ClaimWarning,
    EntryKind,
    SpendCategory,
)
from procurement.money_querysets import (
    ClaimLineQuerySet,
    ClaimQuerySet,
    LedgerEntryQuerySet,
    OfMunicipality,
)

FIRST_OF_MONTH = Q(month__day=1)


class Budget(Record):
    """What a municipality has for one category in one year, and from which source."""

    municipality = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="budgets")
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(2021), MaxValueValidator(2100)]
    )
    source = models.CharField(_("source"), max_length=4, choices=BudgetSource.choices)
    category = models.CharField(_("category"), max_length=11, choices=SpendCategory.choices)
    amount = models.DecimalField(
        _("amount"), max_digits=12, decimal_places=2, validators=[MinValueValidator(0)]
    )
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = OfMunicipality.as_manager()

    class Meta:
        ordering = ["municipality", "-year", "category", "source"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "year", "source", "category"],
                name="procurement_budget_once",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0), name="procurement_budget_amount_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality} {self.year} {self.category} {self.source}"


class Expense(Record):
    """A cost outside any contract, such as an interpreter, for one person-key of the municipality.

    `reference` is a UUID that the municipality can trace to a file; procurement knows no person.
    """

    municipality = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="expenses"
    )
    reference = models.UUIDField(_("reference"))
    category = models.CharField(_("category"), max_length=11, choices=SpendCategory.choices)
    spent_date = models.DateField(_("date"))
    amount = models.DecimalField(
        _("amount"), max_digits=12, decimal_places=2, validators=[MinValueValidator(0)]
    )
    description = models.CharField(_("description"), max_length=160)

    objects = OfMunicipality.as_manager()

    class Meta:
        ordering = ["municipality", "-spent_date", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="procurement_expense_amount_positive"
            )
        ]

    def __str__(self) -> str:
        return f"{self.municipality} {self.spent_date} {self.amount}"


class DeliveredMonth(models.Model):
    """What was delivered for one call-off in one month, as last reported by the apps above."""

    call_off = models.ForeignKey(CallOff, on_delete=models.PROTECT, related_name="delivered_months")
    month = models.DateField()
    quantity = models.DecimalField(max_digits=9, decimal_places=2)
    amount = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        ordering = ["call_off", "month"]
        constraints = [
            models.UniqueConstraint(
                fields=["call_off", "month"], name="procurement_deliveredmonth_once"
            ),
            models.CheckConstraint(
                condition=FIRST_OF_MONTH, name="procurement_deliveredmonth_first_day"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0) & Q(amount__gte=0),
                name="procurement_deliveredmonth_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call_off_id} {self.month}"


class Claim(Record):
    """What a provider asks a municipality to pay for one calendar month (iWmo 323)."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="claims")
    municipality = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="claims")
    number = models.CharField(_("claim number"), max_length=40)
    month = models.DateField(_("month"))
    state = models.CharField(
        _("status"), max_length=9, choices=ClaimState.choices, default=ClaimState.SUBMITTED
    )
    # The answer must be there on this day (iWmo 325: ten working days).
    answer_due_date = models.DateField(_("answer due"))
    assessed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "contract", "number"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="procurement_claim_number"),
            models.CheckConstraint(condition=FIRST_OF_MONTH, name="procurement_claim_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.contract.number} {self.number}"


class ClaimLine(Record):
    """One amount for one call-off; a credit line takes back a line that was approved."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="lines")
    line_reference = models.CharField(_("line reference"), max_length=40)
    # As sent; `call_off` is empty when no placement of this contract has it.
    reference = models.UUIDField(_("placement reference"))
    call_off = models.ForeignKey(
        CallOff, on_delete=models.PROTECT, null=True, blank=True, related_name="claim_lines"
    )
    start_date = models.DateField(_("first day"))
    end_date = models.DateField(_("last day"))
    unit = models.CharField(_("unit"), max_length=12, choices=TariffUnit.choices)
    quantity = models.DecimalField(
        _("quantity"), max_digits=9, decimal_places=2, validators=[MinValueValidator(0)]
    )
    rate = models.DecimalField(
        _("price"), max_digits=10, decimal_places=2, validators=[MinValueValidator(0)]
    )
    amount = models.DecimalField(
        _("amount"), max_digits=12, decimal_places=2, validators=[MinValueValidator(0)]
    )
    credits_reference = models.CharField(_("takes back line"), max_length=40, blank=True)
    credits = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="credited_by"
    )
    state = models.CharField(
        _("status"), max_length=8, choices=ClaimLineState.choices, default=ClaimLineState.PENDING
    )
    faults = ArrayField(
        models.CharField(max_length=20, choices=ClaimFault.choices), default=list, blank=True
    )
    warnings = ArrayField(
        models.CharField(max_length=20, choices=ClaimWarning.choices), default=list, blank=True
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    # What was approved of it: all, or a part with the reason in `note`. Empty until then.
    approved_quantity = models.DecimalField(
        _("approved quantity"), max_digits=9, decimal_places=2, null=True, blank=True
    )
    approved_amount = models.DecimalField(
        _("approved amount"), max_digits=12, decimal_places=2, null=True, blank=True
    )

    objects = ClaimLineQuerySet.as_manager()

    class Meta:
        ordering = ["claim", "line_reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "line_reference"], name="procurement_claimline_reference"
            ),
            # Whoever takes back a line twice is stopped here, whatever raced.
            models.UniqueConstraint(
                fields=["credits"],
                condition=Q(state=ClaimLineState.APPROVED),
                name="procurement_claimline_credited_once",
            ),
            models.CheckConstraint(
                condition=Q(end_date__gte=F("start_date")),
                name="procurement_claimline_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0) & Q(rate__gte=0) & Q(amount__gte=0),
                name="procurement_claimline_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=ClaimLineState.APPROVED,
                    approved_quantity__range=(0, F("quantity")),
                    approved_amount__range=(0, F("amount")),
                )
                | Q(
                    ~Q(state=ClaimLineState.APPROVED),
                    approved_quantity__isnull=True,
                    approved_amount__isnull=True,
                ),
                name="procurement_claimline_approved_within",
            ),
            models.CheckConstraint(
                condition=~Q(state=ClaimLineState.REFUSED) | Q(faults__len__gt=0),
                name="procurement_claimline_refused_with_code",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim} {self.line_reference}"

    @property
    def is_credit(self) -> bool:
        return self.credits_reference != ""

    @property
    def is_partly_approved(self) -> bool:
        """Less was approved than was claimed; the reason is in `note`."""
        return self.approved_amount is not None and self.approved_amount < self.amount


class LedgerEntry(Record):
    """One line of the ledger: append-only, the database refuses every change.

    Sums per kind always equal the rows they were written with: call-offs, delivered months, claim
    lines and expenses (services.ledger; checked every night by selectors.ledger_checks).
    """

    kind = models.CharField(_("kind"), max_length=9, choices=EntryKind.choices)
    municipality = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="ledger_entries"
    )
    # Whose budget it is: that of the call-off, and of an expense the municipality itself.
    payer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="paid_ledger_entries"
    )
    contract_lot = models.ForeignKey(
        ContractLot, on_delete=models.PROTECT, null=True, blank=True, related_name="ledger_entries"
    )
    call_off = models.ForeignKey(
        CallOff, on_delete=models.PROTECT, null=True, blank=True, related_name="ledger_entries"
    )
    expense = models.ForeignKey(
        Expense, on_delete=models.PROTECT, null=True, blank=True, related_name="ledger_entries"
    )
    claim_line = models.ForeignKey(
        ClaimLine, on_delete=models.PROTECT, null=True, blank=True, related_name="ledger_entries"
    )
    category = models.CharField(_("category"), max_length=11, choices=SpendCategory.choices)
    # The first day of the month that the amount belongs to.
    month = models.DateField(_("month"))
    quantity = models.DecimalField(_("quantity"), max_digits=9, decimal_places=2)
    # Below zero where an earlier line is corrected.
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)

    objects = LedgerEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    call_off__isnull=False, contract_lot__isnull=False, expense__isnull=True
                )
                | Q(
                    call_off__isnull=True,
                    contract_lot__isnull=True,
                    claim_line__isnull=True,
                    expense__isnull=False,
                ),
                name="procurement_ledgerentry_one_ground",
            ),
            models.CheckConstraint(
                condition=FIRST_OF_MONTH, name="procurement_ledgerentry_first_day"
            ),
            models.UniqueConstraint(
                fields=["call_off"],
                condition=Q(kind=EntryKind.COMMITTED),
                name="procurement_ledgerentry_committed_once",
            ),
            models.UniqueConstraint(
                fields=["claim_line", "kind"],
                condition=Q(kind__in=[EntryKind.APPROVED, EntryKind.CREDITED]),
                name="procurement_ledgerentry_decided_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["contract_lot", "kind"],
                include=["amount"],
                name="procurement_ledger_balance",
            ),
            models.Index(
                fields=["municipality", "month", "category", "kind"],
                include=["amount"],
                name="procurement_ledger_budget",
            ),
            models.Index(
                fields=["payer", "month", "category", "kind"],
                include=["amount"],
                name="procurement_ledger_payer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
