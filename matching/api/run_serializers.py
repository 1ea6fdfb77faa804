"""Batch runs and their proposals as the municipality sees them."""

from typing import Any

from rest_framework import serializers

from backend.api.serializers import PassendModelSerializer
from matching.api.serializers import (
    NeedReference,
    OrganisationReference,
    ParticipantReference,
    PlaceSerializer,
    PolicyReference,
)
from matching.engine import unpacked
from matching.models import MatchProposal, MatchRun, ProposalDecision


class MatchRunSerializer(PassendModelSerializer):
    """A batch with its progress in percent and, when done, its summary."""

    organisation = OrganisationReference(read_only=True)
    policy = PolicyReference(read_only=True)
    as_of_date = serializers.DateField(source="as_of", read_only=True)
    reserved_until_at = serializers.DateTimeField(
        source="expires_at", read_only=True, allow_null=True
    )

    class Meta:
        model = MatchRun
        fields = (
            "id",
            "organisation",
            "state",
            "stage",
            "progress",
            "as_of_date",
            "policy",
            "requested_by_label",
            "summary",
            "error_reference",
            "started_at",
            "finished_at",
            "reserved_until_at",
            "created_at",
        )


class ExplanationField(serializers.JSONField):
    """One part of a packed explanation, spelled out."""

    def __init__(self, part: str, **kwargs: Any) -> None:
        super().__init__(source="explanation", read_only=True, **kwargs)
        self.part = part

    def to_representation(self, value: Any) -> Any:
        return getattr(unpacked(value), self.part)


class ProposalDecisionSerializer(PassendModelSerializer):
    """What a caseworker decided, in whose own words."""

    class Meta:
        model = ProposalDecision
        fields = ("id", "kind", "reason_code", "motivation", "actor_label", "created_at")


class MatchProposalSerializer(PassendModelSerializer):
    """What a run proposes for one need, or why it proposes nothing."""

    run = serializers.UUIDField(source="run.uuid", read_only=True)
    need = NeedReference(read_only=True)
    participant = ParticipantReference(source="need.pip.participant", read_only=True)
    intake_moment = PlaceSerializer(read_only=True, allow_null=True)
    factors = ExplanationField("factors")
    reasons = ExplanationField("reasons")
    near_misses = ExplanationField("near_misses")
    alternatives = ExplanationField("alternatives")
    reserved_until_at = serializers.DateTimeField(
        source="run.expires_at", read_only=True, allow_null=True
    )
    decision = ProposalDecisionSerializer(read_only=True, allow_null=True)

    class Meta:
        model = MatchProposal
        fields = (
            "id",
            "run",
            "need",
            "participant",
            "intake_moment",
            "tier",
            "score",
            "factors",
            "cause",
            "reasons",
            "near_misses",
            "alternatives",
            "reserved_until_at",
            "decision",
        )
