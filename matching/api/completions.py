"""What a person completed beside exams, and the bodies for DUO."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from backend.api.answers import Answer, object_answer
from backend.api.serializers import PassendModelSerializer, PassendSerializer
from backend.common.errors import NotFoundError
from backend.organisations.permissions import Permission
from matching.agreement_choices import CompletionKind, Culpable
from matching.api.duo_outgoing import PipForDuoSerializer
from matching.api.persons import SEE_PEOPLE, OfPersonViewSet
from matching.api.serializers import ParticipantReference
from matching.models import Completion
from matching.services.completions import CompletionData, completion_for_duo, completion_record


class CompletionSerializer(PassendModelSerializer):
    participant = ParticipantReference(read_only=True)
    completed_date = serializers.DateField(source="completed_on", allow_null=True)

    class Meta:
        model = Completion
        fields = ("id", "participant", "kind", "completed_date", "culpable")


class CompletionInput(PassendSerializer):
    """Replaces what stood there of this kind. Without a day: not done, and whose fault that is."""

    kind = serializers.ChoiceField(choices=CompletionKind.choices)
    completed_date = serializers.DateField(source="completed_on", required=False, allow_null=True)
    culpable = serializers.ChoiceField(choices=Culpable.choices, required=False, allow_blank=True)


class CompletionOfPerson(OfPersonViewSet):
    """One of the three parts, found through the person."""

    model = Completion

    def found(self, kind: str) -> Completion:
        one: Completion | None = self.visible().filter(participant=self.person(), kind=kind).first()
        if one is None:
            raise NotFoundError
        return one


class CompletionViewSet(CompletionOfPerson):
    """The final MAP talk, the signed PVT and the end of the Z route of one person."""

    serializer_class = CompletionSerializer
    required_permission = SEE_PEOPLE
    action_permissions = {"create": Permission.MANAGE_PIPS}
    input_serializers = {"create": CompletionInput}

    def create(self, request: Request, id: UUID) -> HttpResponse:
        """Records what was completed, or that it was not."""

        def work() -> Answer:
            data = CompletionData(**self.validated(request))
            done = completion_record(actor=self.actor, participant=self.person(), data=data)
            return self.answer(f"completions/{done.kind}", done)

        return self.run_once(request, work)

    def retrieve(self, request: Request, id: UUID, kind: str) -> HttpResponse:
        """What stands there of this kind; 404 where nothing was recorded."""
        return object_answer(self.representation(self.found(kind).uuid)).response()


class CompletionForDuoViewSet(CompletionOfPerson):
    """A completed part as DUO takes it (PUT /personen/{bsn}/map, /pvt or /zroute)."""

    serializer_class = PipForDuoSerializer
    required_permission = Permission.MANAGE_PIPS

    def retrieve(self, request: Request, id: UUID, kind: str) -> HttpResponse:
        """The body of the message; 404 where nothing was recorded."""
        one = self.found(kind)
        found = {"reference": one.participant.reference, "body": completion_for_duo(one)}
        return object_answer(found).response()
