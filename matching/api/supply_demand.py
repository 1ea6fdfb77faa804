"""Supply and demand over the API."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from backend.api.serializers import PassendSerializer
from backend.common.codes import Component, Level
from backend.organisations.permissions import Permission
from matching.api.waiting_times import FigureViewSet, OwnMunicipalityField
from matching.models import Need
from matching.selectors.supply_demand import SupplyScope, supply_demand


class SupplyMonthSerializer(PassendSerializer):
    """One month ahead; eight out of ten months lie between low and high."""

    month_date = serializers.DateField(source="month", help_text="The first day of the month.")
    expected_needs = serializers.FloatField(source="expected.mean")
    expected_low = serializers.IntegerField(source="expected.low")
    expected_high = serializers.IntegerField(source="expected.high")
    pips_due = serializers.IntegerField()
    starts = serializers.IntegerField()
    seats_free = serializers.IntegerField(source="seats")
    waiting_after = serializers.IntegerField()


class SupplyGapSerializer(PassendSerializer):
    """Component and level: waiting, expected and seats in the coming three months."""

    component = serializers.ChoiceField(Component.choices)
    level = serializers.ChoiceField(Level.choices)
    waiting = serializers.IntegerField()
    expected_needs = serializers.FloatField(source="expected")
    seats_free = serializers.IntegerField(source="seats")
    gap = serializers.IntegerField()


class SpreadSerializer(PassendSerializer):
    name = serializers.CharField()
    starts = serializers.IntegerField()
    seats_free = serializers.IntegerField(source="seats")


class SupplyDemandSerializer(PassendSerializer):
    """Expected needs against published seats, and the spread of starts."""

    waiting = serializers.IntegerField()
    learned_months = serializers.IntegerField()
    items = SupplyMonthSerializer(source="months", many=True)
    gaps = SupplyGapSerializer(many=True)
    day_parts = SpreadSerializer(many=True)
    places = SpreadSerializer(many=True)


class SupplyDemandQuery(PassendSerializer):
    component = serializers.ChoiceField(Component.choices, required=False)
    level = serializers.ChoiceField(Level.choices, required=False)
    municipality = OwnMunicipalityField(required=False)


class SupplyDemandViewSet(FigureViewSet):
    """What will be needed, what is published, and where too little starts."""

    model = Need
    serializer_class = SupplyDemandSerializer
    query = SupplyDemandQuery
    required_permission = Permission.VIEW_PARTICIPANTS

    @extend_schema(parameters=[SupplyDemandQuery])
    def retrieve(self, request: Request) -> HttpResponse:
        """Twelve months ahead, with gaps per component and level."""
        chosen = self.chosen(request)
        town = chosen.pop("municipality", None)
        scope = SupplyScope(municipality_id=town.pk if town else None, **chosen)
        return self.answer(request, supply_demand(self.actor, scope))
