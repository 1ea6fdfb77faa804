"""Advice on supply, requests for groups and bids, over the API."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from backend.api.filters import (
    RECORD_FIELDS,
    CodeFilter,
    DayFilter,
    PassendFilterSet,
    ReferenceFilter,
    SearchFilter,
)
from backend.api.personal_text import PersonalTextField, PersonalTextInput
from backend.api.serializers import PassendModelSerializer, PassendSerializer
from backend.api.viewsets import CreateOperation, ReadOnlyResource
from backend.common.codes import SLOT_CODES, Component, Level, Literacy
from backend.common.errors import InvalidError, Violation
from backend.organisations.permissions import Permission
from matching.api.inputs import LONGEST_NOTE, RoutableOrganisationField
from matching.api.serializers import OrganisationReference, PolicyReference
from matching.choices import RunState
from matching.models import GroupRequest, SupplyAdvice
from matching.services.group_request_rules import GroupRequestData
from matching.services.group_requests import (
    group_request_open,
    group_request_postpone,
    group_request_withdraw,
)
from matching.services.supply_advice import supply_advice_request
from matching.waiting_choices import GroupRequestState
from procurement.models import Lot

SEE, BID = Permission.VIEW_PARTICIPANTS, Permission.ANSWER_PLACEMENTS


class RequestedLot(PassendModelSerializer):
    class Meta:
        model = Lot
        fields = ("id", "code", "title")


class SupplyAdviceSerializer(PassendModelSerializer):
    """Which groups could be started, and where one more seat helps most; see `result`."""

    organisation = OrganisationReference(read_only=True)
    policy = PolicyReference(read_only=True)
    as_of_date = serializers.DateField(source="as_of", read_only=True)

    class Meta:
        model = SupplyAdvice
        fields = (
            "id",
            "organisation",
            "state",
            "as_of_date",
            "policy",
            "requested_by_label",
            "result",
            "finished_at",
            "created_at",
        )


class SupplyAdviceFilterSet(PassendFilterSet):
    organisation = ReferenceFilter("organisation__uuid")
    state = CodeFilter(choices=RunState.choices)
    policy = ReferenceFilter("policy__uuid")
    as_of_from = DayFilter("as_of", "gte")
    as_of_to = DayFilter("as_of", "lte")

    class Meta:
        model = SupplyAdvice

    unfiltered = {
        **RECORD_FIELDS,
        "requested_by_label": "read with the advice",
        "result": "read with the advice",
        "finished_at": "read with the advice",
    }


class SupplyAdviceInput(PassendSerializer):
    organisation = RoutableOrganisationField()


class SupplyAdviceViewSet(CreateOperation, ReadOnlyResource):
    """Where one more place, evening or group helps most; computed by a worker."""

    model = SupplyAdvice
    serializer_class = SupplyAdviceSerializer
    filterset_class = SupplyAdviceFilterSet
    sortable = {"createdAt": "created_at", "asOfDate": "as_of"}
    default_order = ("-created_at",)
    required_permission = SEE
    action_permissions = {"create": Permission.RUN_BATCH}
    input_serializers = {"create": SupplyAdviceInput}

    def perform_create(self, data: dict[str, Any]) -> SupplyAdvice:
        return supply_advice_request(actor=self.actor, **data)


class GroupRequestSerializer(PassendModelSerializer):
    """A group that contracted providers are asked to bid for."""

    organisation = OrganisationReference(read_only=True)
    lot = RequestedLot(read_only=True)

    class Meta:
        model = GroupRequest
        fields = (
            "id",
            "organisation",
            "lot",
            "component",
            "entry_level",
            "target_level",
            "literacy",
            "place",
            "slots",
            "hours_per_week",
            "seats",
            "min_size",
            "earliest_start_date",
            "latest_start_date",
            "answer_due_at",
            "note",
            "state",
            "decided_at",
            "created_at",
        )


class GroupRequestForAsker(GroupRequestSerializer):
    """As who asked sees it: with what the advice said, and the reason of the choice."""

    class Meta:
        model = GroupRequest
        fields = (*GroupRequestSerializer.Meta.fields, "evidence", "decision_reason")


class GroupRequestFilterSet(PassendFilterSet):
    search = SearchFilter("place", "lot__title")
    organisation = ReferenceFilter("organisation__uuid")
    lot = ReferenceFilter("lot__uuid")
    component = CodeFilter(choices=Component.choices)
    entry_level = CodeFilter(choices=Level.choices)
    state = CodeFilter(choices=GroupRequestState.choices)
    earliest_start_from = DayFilter("earliest_start_date", "gte")
    earliest_start_to = DayFilter("earliest_start_date", "lte")

    class Meta:
        model = GroupRequest

    unfiltered = {
        **RECORD_FIELDS,
        "providers": "a provider may not see who else was asked",
        "target_level": "read with the request",
        "literacy": "read with the request",
        "slots": "read with the request",
        "hours_per_week": "read with the request",
        "seats": "read with the request",
        "min_size": "read with the request",
        "latest_start_date": "read with the request",
        "answer_due_at": "sort by it",
        "note": "read with the request",
        "evidence": "read with the request",
        "requested_by_label": "internal",
        "decided_at": "sort by it",
        "decision_reason": "read with the request",
    }


class GroupRequestInput(PersonalTextInput, PassendSerializer):
    organisation = RoutableOrganisationField()
    lot = serializers.UUIDField()
    component = serializers.ChoiceField(choices=Component.choices)
    entry_level = serializers.ChoiceField(choices=Level.choices)
    target_level = serializers.ChoiceField(choices=Level.choices)
    literacy = serializers.ChoiceField(choices=Literacy.choices)
    place = serializers.CharField(max_length=80)
    slots = serializers.ListField(
        child=serializers.RegexField(r"^(MO|TU|WE|TH|FR|SA|SU)[123]$"),
        max_length=len(SLOT_CODES),
    )
    hours_per_week = serializers.IntegerField(min_value=1, max_value=40)
    seats = serializers.IntegerField(min_value=1, max_value=60)
    min_size = serializers.IntegerField(min_value=1, max_value=60)
    earliest_start_date = serializers.DateField()
    latest_start_date = serializers.DateField()
    answer_date = serializers.DateField(required=False)
    note = PersonalTextField(max_length=400, required=False, allow_blank=True)


class GroupReasonInput(PersonalTextInput, PassendSerializer):
    reason = PersonalTextField(max_length=LONGEST_NOTE)


class GroupPostponeInput(GroupReasonInput):
    answer_date = serializers.DateField(help_text="the last day on which providers may answer")


class GroupRequestViewSet(CreateOperation, ReadOnlyResource):
    """Groups that are asked for; contracted providers bid before the deadline."""

    model = GroupRequest
    serializer_class = GroupRequestSerializer
    audiences = {"provider": GroupRequestSerializer, "asker": GroupRequestForAsker}
    filterset_class = GroupRequestFilterSet
    sortable = {
        "createdAt": "created_at",
        "answerDueAt": "answer_due_at",
        "earliestStartDate": "earliest_start_date",
        "decidedAt": "decided_at",
    }
    default_order = ("-created_at",)
    required_permission = (SEE, BID)
    action_permissions = {
        "create": Permission.RUN_BATCH,
        "withdraw": Permission.RUN_BATCH,
        "postpone": Permission.RUN_BATCH,
    }
    input_serializers = {
        "create": GroupRequestInput,
        "withdraw": GroupReasonInput,
        "postpone": GroupPostponeInput,
    }

    def audience_of(self, actor: Any) -> str:
        """Whoever works for a provider anywhere gets the narrower view, also in two roles."""
        return "provider" if actor.with_permission(BID) else "asker"

    def perform_create(self, data: dict[str, Any]) -> GroupRequest:
        organisation = data.pop("organisation")
        mine = self.actor.with_permission(Permission.RUN_BATCH)
        lot = Lot.objects.filter(
            uuid=data.pop("lot"), participations__municipality__in=mine
        ).first()
        if lot is None:
            raise InvalidError(
                violations=[
                    Violation(
                        "lot",
                        "unknown_reference",
                        _("There is no such object, or you cannot see it."),
                    )
                ]
            )
        slots = tuple(data.pop("slots"))
        return group_request_open(
            actor=self.actor,
            organisation=organisation,
            data=GroupRequestData(lot=lot, slots=slots, **data),
        )

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, id: UUID) -> HttpResponse:
        """Takes the request back; all bids end."""
        found = self.visible_object(id)

        def run(data: dict[str, Any]) -> GroupRequest:
            return group_request_withdraw(actor=self.actor, group_request=found, **data)

        return self.command(request, run)

    @action(detail=True, methods=["post"])
    def postpone(self, request: Request, id: UUID) -> HttpResponse:
        """Providers may answer until a later day, and hear of it."""
        found = self.visible_object(id)

        def run(data: dict[str, Any]) -> GroupRequest:
            return group_request_postpone(actor=self.actor, group_request=found, **data)

        return self.command(request, run)
