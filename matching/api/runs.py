"""Around a run: the preview before it, what it changed, and deciding on what it proposes."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from backend.api.personal_text import PersonalTextField, PersonalTextInput
from backend.api.serializers import PassendSerializer, ReferenceField
from backend.api.version import API_BASE_PATH
from backend.api.viewsets import PassendViewSet
from backend.common.codes import Component
from backend.common.errors import NotFoundError
from backend.organisations.permissions import Permission
from matching.api.inputs import LONGEST_MOTIVATION, RoutableOrganisationField
from matching.api.run_serializers import MatchProposalSerializer
from matching.api.serializers import OrganisationReference, PolicyReference
from matching.api.waiting_times import FigureViewSet
from matching.models import MatchProposal, MatchRun
from matching.selectors.run_changes import KINDS, run_changes
from matching.services.proposals import proposal_decline
from matching.services.run_preview import run_preview
from matching.services.what_if import what_if
from matching.waiting_choices import DeclineReason
from providers.models import IntakeMoment


class RunPreviewSerializer(PassendSerializer):
    """What a run would work on at this moment; `byTier` counts needs of tier 1, 2 and 3."""

    organisation = OrganisationReference()
    policy = PolicyReference()
    needs = serializers.IntegerField()
    by_tier = serializers.ListField(child=serializers.IntegerField())
    by_component = serializers.DictField(
        child=serializers.IntegerField(), help_text=f"Keys: {', '.join(Component.values)}."
    )
    unknown = serializers.IntegerField(
        help_text="Needs that are left out: the target group is not known."
    )
    starts = serializers.IntegerField(help_text="Open starts under contract.")
    seats = serializers.IntegerField(help_text="Free seats at those starts.")
    referral_seats = serializers.IntegerField(
        help_text="Free seats that can be advised to family and other migrants."
    )
    decided = serializers.IntegerField(help_text="Needs with a held or offered seat.")
    kept = serializers.IntegerField(help_text="Proposals that stay because the start is near.")
    declined = serializers.IntegerField(help_text="Places that were refused for a person.")
    reserved = serializers.IntegerField(help_text="Seats that proposals of other runs keep.")
    busy = serializers.BooleanField(help_text="A run for this area is queued or busy.")


class RunPreviewQuery(PassendSerializer):
    organisation = RoutableOrganisationField()


class RunPreviewViewSet(FigureViewSet):
    """What a run would work on, before it is asked for."""

    model = MatchRun
    serializer_class = RunPreviewSerializer
    query = RunPreviewQuery
    required_permission = Permission.RUN_BATCH

    @extend_schema(parameters=[RunPreviewQuery])
    def retrieve(self, request: Request) -> HttpResponse:
        """Counts of this moment; nothing is stored."""
        organisation = self.chosen(request)["organisation"]
        return self.answer(request, run_preview(actor=self.actor, organisation=organisation))


class RunChangesSerializer(PassendSerializer):
    """Needs per kind of change since the run before; everything null for a first run."""

    previous_run = serializers.UUIDField(source="previous.uuid", allow_null=True)
    counts = serializers.DictField(
        child=serializers.IntegerField(), allow_null=True, help_text=f"Keys: {', '.join(KINDS)}."
    )


class RunChangesViewSet(FigureViewSet):
    """What a run changed against the run before it in the same area."""

    model = MatchRun
    serializer_class = RunChangesSerializer
    required_permission = Permission.VIEW_PARTICIPANTS

    def retrieve(self, request: Request, id: UUID) -> HttpResponse:
        """The comparison, need by need, as numbers."""
        run = self.visible().filter(uuid=id).first()
        if run is None:
            raise NotFoundError
        found = run_changes(run)
        return self.answer(request, found or {"previous": {"uuid": None}, "counts": None})


class ProposalDeclineInput(PersonalTextInput, PassendSerializer):
    reason = serializers.ChoiceField(choices=DeclineReason.choices)
    motivation = PersonalTextField(max_length=LONGEST_MOTIVATION, required=False)


class ProposalDeclineViewSet(PassendViewSet):
    """Refuses a proposal for one person, who keeps waiting."""

    model = MatchProposal
    serializer_class = MatchProposalSerializer
    required_permission = Permission.PLACE
    input_serializers = {"create": ProposalDeclineInput}

    def location_of(self, uuid: UUID) -> str:
        return f"{API_BASE_PATH}/match-proposals/{uuid}"

    def create(self, request: Request, id: UUID) -> HttpResponse:
        """The proposal with the decision; no later run proposes this start to this person."""
        proposal = self.visible().filter(uuid=id).first()
        if proposal is None:
            raise NotFoundError

        def run(data: dict[str, Any]) -> MatchProposal:
            proposal_decline(actor=self.actor, proposal=proposal, **data)
            return proposal

        return self.command(request, run, status=201)


class ConsequenceSerializer(PassendSerializer):
    """The effect on others, counted per tier 1, 2 and 3; never who they are."""

    intake_moment = serializers.UUIDField(source="intake_moment.uuid")
    fits = serializers.BooleanField()
    is_open = serializers.BooleanField()
    is_proposed = serializers.BooleanField(
        help_text="The best plan of this moment has the person at this start."
    )
    score = serializers.IntegerField(allow_null=True)
    is_overbooked = serializers.BooleanField()
    tears_household = serializers.BooleanField()
    loses = serializers.ListField(child=serializers.IntegerField())
    gains = serializers.ListField(child=serializers.IntegerField())
    moves = serializers.ListField(child=serializers.IntegerField())
    points = serializers.IntegerField(help_text="Change of the scores of the others.")


class WhatIfQuery(PassendSerializer):
    intake_moment = ReferenceField(IntakeMoment)


class WhatIfKey(PassendSerializer):
    """How the query looks in openapi.json."""

    intake_moment = serializers.UUIDField()


class WhatIfViewSet(FigureViewSet):
    """What another start for the person of a proposal would do to everybody else."""

    model = MatchProposal
    serializer_class = ConsequenceSerializer
    query = WhatIfQuery
    required_permission = Permission.PLACE

    @extend_schema(parameters=[WhatIfKey])
    def retrieve(self, request: Request, id: UUID) -> HttpResponse:
        """The exact effect on today's facts; nothing is stored."""
        proposal = (
            self.visible()
            .select_related("need", "run__organisation", "run__policy")
            .filter(uuid=id)
        ).first()
        if proposal is None:
            raise NotFoundError
        intake = self.chosen(request)["intake_moment"]
        (found,) = what_if(actor=self.actor, proposal=proposal, intake_moments=[intake])
        return self.answer(request, found)
