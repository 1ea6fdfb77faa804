"""Budgets against what is committed, delivered, claimed and paid in a year."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from backend.accounts.actor import Actor
from backend.common import clock
from backend.organisations.choices import OrganisationKind
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from procurement.models import Budget, CallOff, LedgerEntry
from procurement.money_choices import BudgetSource, EntryKind, SpendCategory
from procurement.selectors.forecast import forecast_by_payer

ZERO = Decimal(0)


@dataclass
class BudgetLine:
    """One category of one payer in one year, in euros."""

    category: str
    spuk: Decimal = ZERO
    own: Decimal = ZERO
    # Delivered until now and still to come in this year on open call-offs.
    committed: Decimal = ZERO
    delivered: Decimal = ZERO
    claimed: Decimal = ZERO
    paid: Decimal = ZERO

    @property
    def label(self) -> str:
        return str(SpendCategory(self.category).label)

    @property
    def budget(self) -> Decimal:
        return self.spuk + self.own

    @property
    def left(self) -> Decimal:
        """What is not bound yet; below zero the budget is exceeded."""
        return self.budget - self.committed


def budget_lines(payer_id: int, year: int) -> list[BudgetLine]:
    """Every category with a budget or with money in the year. Three queries.

    Committed is what was delivered in the year plus the forecast for the rest of it: a call-off
    that runs over New Year counts in each year for its own part. The budget that is charged is
    that of who pays, whoever called off (domain.md 6.2).
    """
    lines: dict[str, BudgetLine] = {}

    def line(category: str) -> BudgetLine:
        return lines.setdefault(category, BudgetLine(category))

    for category, source, amount in Budget.objects.filter(
        municipality=payer_id, year=year
    ).values_list("category", "source", "amount"):
        if source == BudgetSource.SPUK:
            line(category).spuk += amount
        else:
            line(category).own += amount
    for category, kind, amount in (
        LedgerEntry.objects.filter(payer=payer_id, month__year=year)
        .exclude(kind__in=[EntryKind.COMMITTED, EntryKind.RELEASED])
        .order_by()
        .values("category", "kind")
        .annotate(total=Sum("amount"))
        .values_list("category", "kind", "total")
    ):
        one = line(category)
        if kind == EntryKind.DELIVERED:
            one.delivered += amount
            one.committed += amount
        elif kind == EntryKind.CLAIMED:
            one.claimed += amount
        else:
            one.paid += -amount if kind == EntryKind.CREDITED else amount
    call_offs = CallOff.objects.filter(payer=payer_id)
    for month in forecast_by_payer(call_offs, clock.today()):
        if month.month.year == year:
            line(month.category).committed += month.amount
    order = list(SpendCategory.values)
    return sorted(lines.values(), key=lambda one: order.index(one.category))


@dataclass(frozen=True)
class MonthLine:
    """A month of a contract: what was delivered, and what is still expected."""

    month: date
    delivered: Decimal
    expected: Decimal


def months_of_contract(contract_id: int) -> list[MonthLine]:
    """From the first delivery to the end of the last call-off of a contract. Two queries."""
    return _months(
        LedgerEntry.objects.filter(contract_lot__contract=contract_id),
        CallOff.objects.filter(contract_lot__contract=contract_id),
    )


def months_of_payer(payer_id: int) -> list[MonthLine]:
    """The same for all call-offs and expenses that somebody pays. Two queries."""
    return _months(
        LedgerEntry.objects.filter(payer=payer_id), CallOff.objects.filter(payer=payer_id)
    )


def _months(entries: "QuerySet[LedgerEntry]", call_offs: "QuerySet[CallOff]") -> list[MonthLine]:
    delivered: dict[date, Decimal] = dict(
        entries.filter(kind=EntryKind.DELIVERED)
        .order_by()
        .values("month")
        .annotate(total=Sum("amount"))
        .values_list("month", "total")
    )
    expected: dict[date, Decimal] = defaultdict(Decimal)
    for one in forecast_by_payer(call_offs, clock.today()):
        expected[one.month] += one.amount
    return [
        MonthLine(month, delivered.get(month, ZERO), expected.get(month, ZERO))
        for month in sorted({*delivered, *expected})
    ]


@dataclass(frozen=True)
class PersonYear:
    """What was spent for one person-key in one year on one category, for the accounts (SiSa)."""

    municipality: str
    payer: str
    reference: str
    year: int
    category: str
    is_education_route: bool
    quantity: Decimal
    delivered: Decimal
    claimed: Decimal
    paid: Decimal

    @property
    def label(self) -> str:
        return str(SpendCategory(self.category).label)


# Where a search of these lines looks.
ACCOUNTS_SEARCHED = ("municipality", "payer", "reference", "label")


def payers_of(actor: Actor) -> "QuerySet[Organisation]":
    """Who has a budget that the actor may see: municipalities, and regions that pay for them."""
    return Organisation.objects.filter(
        pk__in=actor.with_permission(Permission.VIEW_CONTRACTS),
        kind__in=[OrganisationKind.MUNICIPALITY, OrganisationKind.REGION],
    ).order_by("name")


def accountable_entries(actor: Actor) -> "QuerySet[LedgerEntry]":
    """The entries that the actor accounts for: its own people, and what it pays for others."""
    mine = actor.with_permission(Permission.VIEW_CONTRACTS)
    return LedgerEntry.objects.visible_to(actor).filter(
        Q(municipality__in=mine) | Q(payer__in=mine)
    )


def accountability(entries: "QuerySet[LedgerEntry]", year: int) -> list[PersonYear]:
    """Spend per person-key, year and category, summed in the database. One query.

    The key is that of the person at the municipality, which call-offs and expenses share; a
    call-off from before the key was kept has that of its placement. The municipality can trace it
    to a person, procurement cannot. `entries` are those the actor may account for.
    """

    def total(*kinds: EntryKind) -> Sum:
        return Sum("amount", filter=Q(kind__in=kinds), default=ZERO)

    rows = (
        entries.filter(month__year=year)
        .exclude(kind__in=[EntryKind.COMMITTED, EntryKind.RELEASED])
        .order_by()
        .annotate(
            person=Coalesce("call_off__person_key", "call_off__reference", "expense__reference")
        )
        .values("municipality__name", "payer__name", "person", "category")
        .annotate(
            quantity=Sum("quantity", filter=Q(kind=EntryKind.DELIVERED), default=ZERO),
            delivered=total(EntryKind.DELIVERED),
            claimed=total(EntryKind.CLAIMED),
            approved=total(EntryKind.APPROVED),
            credited=total(EntryKind.CREDITED),
        )
        .order_by("municipality__name", "category", "person", "payer__name")
    )
    return [
        PersonYear(
            municipality=one["municipality__name"],
            payer=one["payer__name"],
            reference=str(one["person"]),
            year=year,
            category=one["category"],
            is_education_route=one["category"] == SpendCategory.EDUCATION_ROUTE,
            quantity=one["quantity"],
            delivered=one["delivered"],
            claimed=one["claimed"],
            paid=one["approved"] - one["credited"],
        )
        for one in rows
    ]
