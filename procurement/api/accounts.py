"""What follows from the ledger: budgets in use, expected spend, accountability, months to claim."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from backend.api.computed import ComputedList, OneReferenceFilter
from backend.api.filters import (
    CodeFilter,
    ExactFilter,
    IntegerFilter,
    PassendFilterSet,
    SearchFilter,
)
from backend.api.serializers import PassendSerializer
from backend.common import clock
from backend.common.lines import matching, sorted_by
from backend.organisations.permissions import Permission
from procurement.models import Budget, Claim, LedgerEntry
from procurement.money_choices import SpendCategory
from procurement.selectors.budgets import (
    ACCOUNTS_SEARCHED,
    BudgetLine,
    MonthLine,
    PersonYear,
    accountability,
    accountable_entries,
    budget_lines,
    months_of_payer,
    payers_of,
)
from procurement.selectors.claim_proposals import (
    MONTHS_SEARCHED,
    MonthToClaim,
    months_to_claim_by,
)


class YearFilter(IntegerFilter):
    form_options = {"min_value": 2021, "max_value": 2100}


def euros() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=14, decimal_places=2)


class AccountabilityLineSerializer(PassendSerializer):
    """What was spent for one person-key in a year on one category (SiSa); no name, no BSN."""

    municipality = serializers.CharField()
    payer = serializers.CharField()
    reference = serializers.CharField(help_text="The key by which the municipality finds the file.")
    year = serializers.IntegerField()
    category = serializers.ChoiceField(SpendCategory.choices)
    is_education_route = serializers.BooleanField()
    quantity = euros()
    delivered = euros()
    claimed = euros()
    paid = euros()


class AccountabilityFilterSet(PassendFilterSet):
    year = YearFilter(help_text="Left out: this year.")
    category = CodeFilter(choices=SpendCategory.choices)
    reference = ExactFilter()
    search = SearchFilter("label", help_text="Words of municipality, payer, reference or category.")

    class Meta:
        model = LedgerEntry

    unfiltered: ClassVar = {}


class AccountabilityLineViewSet(ComputedList):
    """Spend per person-key, year and category, for the annual accounts of the caller."""

    model = LedgerEntry
    serializer_class = AccountabilityLineSerializer
    filterset_class = AccountabilityFilterSet
    sortable: ClassVar = {
        name: name
        for name in (
            *("municipality", "payer", "reference", "category"),
            *("quantity", "delivered", "claimed", "paid"),
        )
    }
    default_order = ("municipality", "category", "reference", "payer")
    required_permission = Permission.VIEW_CONTRACTS

    def lines(self, asked: Mapping[str, Any], order: Sequence[str]) -> list[PersonYear]:
        year = asked.get("year") or clock.today().year
        categories, reference = asked.get("category"), asked.get("reference")
        found = [
            one
            for one in accountability(accountable_entries(self.actor), year)
            if (not categories or one.category in categories)
            and (not reference or one.reference == reference)
        ]
        return sorted_by(matching(found, asked.get("search", ""), ACCOUNTS_SEARCHED), order)


class BudgetLineSerializer(PassendSerializer):
    """A category of a payer in a year; `left` is below zero where the budget is exceeded."""

    category = serializers.ChoiceField(SpendCategory.choices)
    spuk = euros()
    own = euros()
    committed = euros()
    delivered = euros()
    claimed = euros()
    paid = euros()
    left = euros()


class BudgetLineFilterSet(PassendFilterSet):
    municipality = OneReferenceFilter(help_text="Who pays; required.")
    year = YearFilter(help_text="Left out: this year.")

    class Meta:
        model = Budget

    unfiltered: ClassVar = {}


class OfPayer(ComputedList):
    """Lines of one payer, which the caller names and for which it may look."""

    model = Budget
    required_permission = Permission.VIEW_CONTRACTS

    needed: ClassVar = {"municipality": _("Name the municipality whose budget you ask for.")}

    def payer(self, asked: Mapping[str, Any]) -> int | None:
        """Its key; None where there is no such payer for the caller."""
        found = payers_of(self.actor).filter(uuid=asked["municipality"])
        return found.values_list("pk", flat=True).first()


class BudgetLineViewSet(OfPayer):
    """Per category what a payer has in a year, and what of it is committed and spent."""

    serializer_class = BudgetLineSerializer
    filterset_class = BudgetLineFilterSet

    def lines(self, asked: Mapping[str, Any], order: Sequence[str]) -> list[BudgetLine]:
        payer, year = self.payer(asked), asked.get("year") or clock.today().year
        return [] if payer is None else budget_lines(payer, year)


class ForecastMonthSerializer(PassendSerializer):
    month = serializers.DateField(help_text="The first day of the month.")
    delivered = euros()
    expected = euros()


class ForecastFilterSet(PassendFilterSet):
    municipality = OneReferenceFilter(help_text="Who pays; required.")
    year = YearFilter(help_text="Left out: from the first delivery to the end of all call-offs.")

    class Meta:
        model = Budget

    unfiltered: ClassVar = {}


class ForecastMonthViewSet(OfPayer):
    """Per month what was delivered to a payer, and what is still expected."""

    serializer_class = ForecastMonthSerializer
    filterset_class = ForecastFilterSet

    def lines(self, asked: Mapping[str, Any], order: Sequence[str]) -> list[MonthLine]:
        payer, year = self.payer(asked), asked.get("year")
        found = [] if payer is None else months_of_payer(payer)
        return [one for one in found if year in (None, one.month.year)]


class ClaimMonthSerializer(PassendSerializer):
    """A month of a contract and municipality in which claimed and delivered differ, in euros."""

    contract = serializers.UUIDField(source="contract_uuid")
    contract_number = serializers.CharField(source="contract")
    municipality = serializers.UUIDField(source="municipality_uuid")
    municipality_name = serializers.CharField(source="municipality")
    month = serializers.DateField(help_text="The first day of the month.")
    delivered = euros()
    claimed = euros()
    difference = euros()


class ClaimMonthFilterSet(PassendFilterSet):
    contract = OneReferenceFilter()
    municipality = OneReferenceFilter()
    search = SearchFilter("number", help_text="Words of the contract number or the municipality.")

    class Meta:
        model = Claim

    unfiltered: ClassVar = {}


class ClaimMonthViewSet(ComputedList):
    """What the caller's provider delivered and did not claim, or claimed too much; newest first."""

    model = Claim
    serializer_class = ClaimMonthSerializer
    filterset_class = ClaimMonthFilterSet
    sortable: ClassVar = {
        "month": "month",
        "contractNumber": "contract",
        "municipalityName": "municipality",
        "delivered": "delivered",
        "claimed": "claimed",
        "difference": "difference",
    }
    default_order = ("-month", "contract", "municipality")
    required_permission = Permission.MANAGE_CATALOGUE

    def lines(self, asked: Mapping[str, Any], order: Sequence[str]) -> list[MonthToClaim]:
        contract, municipality = asked.get("contract"), asked.get("municipality")
        found = [
            one
            for one in months_to_claim_by(self.actor)
            if contract in (None, one.contract_uuid)
            and municipality in (None, one.municipality_uuid)
        ]
        return sorted_by(matching(found, asked.get("search", ""), MONTHS_SEARCHED), order)
