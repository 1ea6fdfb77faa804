"""Filters above the lists of budgets, ledger lines and claims."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from backend.common import clock
from backend.organisations.models import Organisation
from backend.web.filters import ChoiceFilter, DayFilter, PageFilterSet, SearchFilter
from procurement.choices import CallOffState
from procurement.models import CallOff
from procurement.money_choices import BudgetSource, ClaimState, EntryKind, SpendCategory


class BudgetFilters(PageFilterSet):
    search = SearchFilter(
        label=_("Municipality"), field_name="municipality__name", lookup_expr="icontains"
    )
    year = django_filters.NumberFilter(label=_("Year"))
    category = ChoiceFilter(label=_("Category"), choices=SpendCategory.choices)
    source = ChoiceFilter(label=_("Source"), choices=BudgetSource.choices)


def _of_call_offs(path: str) -> Any:
    """The organisations at `path` of the call-offs that the reader sees."""

    def found(request: Any) -> QuerySet[Organisation]:
        if request is None:
            return Organisation.objects.none()
        seen = CallOff.objects.visible_to(request.actor).order_by().values(path)
        return Organisation.objects.filter(pk__in=seen).order_by("name")

    return found


class CallOffFilters(PageFilterSet):
    search = SearchFilter(method="find", label=_("Reference, contract or lot"))
    contract = SearchFilter(
        label=_("Contract number"),
        field_name="contract_lot__contract__number",
        lookup_expr="exact",
    )
    lot = SearchFilter(label=_("Lot"), field_name="contract_lot__lot__code", lookup_expr="exact")
    provider = django_filters.ModelChoiceFilter(
        label=_("Provider"),
        field_name="contract_lot__contract__provider__organisation",
        queryset=_of_call_offs("contract_lot__contract__provider__organisation"),
        to_field_name="uuid",
        empty_label=_("All"),
    )
    municipality = django_filters.ModelChoiceFilter(
        label=_("Municipality"),
        queryset=_of_call_offs("municipality"),
        to_field_name="uuid",
        empty_label=_("All"),
    )
    payer = django_filters.ModelChoiceFilter(
        label=_("Paid by"),
        queryset=_of_call_offs("payer"),
        to_field_name="uuid",
        empty_label=_("All"),
    )
    state = ChoiceFilter(
        label=_("Status"),
        choices=[("running", _("Runs today")), *CallOffState.choices],
        method="in_state",
    )
    year = django_filters.NumberFilter(
        label=_("Runs in year"), method="runs_in", min_value=2000, max_value=2100
    )

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        for word in value.split():
            queryset = queryset.filter(
                Q(reference__istartswith=word)
                | Q(contract_lot__contract__number__icontains=word)
                | Q(contract_lot__lot__code__iexact=word)
            )
        return queryset

    def in_state(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value != "running":
            return queryset.filter(state=value)
        today = clock.today()
        return queryset.filter(
            state=CallOffState.COMMITTED, start_date__lte=today, end_date__gte=today
        )

    def runs_in(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return queryset.filter(start_date__year__lte=int(value), end_date__year__gte=int(value))


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
