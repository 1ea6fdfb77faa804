"""Three layers of capacity over the API: what was contracted, what is published, what is used."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from backend.api.computed import ComputedList
from backend.api.filters import (
    DayFilter,
    FlagFilter,
    PassendFilterSet,
    ReferenceFilter,
    SearchFilter,
)
from backend.api.problems import Fault
from backend.api.serializers import PassendSerializer
from backend.common import clock
from backend.organisations.permissions import Permission
from providers.api.serializers import ProviderReference
from providers.models import Provider
from providers.selectors.capacity import (
    ORDERS,
    PERIOD,
    CapacityLine,
    CapacityWish,
    capacity_list,
)


class CapacityLineSerializer(PassendSerializer):
    """A lot of a contract; without a contract: a kind of course of the caller's own provider."""

    provider = ProviderReference()
    name = serializers.CharField(
        source="label", help_text="Number of the contract and code of the lot."
    )
    contract = serializers.UUIDField(allow_null=True)
    lot = serializers.UUIDField(allow_null=True)
    contracted = serializers.IntegerField(
        allow_null=True, help_text="Places of the contract, spread evenly over its term."
    )
    published = serializers.IntegerField()
    used = serializers.IntegerField()
    missing = serializers.IntegerField(help_text="Contracted, and not published.")
    closed = serializers.IntegerField(help_text="Seats that were free when their start closed.")
    has_alert = serializers.BooleanField()


class CapacityFilterSet(PassendFilterSet):
    search = SearchFilter("name", help_text="Part of the provider, the contract or the lot.")
    provider = ReferenceFilter()
    first_date = DayFilter(help_text="Starts from this day. Left out: today.")
    last_date = DayFilter(help_text="Starts up to this day. Left out: 26 weeks later.")
    has_alert = FlagFilter()

    class Meta:
        model = Provider

    unfiltered: ClassVar = {}


class CapacityLineViewSet(ComputedList):
    """Contracted, published and used places of the starts in a period, per lot of a contract.

    The same lines as on the page; a provider sees its own, also those without a contract.
    """

    model = Provider
    serializer_class = CapacityLineSerializer
    filterset_class = CapacityFilterSet
    sortable = ORDERS
    default_order = (ORDERS["provider"], ORDERS["name"])
    required_permission = (Permission.VIEW_CONTRACTS, Permission.MANAGE_CATALOGUE)

    def judged(self, asked: Mapping[str, Any]) -> Iterable[Fault]:
        first, last = _period(asked)
        if last < first:
            text = _("The last day is before the first day. Correct one of the two.")
            yield Fault("lastDate", "ends_before_start", text)

    def lines(self, asked: Mapping[str, Any], order: Sequence[str]) -> list[CapacityLine]:
        first, last = _period(asked)
        wish = CapacityWish(
            first=first,
            last=last,
            search=asked.get("search", ""),
            providers=asked.get("provider", ()),
            has_alert=asked.get("hasAlert"),
            order=order,
        )
        return capacity_list(actor=self.actor, wish=wish)


def _period(asked: Mapping[str, Any]) -> tuple[date, date]:
    first = asked.get("firstDate") or clock.today()
    return first, asked.get("lastDate") or first + PERIOD
