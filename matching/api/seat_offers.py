"""Seats that came free, over the API: read, offered to the provider or passed on."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from backend.api.filters import (
    RECORD_FIELDS,
    CodeFilter,
    DayFilter,
    PassendFilterSet,
    ReferenceFilter,
)
from backend.api.personal_text import PersonalTextField, PersonalTextInput
from backend.api.serializers import PassendModelSerializer, PassendSerializer
from backend.api.viewsets import ReadOnlyResource
from backend.organisations.permissions import Permission
from matching.api.inputs import LONGEST_MOTIVATION
from matching.api.serializers import (
    NeedReference,
    OrganisationReference,
    ParticipantReference,
    PlaceSerializer,
    PolicyReference,
)
from matching.models import SeatOffer
from matching.services.seat_offers import seat_offer_decline, seat_offer_take
from matching.waiting_choices import DeclineReason, SeatOfferState, SeatSource

TIERS = [("1", "1"), ("2", "2"), ("3", "3")]


class SeatOfferSerializer(PassendModelSerializer):
    """A seat held for the next person in line; `passedOver` says whom it did not fit."""

    need = NeedReference(read_only=True)
    participant = ParticipantReference(source="need.pip.participant", read_only=True)
    municipality = OrganisationReference(read_only=True)
    intake_moment = PlaceSerializer(read_only=True)
    policy = PolicyReference(read_only=True)
    held_until_at = serializers.DateTimeField(source="expires_at", read_only=True)
    placement = serializers.UUIDField(source="placement.uuid", read_only=True, allow_null=True)

    class Meta:
        model = SeatOffer
        fields = (
            "id",
            "need",
            "participant",
            "municipality",
            "intake_moment",
            "policy",
            "tier",
            "source",
            "passed_over",
            "state",
            "held_until_at",
            "reason",
            "decided_at",
            "placement",
            "created_at",
        )


class SeatOfferFilterSet(PassendFilterSet):
    municipality = ReferenceFilter("municipality__uuid")
    need = ReferenceFilter("need__uuid")
    intake_moment = ReferenceFilter("intake_moment__uuid")
    state = CodeFilter(choices=SeatOfferState.choices)
    source = CodeFilter(choices=SeatSource.choices)
    tier = CodeFilter(choices=TIERS)
    course_starts_from = DayFilter("intake_moment__start_date", "gte")
    course_starts_to = DayFilter("intake_moment__start_date", "lte")

    class Meta:
        model = SeatOffer

    unfiltered = {
        **RECORD_FIELDS,
        "seat_claim": "belongs to the offer",
        "policy": "read with the offer",
        "passed_over": "read with the offer",
        "expires_at": "sort by it",
        "reason": "read with the offer",
        "decided_at": "sort by it",
        "decided_by_label": "internal",
        "placement": "filter placements by need",
    }


class SeatOfferTakeInput(PersonalTextInput, PassendSerializer):
    motivation = PersonalTextField(max_length=LONGEST_MOTIVATION)


class SeatOfferDeclineInput(PassendSerializer):
    reason = serializers.ChoiceField(choices=DeclineReason.choices)


class SeatOfferViewSet(ReadOnlyResource):
    """Seats that came free, each held for the next person in line until somebody decides."""

    model = SeatOffer
    serializer_class = SeatOfferSerializer
    filterset_class = SeatOfferFilterSet
    sortable = {"heldUntilAt": "expires_at", "tier": "tier", "decidedAt": "decided_at"}
    default_order = ("expires_at",)
    required_permission = Permission.VIEW_PARTICIPANTS
    action_permissions = {"take": Permission.PLACE, "decline": Permission.PLACE}
    input_serializers = {"take": SeatOfferTakeInput, "decline": SeatOfferDeclineInput}

    @action(detail=True, methods=["post"])
    def take(self, request: Request, id: UUID) -> HttpResponse:
        """Offers the held place to the provider; the answer names the placement."""
        offer = self.visible_object(id)

        def run(data: dict[str, Any]) -> SeatOffer:
            return seat_offer_take(actor=self.actor, seat_offer=offer, **data)

        return self.command(request, run)

    @action(detail=True, methods=["post"])
    def decline(self, request: Request, id: UUID) -> HttpResponse:
        """Passes the seat on to the next person; this one keeps waiting."""
        offer = self.visible_object(id)

        def run(data: dict[str, Any]) -> SeatOffer:
            return seat_offer_decline(actor=self.actor, seat_offer=offer, **data)

        return self.command(request, run)
