"""Filters above the lists of demand and placement."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from backend.common.codes import Component
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.web.filters import ChoiceFilter, PageFilterSet, SearchFilter
from matching.choices import NeedState, PlacementState
from matching.engine import TIER_LABELS
from matching.models import Need, Placement

TIERS = [(tier, _(label)) for tier, label in TIER_LABELS.items()]


def own_municipalities(request: Any) -> QuerySet[Organisation]:
    if request is None:
        return Organisation.objects.none()
    keys = request.actor.with_permission(Permission.VIEW_PARTICIPANTS)
    return Organisation.objects.filter(pk__in=keys, kind="municipality").order_by("name")


class WorkListFilters(PageFilterSet):
    search = SearchFilter(label=_("Reference"), method="find")
    tier = ChoiceFilter(label=_("Urgency"), choices=TIERS)
    component = ChoiceFilter(label=_("Component"), choices=Component.choices)
    state = ChoiceFilter(label=_("Status"), choices=NeedState.choices)
    municipality = django_filters.ModelChoiceFilter(
        label=_("Municipality"),
        queryset=own_municipalities,
        to_field_name="code",
        empty_label=_("All"),
    )

    class Meta:
        model = Need
        fields: list[str] = []

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(pip__participant__reference__icontains=value)


class PlacementFilters(PageFilterSet):
    search = SearchFilter(label=_("Reference, course or provider"), method="find")
    state = ChoiceFilter(label=_("Status"), choices=PlacementState.choices)
    component = ChoiceFilter(
        label=_("Component"), choices=Component.choices, field_name="need__component"
    )

    class Meta:
        model = Placement
        fields: list[str] = []

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(
            Q(participant__reference__icontains=value)
            | Q(intake_moment__group__course__name__icontains=value)
            | Q(provider_organisation__name__icontains=value)
        )
