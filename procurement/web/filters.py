"""Filters of the lists of contracts, lots and tenders."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from backend.common.codes import Component
from backend.web.filters import ChoiceFilter, DayFilter, PageFilterSet, SearchFilter
from procurement.choices import ContractStatus, TenderProcedure, TenderStatus
from procurement.models import ContractLot


class ContractFilters(PageFilterSet):
    search = SearchFilter(method="find", label=_("Number, title or provider"))
    status = ChoiceFilter(label=_("Status"), choices=ContractStatus.choices)
    component = ChoiceFilter(
        label=_("Component"), choices=Component.choices, method="has_component"
    )
    in_force_on = DayFilter(label=_("In force on"), method="runs_on")

    ends_before = DayFilter(label=_("Ends on or before"), field_name="end_date", lookup_expr="lte")

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        for word in value.split():
            queryset = queryset.filter(
                Q(number__icontains=word)
                | Q(title__icontains=word)
                | Q(provider__organisation__name__icontains=word)
            )
        return queryset

    def has_component(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        lots = ContractLot.objects.filter(
            contract=OuterRef("pk"), lot__components__contains=[value]
        )
        return queryset.filter(Exists(lots))

    def runs_on(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return queryset.filter(start_date__lte=value, end_date__gte=value)


class LotFilters(PageFilterSet):
    search = SearchFilter(method="find", label=_("Code or title"))
    component = ChoiceFilter(label=_("Component"), choices=Component.choices, method="covers")

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        for word in value.split():
            queryset = queryset.filter(Q(code__icontains=word) | Q(title__icontains=word))
        return queryset

    def covers(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(components__contains=[value])


class TenderFilters(PageFilterSet):
    search = SearchFilter(method="find", label=_("Reference, title or publication number"))
    status = ChoiceFilter(label=_("Status"), choices=TenderStatus.choices)
    procedure = ChoiceFilter(label=_("Procedure"), choices=TenderProcedure.choices)

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        for word in value.split():
            queryset = queryset.filter(
                Q(reference__icontains=word)
                | Q(title__icontains=word)
                | Q(publication_reference__icontains=word)
            )
        return queryset
