"""What each party sees of people, plans and placements.

A provider sees what it needs to answer an offer and to teach; never the match record, the
motivation or the other candidates. Names stand in a resource of their own, whose reading is logged.
"""

from rest_framework import serializers

from backend.api.serializers import PassendModelSerializer
from backend.organisations.models import Organisation
from matching.models import (
    MatchingPolicy,
    MatchRecord,
    Need,
    Participant,
    ParticipantIdentity,
    Pip,
    Placement,
    PlacementEvent,
    TargetGroupPeriod,
)
from providers.models import IntakeMoment


class OrganisationReference(PassendModelSerializer):
    class Meta:
        model = Organisation
        fields = ("id", "code", "name")


class ParticipantReference(PassendModelSerializer):
    class Meta:
        model = Participant
        fields = ("id", "reference")


class TargetGroupPeriodSerializer(PassendModelSerializer):
    id = None  # type: ignore[assignment]

    class Meta:
        model = TargetGroupPeriod
        fields = ("target_group", "valid_from", "valid_to")


class ParticipantSerializer(PassendModelSerializer):
    municipality = OrganisationReference(read_only=True)
    target_groups = TargetGroupPeriodSerializer(
        source="target_group_periods", many=True, read_only=True
    )
    exempt_until_date = serializers.DateField(
        source="exempt_until", read_only=True, allow_null=True
    )

    class Meta:
        model = Participant
        fields = (
            "id",
            "municipality",
            "reference",
            "obligation_start_date",
            "settlement_date",
            "notified_at_date",
            "first_pip_date",
            "term_start_date",
            "term_end_date",
            "obligation_end_date",
            "exempt_until_date",
            "moved_out_date",
            "target_groups",
            "created_at",
        )


class IdentitySerializer(PassendModelSerializer):
    """Name and contact details; every reading is logged."""

    id = serializers.UUIDField(source="participant.uuid", read_only=True)

    class Meta:
        model = ParticipantIdentity
        fields = ("id", "given_name", "family_name", "birth_date", "language", "email", "phone")


class NeedOfPip(PassendModelSerializer):
    waiting_since_date = serializers.DateField(source="waiting_since", read_only=True)
    deadline_date = serializers.DateField(source="deadline", read_only=True, allow_null=True)

    class Meta:
        model = Need
        fields = ("id", "component", "state", "waiting_since_date", "deadline_date")


class PipSerializer(PassendModelSerializer):
    participant = ParticipantReference(read_only=True)
    municipality = OrganisationReference(source="participant.municipality", read_only=True)
    needs = NeedOfPip(many=True, read_only=True)

    class Meta:
        model = Pip
        fields = (
            "id",
            "participant",
            "municipality",
            "version",
            "is_current",
            "decision_date",
            "route",
            "level",
            "literacy",
            "estimated_hours",
            "downscale_hours",
            "may_finish_education",
            "entry_level",
            "hours_per_week",
            "availability",
            "postcode4",
            "latitude",
            "longitude",
            "max_travel_km",
            "accepts_online",
            "needs_childcare",
            "needs_wheelchair_access",
            "earliest_start_date",
            "latest_start_date",
            "needs",
            "created_at",
        )


class PipReference(PassendModelSerializer):
    class Meta:
        model = Pip
        fields = ("id", "version", "route", "level", "literacy", "entry_level")


class NeedSerializer(PassendModelSerializer):
    """An entry of the waiting list; `tier` is its urgency class under the policy in force."""

    participant = ParticipantReference(source="pip.participant", read_only=True)
    pip = PipReference(read_only=True)
    municipality = OrganisationReference(read_only=True)
    tier = serializers.IntegerField(
        read_only=True, help_text="1 a legal deadline is at risk, 2 waiting long, 3 other."
    )
    waiting_since_date = serializers.DateField(source="waiting_since", read_only=True)
    deadline_date = serializers.DateField(source="deadline", read_only=True, allow_null=True)

    class Meta:
        model = Need
        fields = (
            "id",
            "participant",
            "pip",
            "municipality",
            "component",
            "state",
            "tier",
            "waiting_since_date",
            "deadline_date",
            "closed_reason",
            "created_at",
        )


class NeedReference(PassendModelSerializer):
    pip = PipReference(read_only=True)

    class Meta:
        model = Need
        fields = ("id", "component", "pip")


class PolicyReference(PassendModelSerializer):
    class Meta:
        model = MatchingPolicy
        fields = ("id", "version", "valid_from", "priority", "seed")


class MatchRecordSerializer(PassendModelSerializer):
    """All that was weighed for one need; never changed afterwards."""

    need = NeedReference(read_only=True)
    policy = PolicyReference(read_only=True)
    as_of_date = serializers.DateField(source="as_of", read_only=True)

    class Meta:
        model = MatchRecord
        fields = (
            "id",
            "need",
            "kind",
            "as_of_date",
            "policy",
            "actor_label",
            "need_facts",
            "result",
            "created_at",
        )


class PlaceSerializer(PassendModelSerializer):
    """The start in question, with enough to recognise it."""

    course_name = serializers.CharField(source="group.course.name", read_only=True)
    component = serializers.CharField(source="group.course.component", read_only=True)
    provider_name = serializers.CharField(
        source="group.course.provider.organisation.name", read_only=True
    )
    location_name = serializers.CharField(source="group.location.name", read_only=True)
    place = serializers.CharField(source="group.location.place", read_only=True)

    class Meta:
        model = IntakeMoment
        fields = (
            "id",
            "course_name",
            "component",
            "provider_name",
            "location_name",
            "place",
            "start_date",
            "end_date",
        )


class PlacementEventSerializer(PassendModelSerializer):
    id = serializers.UUIDField(source="message_id", read_only=True)

    class Meta:
        model = PlacementEvent
        fields = ("id", "state", "happened_at", "reason_code", "note")


class PlacementSerializer(PassendModelSerializer):
    """A placement as the municipality sees it."""

    need = NeedReference(read_only=True)
    participant = ParticipantReference(read_only=True)
    municipality = OrganisationReference(read_only=True)
    provider = OrganisationReference(source="provider_organisation", read_only=True)
    intake_moment = PlaceSerializer(read_only=True)
    match_record = serializers.UUIDField(source="match_record.uuid", read_only=True)
    held_until_at = serializers.DateTimeField(
        source="seat_claim.expires_at", read_only=True, allow_null=True
    )
    events = PlacementEventSerializer(many=True, read_only=True)

    class Meta:
        model = Placement
        fields = (
            "id",
            "need",
            "participant",
            "municipality",
            "provider",
            "intake_moment",
            "state",
            "match_record",
            "motivation",
            "overruled_rules",
            "is_referral",
            "held_until_at",
            "offered_at",
            "answer_due_at",
            "start_date",
            "end_date",
            "events",
            "created_at",
        )


class AskedPip(PassendModelSerializer):
    """What a provider must know to judge whether somebody fits the group."""

    id = None  # type: ignore[assignment]

    class Meta:
        model = Pip
        fields = (
            "route",
            "level",
            "literacy",
            "entry_level",
            "hours_per_week",
            "needs_childcare",
            "needs_wheelchair_access",
        )


class AskedNeed(PassendModelSerializer):
    pip = AskedPip(read_only=True)

    class Meta:
        model = Need
        fields = ("id", "component", "pip")


class AskedParticipant(PassendModelSerializer):
    class Meta:
        model = Participant
        fields = ("id",)


class PlacementForProvider(PassendModelSerializer):
    """A placement as the provider sees it, from the moment it was offered."""

    need = AskedNeed(read_only=True)
    participant = AskedParticipant(read_only=True)
    municipality = OrganisationReference(read_only=True)
    intake_moment = PlaceSerializer(read_only=True)
    events = PlacementEventSerializer(many=True, read_only=True)

    class Meta:
        model = Placement
        fields = (
            "id",
            "need",
            "participant",
            "municipality",
            "intake_moment",
            "state",
            "is_referral",
            "offered_at",
            "answer_due_at",
            "start_date",
            "end_date",
            "events",
        )
