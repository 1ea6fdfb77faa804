"""Providers as suppliers over the API: what waits at each, for the talk about their contracts."""

from typing import Any, ClassVar

from rest_framework import serializers

from backend.api.filters import RECORD_FIELDS, IntegerFilter, PassendFilterSet, SearchFilter
from backend.api.serializers import PassendModelSerializer
from backend.api.viewsets import ReadOnlyResource
from procurement.api.viewsets import PARTIES
from procurement.selectors.suppliers import suppliers
from providers.models import Provider

ELSEWHERE = "read providers themselves"


class SupplierSerializer(PassendModelSerializer):
    """Numbers only; `clause-breaches`, `contracts` and `call-offs` have the rows behind them."""

    name = serializers.CharField(source="organisation.name", read_only=True)
    running_contracts = serializers.IntegerField(read_only=True)
    open_breaches = serializers.IntegerField(read_only=True)
    open_signals = serializers.IntegerField(read_only=True)
    running_places = serializers.IntegerField(read_only=True)

    class Meta:
        model = Provider
        fields = (
            "id",
            "name",
            "running_contracts",
            "open_breaches",
            "open_signals",
            "running_places",
        )


class SupplierFilterSet(PassendFilterSet):
    search = SearchFilter("organisation__name", "kvk_number")
    open_breaches_min = IntegerFilter("open_breaches", "gte")
    running_places_min = IntegerFilter("running_places", "gte")

    class Meta:
        model = Provider

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        **dict.fromkeys(
            ("duo_number", "bow_number", "brin", "email", "phone", "website"), ELSEWHERE
        ),
    }


class SupplierViewSet(ReadOnlyResource):
    """Providers with a contract that the caller sees: findings that wait, and places that run.

    Most breaches first. The id is that of the provider.
    """

    model = Provider
    serializer_class = SupplierSerializer
    filterset_class = SupplierFilterSet
    sortable = {
        "name": "organisation__name",
        "openBreaches": "open_breaches",
        "openSignals": "open_signals",
        "runningPlaces": "running_places",
    }
    default_order = ("-open_breaches", "-open_signals", "organisation__name")
    required_permission = PARTIES

    def visible(self) -> Any:
        return suppliers(self.actor)
