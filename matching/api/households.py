"""Households and bundles of places over the API."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from backend.api.answers import object_answer
from backend.api.filters import (
    RECORD_FIELDS,
    CodeFilter,
    DayFilter,
    PassendFilterSet,
    ReferenceFilter,
)
from backend.api.serializers import PassendModelSerializer, PassendSerializer, ReferenceField
from backend.api.version import API_BASE_PATH
from backend.api.viewsets import (
    CreateOperation,
    DeleteOperation,
    PassendViewSet,
    ReadOnlyResource,
    UpdateOperation,
)
from backend.common.errors import NotFoundError
from backend.organisations.permissions import Permission
from matching.api.serializers import (
    OrganisationReference,
    ParticipantReference,
    PipReference,
    PolicyReference,
)
from matching.household_choices import Coupling, Wish
from matching.models import Household, MatchBundle, Participant, Pip
from matching.services.bundles import bundle_propose
from matching.services.households import (
    HouseholdData,
    household_change,
    household_dissolve,
    household_register,
)

# A household is a family, not a group home.
MOST_MEMBERS = 12


class HouseholdSerializer(PassendModelSerializer):
    """`coupling` together holds until `untilDate` (that day included), or without end."""

    municipality = OrganisationReference(read_only=True)
    participants = ParticipantReference(many=True, read_only=True)

    class Meta:
        model = Household
        fields = (
            "id",
            "municipality",
            "coupling",
            "wish",
            "until_date",
            "participants",
            "created_at",
            "changed_at",
        )


class HouseholdFilterSet(PassendFilterSet):
    municipality = ReferenceFilter("municipality__uuid")
    participant = ReferenceFilter("participants__uuid")
    coupling = CodeFilter(choices=Coupling.choices)
    wish = CodeFilter(choices=Wish.choices)
    until_from = DayFilter("until_date", "gte")
    until_to = DayFilter("until_date", "lte")

    class Meta:
        model = Household

    unfiltered = {**RECORD_FIELDS, "changed_at": "internal"}


class HouseholdInput(PassendSerializer):
    participants = serializers.ListField(
        child=ReferenceField(Participant), max_length=MOST_MEMBERS, allow_empty=False
    )
    coupling = serializers.ChoiceField(choices=Coupling.choices, required=False)
    wish = serializers.ChoiceField(choices=Wish.choices, required=False)
    until_date = serializers.DateField(required=False, allow_null=True)


class HouseholdChange(HouseholdInput):
    """Only what is named changes."""

    participants = serializers.ListField(
        child=ReferenceField(Participant),
        max_length=MOST_MEMBERS,
        allow_empty=False,
        required=False,
    )


class HouseholdViewSet(CreateOperation, UpdateOperation, DeleteOperation, ReadOnlyResource):
    """People whose places have to do with each other: together, until a date, or split."""

    model = Household
    serializer_class = HouseholdSerializer
    filterset_class = HouseholdFilterSet
    sortable = {"createdAt": "created_at", "untilDate": "until_date"}
    default_order = ("-created_at",)
    required_permission = Permission.VIEW_PARTICIPANTS
    action_permissions = dict.fromkeys(
        ("create", "partial_update", "destroy"), Permission.MANAGE_PIPS
    )
    input_serializers = {"create": HouseholdInput, "partial_update": HouseholdChange}

    def perform_create(self, data: dict[str, Any]) -> Household:
        return household_register(actor=self.actor, data=HouseholdData(**data))

    def perform_update(self, instance: Household, data: dict[str, Any]) -> Household:
        known = {
            "participants": list(instance.participants.all()),
            "coupling": instance.coupling,
            "wish": instance.wish,
            "until_date": instance.until_date,
        }
        return household_change(
            actor=self.actor, household=instance, data=HouseholdData(**(known | data))
        )

    def perform_delete(self, instance: Household) -> None:
        household_dissolve(actor=self.actor, household=instance)


class BundleSerializer(PassendModelSerializer):
    """Ranked combinations for all that waits; each part names the match record to choose on."""

    pip = PipReference(read_only=True)
    policy = PolicyReference(read_only=True)
    as_of_date = serializers.DateField(source="as_of", read_only=True)

    class Meta:
        model = MatchBundle
        fields = ("id", "pip", "as_of_date", "policy", "actor_label", "result", "created_at")


class BundleFilterSet(PassendFilterSet):
    pip = ReferenceFilter("pip__uuid")
    policy = ReferenceFilter("policy__uuid")
    as_of_from = DayFilter("as_of", "gte")
    as_of_to = DayFilter("as_of", "lte")

    class Meta:
        model = MatchBundle

    unfiltered = {
        **RECORD_FIELDS,
        "actor_key": "internal",
        "actor_label": "read with the bundle",
        "result": "read with the bundle",
    }


class BundleInput(PassendSerializer):
    """Nothing to fill in: everything that waits is combined."""


class BundleViewSet(ReadOnlyResource):
    """Proposed bundles, as they were at that moment; never changed."""

    model = MatchBundle
    serializer_class = BundleSerializer
    filterset_class = BundleFilterSet
    sortable = {"createdAt": "created_at"}
    default_order = ("-created_at",)
    required_permission = Permission.VIEW_PARTICIPANTS


class PipBundleViewSet(PassendViewSet):
    """The bundle of one PIP: leerroute, KNM, MAP and PVT without overlapping lessons."""

    model = MatchBundle
    serializer_class = BundleSerializer
    required_permission = Permission.VIEW_PARTICIPANTS
    input_serializers = {"create": BundleInput}

    def location_of(self, uuid: UUID) -> str:
        return f"{API_BASE_PATH}/match-bundles/{uuid}"

    def pip(self, uuid: UUID) -> Pip:
        found: Pip | None = (
            Pip.objects.visible_to(self.actor)
            .select_related("participant")
            .filter(uuid=uuid)
            .first()
        )
        if found is None:
            raise NotFoundError
        return found

    def create(self, request: Request, id: UUID) -> HttpResponse:
        """Combines the places that fit for everything that waits, and keeps what was weighed."""

        def run(data: dict[str, Any]) -> MatchBundle:
            return bundle_propose(actor=self.actor, pip=self.pip(id))

        return self.command(request, run, status=201)

    def retrieve(self, request: Request, id: UUID) -> HttpResponse:
        """The latest bundle of the PIP."""
        latest = self.visible().filter(pip=self.pip(id)).first()
        if latest is None:
            raise NotFoundError
        return object_answer(self.representation(latest.uuid)).response()
