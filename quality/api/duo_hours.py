"""The hours for DUO, to be sent by the municipality's own system with the number of the person."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from backend.api.answers import object_answer
from backend.api.serializers import PassendSerializer
from backend.api.viewsets import PassendViewSet
from backend.organisations.permissions import Permission
from matching.models import Participant
from quality.services.duo_hours import hours_for_duo


class DuoHoursBodySerializer(PassendSerializer):
    uren = serializers.IntegerField()


class HoursForDuoSerializer(PassendSerializer):
    reference = serializers.CharField()
    body = DuoHoursBodySerializer()


class HoursForDuoViewSet(PassendViewSet):
    """Attended hours as DUO takes them (PUT /personen/{bsn}/uren/participatietaalles)."""

    model = Participant
    serializer_class = HoursForDuoSerializer
    required_permission = Permission.MANAGE_PIPS

    def retrieve(self, request: Request, id: UUID) -> HttpResponse:
        """The body of the message: language and KNM in total, earlier routes included."""
        person = self.visible_object(id)
        found = {"reference": person.reference, "body": hours_for_duo(person)}
        return object_answer(found).response()
