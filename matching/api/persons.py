"""What belongs to a person beside the plan: agreements, talks about progress, and a move."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from backend.api.answers import Answer, object_answer
from backend.api.personal_text import PersonalTextField, PersonalTextInput
from backend.api.serializers import PassendModelSerializer, PassendSerializer
from backend.api.version import API_BASE_PATH
from backend.api.viewsets import PassendViewSet, RetrieveOperation
from backend.common.errors import NotFoundError
from backend.organisations.permissions import Permission
from matching.agreement_choices import TalkForm
from matching.api.inputs import MunicipalityField
from matching.api.serializers import ParticipantReference, ParticipantSerializer
from matching.models import Participant, PipAgreements, ProgressTalk
from matching.services.agreements import AgreementsData, agreements_set, talk_record
from matching.services.moves import participant_move, participant_take_over

SEE_PEOPLE = Permission.VIEW_PARTICIPANTS


class AgreementsSerializer(PassendModelSerializer):
    """Dates are exclusive of nothing: the last day itself still counts."""

    participant = ParticipantReference(read_only=True)
    guidance_until_date = serializers.DateField(source="guidance_until", allow_null=True)
    unburdening_until_date = serializers.DateField(source="unburdening_until", allow_null=True)

    class Meta:
        model = PipAgreements
        fields = (
            "id",
            "participant",
            "intake_date",
            "intake_summary",
            "dual_activities",
            "pvt_hours",
            "map_hours",
            "guidance_until_date",
            "unburdening_until_date",
            "talk_interval_weeks",
        )


class AgreementsInput(PersonalTextInput, PassendSerializer):
    """Replaces what was agreed before: what is left out is not agreed any more."""

    intake_date = serializers.DateField(required=False, allow_null=True)
    intake_summary = PersonalTextField(required=False, allow_blank=True, max_length=1500)
    dual_activities = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        max_length=20,
        help_text="Codes of `/code-lists/dual-activities` that hold today.",
    )
    pvt_hours = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    map_hours = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    guidance_until_date = serializers.DateField(
        source="guidance_until", required=False, allow_null=True
    )
    unburdening_until_date = serializers.DateField(
        source="unburdening_until", required=False, allow_null=True
    )
    talk_interval_weeks = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=52
    )


class TalkSerializer(PassendModelSerializer):
    participant = ParticipantReference(read_only=True)
    held_date = serializers.DateField(source="held_on")

    class Meta:
        model = ProgressTalk
        fields = ("id", "participant", "held_date", "form")


class TalkInput(PassendSerializer):
    held_date = serializers.DateField(source="held_on")
    form = serializers.ChoiceField(choices=TalkForm.choices)


class PersonMoveInput(PassendSerializer):
    municipality = MunicipalityField(help_text="CBS code of the municipality to which they moved.")
    moved_date = serializers.DateField(source="moved_on")


class TakeOverInput(PassendSerializer):
    reference = serializers.CharField(max_length=40)


class OfPersonViewSet(PassendViewSet):
    """A part of one person, found through the person."""

    def person(self) -> Participant:
        found: Participant | None = (
            Participant.objects.visible_to(self.actor).filter(uuid=self.kwargs["id"]).first()
        )
        if found is None:
            raise NotFoundError
        return found

    def answer(self, part: str, row: Any) -> Answer:
        location = f"{API_BASE_PATH}/participants/{self.kwargs['id']}/{part}"
        return object_answer(self.representation(row.uuid), 201, {"Location": location})


class AgreementsViewSet(RetrieveOperation, OfPersonViewSet):
    """The broad intake in short, and what was agreed beside the learning route."""

    model = PipAgreements
    serializer_class = AgreementsSerializer
    required_permission = SEE_PEOPLE
    action_permissions = {"create": Permission.MANAGE_PIPS}
    input_serializers = {"create": AgreementsInput}

    def create(self, request: Request, id: UUID) -> HttpResponse:
        """Enters or replaces the agreements."""

        def work() -> Answer:
            data = AgreementsData(**self.validated(request))
            agreed = agreements_set(actor=self.actor, participant=self.person(), data=data)
            return self.answer("agreements", agreed)

        return self.run_once(request, work)

    def retrieve(self, request: Request, id: UUID) -> HttpResponse:
        """The agreements; 404 where nothing was agreed yet."""
        found = self.visible().filter(participant=self.person()).first()
        if found is None:
            raise NotFoundError
        return object_answer(self.representation(found.uuid)).response()


class TalkViewSet(OfPersonViewSet):
    """Talks about progress that were held; never what was said."""

    model = ProgressTalk
    serializer_class = TalkSerializer
    required_permission = Permission.MANAGE_PIPS
    input_serializers = {"create": TalkInput}

    def create(self, request: Request, id: UUID) -> HttpResponse:
        """Records a talk; one a day."""

        def work() -> Answer:
            data = self.validated(request)
            talk = talk_record(actor=self.actor, participant=self.person(), **data)
            return self.answer("progress-talks", talk)

        return self.run_once(request, work)


class MoveViewSet(OfPersonViewSet):
    """A move to another municipality, and the own reference of whom moved in."""

    model = Participant
    serializer_class = ParticipantSerializer
    required_permission = Permission.MANAGE_PIPS
    input_serializers = {"move": PersonMoveInput, "take_over": TakeOverInput}

    def move(self, request: Request, id: UUID) -> HttpResponse:
        """Hands the person over; a place that was accepted or runs stays."""
        person = self.person()
        return self.command(
            request,
            lambda data: participant_move(actor=self.actor, participant=person, **data).source,
        )

    def take_over(self, request: Request, id: UUID) -> HttpResponse:
        """Gives a person who moved in the own reference."""
        person = self.person()
        return self.command(
            request,
            lambda data: participant_take_over(actor=self.actor, participant=person, **data),
        )
