"""People, plans, the waiting list and batch runs."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from backend.api.answers import Answer, object_answer
from backend.api.version import API_BASE_PATH
from backend.api.viewsets import (
    CreateOperation,
    ListOperation,
    PassendViewSet,
    ReadOnlyResource,
    RetrieveOperation,
)
from backend.audit.public import record_access
from backend.common.errors import NotFoundError, Violation
from backend.organisations.permissions import Permission
from matching.api import filtersets, inputs, serializers
from matching.api.references import visible_row
from matching.api.run_serializers import MatchProposalSerializer, MatchRunSerializer
from matching.errors import NeedNotWaitingError
from matching.models import (
    MatchProposal,
    MatchRecord,
    MatchRun,
    Need,
    Participant,
    ParticipantIdentity,
    Pip,
    Placement,
)
from matching.selectors.needs import need_to_recommend
from matching.selectors.work_list import with_tier
from matching.services.participants import (
    IdentityData,
    ParticipantData,
    identity_set,
    participant_check_given,
    participant_register,
)
from matching.services.pip_rules import PipData
from matching.services.pips import pip_check_given, pip_register
from matching.services.proposals import proposal_accept
from matching.services.recommendations import recommendation_create
from matching.services.runs import match_run_request

SEE_PEOPLE = Permission.VIEW_PARTICIPANTS


class ParticipantViewSet(CreateOperation, ReadOnlyResource):
    """People with a civic integration obligation, by the municipality's own reference."""

    model = Participant
    serializer_class = serializers.ParticipantSerializer
    filterset_class = filtersets.ParticipantFilterSet
    sortable = {"reference": "reference", "termEndDate": "term_end_date"}
    default_order = ("reference",)
    required_permission = SEE_PEOPLE
    action_permissions = {"create": Permission.MANAGE_PIPS}
    input_serializers = {"create": inputs.ParticipantInput}

    def judge_rest(self, values: dict[str, Any], faulty: Collection[str]) -> Sequence[Violation]:
        return participant_check_given(values, faulty)

    def perform_create(self, data: dict[str, Any]) -> Participant:
        municipality = data.pop("municipality")
        identity = data.pop("identity", None)
        return participant_register(
            actor=self.actor,
            municipality_id=municipality.pk,
            data=ParticipantData(**data),
            identity=IdentityData(**identity) if identity else None,
        )


class IdentityViewSet(RetrieveOperation, PassendViewSet):
    """Name and contact details of a participant; every reading is logged."""

    model = ParticipantIdentity
    serializer_class = serializers.IdentitySerializer
    required_permission = (Permission.VIEW_IDENTITY, Permission.VIEW_DELIVERY)
    action_permissions = {"create": Permission.MANAGE_PIPS}
    input_serializers = {"create": inputs.IdentityInput}

    def representation(self, uuid: UUID) -> Any:
        """The identity; NotFoundError unless the actor may see it. The look is logged first."""
        visible = self.visible().filter(participant__uuid=uuid)
        if not visible.exists():
            raise NotFoundError
        record_access(
            actor=self.actor,
            subject_type="matching.participant",
            subject_uuid=uuid,
            purpose="api: identity",
        )
        return self.shape().rows(visible)[0]

    def create(self, request: Request, id: UUID) -> HttpResponse:
        """Enters or replaces the identity."""

        def work() -> Answer:
            participant = Participant.objects.visible_to(self.actor).filter(uuid=id).first()
            if participant is None:
                raise NotFoundError
            data = IdentityData(**self.validated(request))
            identity_set(actor=self.actor, participant=participant, data=data)
            location = {"Location": f"{API_BASE_PATH}/participants/{id}/identity"}
            return object_answer(self.representation(id), 201, location)

        return self.run_once(request, work)


class PipViewSet(CreateOperation, ReadOnlyResource):
    """Plans in their versions; a new one replaces the version before."""

    model = Pip
    serializer_class = serializers.PipSerializer
    filterset_class = filtersets.PipFilterSet
    sortable = {
        "decisionDate": "decision_date",
        "reference": "participant__reference",
        "latestStartDate": "latest_start_date",
    }
    default_order = ("-decision_date",)
    required_permission = SEE_PEOPLE
    action_permissions = {"create": Permission.MANAGE_PIPS}
    input_serializers = {"create": inputs.PipInput}

    def judge_rest(self, values: dict[str, Any], faulty: Collection[str]) -> Sequence[Violation]:
        return pip_check_given(values.pop("participant", None), values, faulty)

    def perform_create(self, data: dict[str, Any]) -> Pip:
        participant = data.pop("participant")
        data["availability"] = tuple(data["availability"])
        return pip_register(actor=self.actor, participant=participant, data=PipData(**data))


class RecommendationViewSet(PassendViewSet):
    """Ranked places for one PIP, with reasons and near misses; each answer is kept."""

    model = MatchRecord
    visible_by_rights = True
    serializer_class = serializers.MatchRecordSerializer
    required_permission = SEE_PEOPLE
    input_serializers = {"create": inputs.RecommendationInput}

    def location_of(self, uuid: UUID) -> str:
        return f"{API_BASE_PATH}/match-records/{uuid}"

    def pip(self, uuid: UUID) -> Pip:
        found = visible_row(Pip, ("id", "uuid", "route"), self.actor.rights, uuid)
        if found is None:
            raise NotFoundError
        return found

    def create(self, request: Request, id: UUID) -> HttpResponse:
        """Ranks all open starts for the PIP and keeps what was weighed."""

        def run(data: dict[str, Any]) -> MatchRecord:
            need = need_to_recommend(self.pip(id), data.get("component"))
            if need is None:
                raise NeedNotWaitingError
            return recommendation_create(actor=self.actor, need=need)

        return self.command(request, run, status=201)

    def retrieve(self, request: Request, id: UUID) -> HttpResponse:
        """The latest recommendation for the PIP."""
        latest = self.visible().filter(need__pip=self.pip(id)).first()
        if latest is None:
            raise NotFoundError
        return object_answer(self.representation(latest.uuid)).response()


class MatchRecordViewSet(ReadOnlyResource):
    """What was weighed for a need, as it was at that moment; never changed."""

    model = MatchRecord
    visible_by_rights = True
    serializer_class = serializers.MatchRecordSerializer
    filterset_class = filtersets.MatchRecordFilterSet
    sortable = {"createdAt": "created_at"}
    default_order = ("-created_at",)
    required_permission = SEE_PEOPLE


class NeedViewSet(ReadOnlyResource):
    """The work list: who waits for which component, most urgent first."""

    model = Need
    serializer_class = serializers.NeedSerializer
    filterset_class = filtersets.NeedFilterSet
    sortable = {
        "tier": "tier",
        "waitingSinceDate": "waiting_since",
        "deadlineDate": "deadline",
        "reference": "pip__participant__reference",
    }
    default_order = ("tier", "waiting_since")
    required_permission = SEE_PEOPLE

    def prepared(self, queryset: Any) -> Any:
        return with_tier(queryset, self.actor.with_permission(SEE_PEOPLE))


class MatchRunViewSet(CreateOperation, ReadOnlyResource):
    """Batches over a waiting list: asked for here, done by a worker, watched by progress."""

    model = MatchRun
    serializer_class = MatchRunSerializer
    filterset_class = filtersets.MatchRunFilterSet
    sortable = {"createdAt": "created_at", "asOfDate": "as_of"}
    default_order = ("-created_at",)
    required_permission = SEE_PEOPLE
    action_permissions = {"create": Permission.RUN_BATCH}
    input_serializers = {"create": inputs.MatchRunInput}

    def perform_create(self, data: dict[str, Any]) -> MatchRun:
        return match_run_request(actor=self.actor, **data)


class MatchProposalViewSet(ReadOnlyResource):
    """What a run proposes; a caseworker decides person by person."""

    model = MatchProposal
    serializer_class = MatchProposalSerializer
    filterset_class = filtersets.MatchProposalFilterSet
    sortable = {"tier": "tier", "score": "score"}
    default_order = ("tier",)
    required_permission = SEE_PEOPLE


class RunProposalViewSet(ListOperation, PassendViewSet):
    """The proposals of one run."""

    model = MatchProposal
    serializer_class = MatchProposalSerializer
    filterset_class = filtersets.MatchProposalFilterSet
    sortable = MatchProposalViewSet.sortable
    default_order = MatchProposalViewSet.default_order
    required_permission = SEE_PEOPLE

    def visible(self) -> Any:
        run = MatchRun.objects.visible_to(self.actor).filter(uuid=self.kwargs["id"]).first()
        if run is None:
            raise NotFoundError
        return super().visible().filter(run=run)


class ProposalAcceptanceViewSet(PassendViewSet):
    """Takes over a proposal for one person: seat held and place offered."""

    model = Placement
    serializer_class = serializers.PlacementSerializer
    required_permission = Permission.PLACE
    input_serializers = {"create": inputs.ProposalAcceptInput}

    def location_of(self, uuid: UUID) -> str:
        return f"{API_BASE_PATH}/placements/{uuid}"

    def create(self, request: Request, id: UUID) -> HttpResponse:
        """The placement that follows from the proposal."""
        proposal = MatchProposal.objects.visible_to(self.actor).filter(uuid=id).first()
        if proposal is None:
            raise NotFoundError
        return self.command(
            request,
            lambda data: proposal_accept(actor=self.actor, proposal=proposal, **data),
            status=201,
        )
