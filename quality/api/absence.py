"""Absence above the policy of the municipality, over the API: read and closed."""

from typing import Any, ClassVar
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
from matching.models import MatchingPolicy
from quality.api.serializers import DeliveredPlacementReference, DelivererReference
from quality.choices import AbsenceOutcome, AbsenceReason, AbsenceState
from quality.models import AbsenceSignal
from quality.services.absence import absence_signal_close


class CountedPolicyReference(PassendModelSerializer):
    """The version of the policy whose thresholds were used."""

    class Meta:
        model = MatchingPolicy
        fields = ("id", "version")


class AbsenceSignalSerializer(PassendModelSerializer):
    """Lessons missed without a valid reason, as counted on the day of the signal."""

    placement = DeliveredPlacementReference(read_only=True)
    municipality = DelivererReference(read_only=True)
    policy = CountedPolicyReference(read_only=True)
    first_lesson_date = serializers.DateField(source="first_date", read_only=True)
    last_lesson_date = serializers.DateField(source="last_date", read_only=True)

    class Meta:
        model = AbsenceSignal
        fields = (
            "id",
            "placement",
            "municipality",
            "policy",
            "reason",
            "first_lesson_date",
            "last_lesson_date",
            "lessons",
            "missed",
            "in_row",
            "percent",
            "state",
            "outcome",
            "note",
            "closed_at",
            "created_at",
        )


class AbsenceSignalFilterSet(PassendFilterSet):
    municipality = ReferenceFilter("municipality__uuid")
    placement = ReferenceFilter("placement__uuid")
    participant = ReferenceFilter("placement__participant__uuid")
    state = CodeFilter(choices=AbsenceState.choices)
    reason = CodeFilter(choices=AbsenceReason.choices)
    outcome = CodeFilter(choices=AbsenceOutcome.choices)
    last_lesson_from = DayFilter("last_date", "gte")
    last_lesson_until = DayFilter("last_date", "lte")

    class Meta:
        model = AbsenceSignal

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "policy": "read with the signal",
        "first_date": "select on the last lesson",
        "lessons": "read with the signal",
        "missed": "sort by the percentage",
        "in_row": "sort by it",
        "percent": "sort by it",
        "note": "long text",
        "closed_at": "sort by it",
        "closed_by_label": "internal",
    }


class AbsenceCloseInput(PersonalTextInput, PassendSerializer):
    outcome = serializers.ChoiceField(choices=AbsenceOutcome.choices)
    note = PersonalTextField(max_length=1000)


class AbsenceSignalViewSet(ReadOnlyResource):
    """People who miss more lessons without a valid reason than their municipality accepts."""

    model = AbsenceSignal
    serializer_class = AbsenceSignalSerializer
    filterset_class = AbsenceSignalFilterSet
    sortable = {
        "createdAt": "created_at",
        "percent": "percent",
        "inRow": "in_row",
        "lastLessonDate": "last_date",
        "closedAt": "closed_at",
    }
    default_order = ("-created_at",)
    required_permission = Permission.MANAGE_PIPS
    input_serializers = {"close": AbsenceCloseInput}

    @action(detail=True, methods=["post"])
    def close(self, request: Request, id: UUID) -> HttpResponse:
        """Closes the signal with what came of it; later lessons count anew."""
        signal = self.visible_object(id)

        def run(data: dict[str, Any]) -> AbsenceSignal:
            return absence_signal_close(actor=self.actor, signal=signal, **data)

        return self.command(request, run)
