"""Moving groups of people away from a provider, and the reports that stay of it."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from backend.api.filters import (
    RECORD_FIELDS,
    PassendFilterSet,
    ReferenceFilter,
    SearchFilter,
)
from backend.api.personal_text import PersonalTextField, PersonalTextInput
from backend.api.serializers import PassendModelSerializer, PassendSerializer, ReferenceField
from backend.api.viewsets import CreateOperation, ReadOnlyResource
from backend.common.errors import InvalidError, Violation
from backend.organisations.permissions import Permission
from matching.api.inputs import LONGEST_MOTIVATION, LONGEST_NOTE, overruled_rules_field
from matching.api.serializers import OrganisationReference
from matching.models import GroupTransfer, Placement, TransferOutcome
from matching.services.group_transfers import group_transfer
from matching.services.transfers import Move, Terms
from providers.models import IntakeMoment, Provider

MOST_MOVES = 200


class LeftProviderReference(PassendModelSerializer):
    name = serializers.CharField(source="organisation.name", read_only=True)

    class Meta:
        model = Provider
        fields = ("id", "name")


class TransferOutcomeSerializer(PassendModelSerializer):
    """A person's new place, or the code and the sentence why he or she stays."""

    id = None  # type: ignore[assignment]
    placement = serializers.UUIDField(source="placement.uuid", read_only=True)
    intake_moment = serializers.UUIDField(source="intake_moment.uuid", read_only=True)
    new_placement = serializers.UUIDField(
        source="new_placement.uuid", read_only=True, allow_null=True
    )

    class Meta:
        model = TransferOutcome
        fields = ("placement", "intake_moment", "new_placement", "code", "message")


class GroupTransferSerializer(PassendModelSerializer):
    municipality = OrganisationReference(read_only=True)
    provider = LeftProviderReference(read_only=True)
    outcomes = TransferOutcomeSerializer(many=True, read_only=True)

    class Meta:
        model = GroupTransfer
        fields = (
            "id",
            "municipality",
            "provider",
            "made_by",
            "approval",
            "moved",
            "stayed",
            "outcomes",
            "created_at",
        )


class GroupTransferFilterSet(PassendFilterSet):
    search = SearchFilter("provider__organisation__name", "made_by")
    municipality = ReferenceFilter("municipality__uuid")
    provider = ReferenceFilter("provider__uuid")
    placement = ReferenceFilter("outcomes__placement__uuid")

    class Meta:
        model = GroupTransfer

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "made_by": "use search",
        "approval": "read it on the report",
        "moved": "read it on the report",
        "stayed": "read it on the report",
    }


class GroupTransferMoveInput(PassendSerializer):
    placement = ReferenceField(Placement)
    intake_moment = ReferenceField(IntakeMoment)


class GroupTransferInput(PersonalTextInput, PassendSerializer):
    """People of one municipality who leave one provider; `lastDay` is for places that run."""

    moves = GroupTransferMoveInput(many=True)
    last_day = serializers.DateField(required=False)
    motivation = PersonalTextField(max_length=LONGEST_MOTIVATION, required=False)
    approval = PersonalTextField(
        max_length=300, required=False, help_text="Reference of the written approval (R-KEU-3)."
    )
    overruled_rules = overruled_rules_field()
    overrule_reason = PersonalTextField(max_length=LONGEST_NOTE, required=False)


class GroupTransferViewSet(CreateOperation, ReadOnlyResource):
    """Groups that were moved away from a provider: who was, who was not, and why not."""

    model = GroupTransfer
    serializer_class = GroupTransferSerializer
    filterset_class = GroupTransferFilterSet
    sortable = {"createdAt": "created_at", "stayed": "stayed"}
    default_order = ("-created_at",)
    required_permission = Permission.PLACE
    input_serializers = {"create": GroupTransferInput}

    def perform_create(self, data: dict[str, Any]) -> GroupTransfer:
        """Moves who can be moved; a person who stays does not keep the others back."""
        moves = [Move(**one) for one in data.pop("moves")]
        if len(moves) > MOST_MOVES or len(_groups(moves)) > 1:
            raise InvalidError(
                violations=[
                    Violation(
                        "moves",
                        "one_group",
                        _("Move people of one municipality and one provider, at most %(most)s.")
                        % {"most": MOST_MOVES},
                    )
                ]
            )
        (report,) = group_transfer(actor=self.actor, moves=moves, terms=Terms(**data))
        return report


def _groups(moves: list[Move]) -> set[tuple[int, int]]:
    return {
        (one.placement.municipality_id, one.placement.intake_moment.group.course.provider_id)
        for one in moves
    }
