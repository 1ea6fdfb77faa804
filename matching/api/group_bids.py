"""Bids of contracted providers for a group that is asked for, over the API."""

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
from backend.api.serializers import PassendModelSerializer, PassendSerializer, ReferenceField
from backend.api.viewsets import CreateOperation, ReadOnlyResource
from backend.common.codes import Weekday
from backend.organisations.permissions import Permission
from matching.api.group_requests import BID, SEE, GroupReasonInput
from matching.api.serializers import OrganisationReference
from matching.models import GroupBid, GroupRequest
from matching.services.group_request_rules import GroupBidData
from matching.services.group_requests import (
    group_bid_award,
    group_bid_submit,
    group_bid_withdraw,
)
from matching.waiting_choices import GroupBidState
from providers.models import Course, Location, Provider
from providers.public import SlotDraft


class BidCourse(PassendModelSerializer):
    class Meta:
        model = Course
        fields = ("id", "code", "name")


class BidLocation(PassendModelSerializer):
    class Meta:
        model = Location
        fields = ("id", "name", "place")


class GroupBidSerializer(PassendModelSerializer):
    """What a provider offers for a request; once chosen, with the start that was published."""

    group_request = serializers.UUIDField(source="group_request.uuid", read_only=True)
    provider = OrganisationReference(source="provider.organisation", read_only=True)
    course = BidCourse(read_only=True)
    location = BidLocation(read_only=True)
    intake_moment = serializers.UUIDField(
        source="intake_moment.uuid", read_only=True, allow_null=True
    )

    class Meta:
        model = GroupBid
        fields = (
            "id",
            "group_request",
            "provider",
            "course",
            "location",
            "start_date",
            "end_date",
            "lessons",
            "seats",
            "min_size",
            "teacher",
            "note",
            "state",
            "decided_at",
            "intake_moment",
            "created_at",
        )


class GroupBidFilterSet(PassendFilterSet):
    group_request = ReferenceFilter("group_request__uuid")
    provider = ReferenceFilter("provider__uuid")
    state = CodeFilter(choices=GroupBidState.choices)
    starts_from = DayFilter("start_date", "gte")
    starts_to = DayFilter("start_date", "lte")

    class Meta:
        model = GroupBid

    unfiltered = {
        **RECORD_FIELDS,
        "course": "read with the bid",
        "location": "read with the bid",
        "end_date": "read with the bid",
        "lessons": "read with the bid",
        "seats": "sort by it",
        "min_size": "read with the bid",
        "teacher": "read with the bid",
        "note": "read with the bid",
        "submitted_by_label": "internal",
        "decided_at": "read with the bid",
        "intake_moment": "read with the bid",
    }


class LessonInput(PassendSerializer):
    weekday = serializers.ChoiceField(choices=Weekday.choices)
    start_time = serializers.TimeField()
    end_time = serializers.TimeField()


class GroupBidInput(PersonalTextInput, PassendSerializer):
    group_request = ReferenceField(GroupRequest)
    course = ReferenceField(Course)
    location = ReferenceField(Location)
    start_date = serializers.DateField()
    end_date = serializers.DateField()
    lessons = LessonInput(many=True)
    seats = serializers.IntegerField(min_value=1, max_value=60)
    min_size = serializers.IntegerField(min_value=1, max_value=60)
    teacher = serializers.CharField(max_length=120)
    note = PersonalTextField(max_length=400, required=False, allow_blank=True)


class GroupBidViewSet(CreateOperation, ReadOnlyResource):
    """Bids of providers: who asked sees all of them, a provider only its own."""

    model = GroupBid
    serializer_class = GroupBidSerializer
    filterset_class = GroupBidFilterSet
    sortable = {"createdAt": "created_at", "startDate": "start_date", "seats": "seats"}
    default_order = ("start_date",)
    required_permission = (SEE, BID)
    action_permissions = {"create": BID, "withdraw": BID, "award": Permission.RUN_BATCH}
    input_serializers = {"create": GroupBidInput, "award": GroupReasonInput}

    def perform_create(self, data: dict[str, Any]) -> GroupBid:
        group_request, course = data.pop("group_request"), data["course"]
        lessons = tuple(SlotDraft(**one) for one in data.pop("lessons"))
        return group_bid_submit(
            actor=self.actor,
            group_request=group_request,
            provider=Provider.objects.get(pk=course.provider_id),
            data=GroupBidData(lessons=lessons, **data),
        )

    @action(detail=True, methods=["post"])
    def award(self, request: Request, id: UUID) -> HttpResponse:
        """Chooses the bid: group and start are published, all other bids end."""
        bid = self.visible_object(id)

        def run(data: dict[str, Any]) -> GroupBid:
            return group_bid_award(actor=self.actor, group_bid=bid, **data)

        return self.command(request, run)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, id: UUID) -> HttpResponse:
        """The provider takes its bid back."""
        bid = self.visible_object(id)
        return self.command(
            request, lambda data: group_bid_withdraw(actor=self.actor, group_bid=bid)
        )
