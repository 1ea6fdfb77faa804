"""Filters above the lists of budgets, ledger lines and claims."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from backend.web.filters import ChoiceFilter, DayFilter, PageFilterSet, SearchFilter
from procurement.money_choices import BudgetSource, ClaimState, EntryKind, SpendCategory


class BudgetFilters(PageFilterSet):
    search = SearchFilter(
        label=_("Municipality"), field_name="municipality__name", lookup_expr="icontains"
    )
    year = django_filters.NumberFilter(label=_("Year"))
    category = ChoiceFilter(label=_("Category"), choices=SpendCategory.choices)
    source = ChoiceFilter(label=_("Source"), choices=BudgetSource.choices)


class LedgerFilters(PageFilterSet):
    search = SearchFilter(method="find", label=_("Contract, provider or municipality"))
    contract = SearchFilter(
        label=_("Contract number"),
        field_name="contract_lot__contract__number",
        lookup_expr="exact",
    )
    kind = ChoiceFilter(label=_("Kind"), choices=EntryKind.choices)
    category = ChoiceFilter(label=_("Category"), choices=SpendCategory.choices)
    month_from = DayFilter(label=_("Month from"), field_name="month", lookup_expr="gte")
    month_until = DayFilter(label=_("Month until"), field_name="month", lookup_expr="lte")

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        for word in value.split():
            queryset = queryset.filter(
                Q(contract_lot__contract__number__icontains=word)
                | Q(contract_lot__contract__provider__organisation__name__icontains=word)
                | Q(municipality__name__icontains=word)
            )
        return queryset


class ClaimFilters(PageFilterSet):
    search = SearchFilter(method="find", label=_("Claim, contract, provider or municipality"))
    state = ChoiceFilter(label=_("Status"), choices=ClaimState.choices)
    month_from = DayFilter(label=_("Month from"), field_name="month", lookup_expr="gte")
    month_until = DayFilter(label=_("Month until"), field_name="month", lookup_expr="lte")

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        for word in value.split():
            queryset = queryset.filter(
                Q(number__icontains=word)
                | Q(contract__number__icontains=word)
                | Q(contract__provider__organisation__name__icontains=word)
                | Q(municipality__name__icontains=word)
            )
        return queryset
