"""Bodies for DUO, to be sent by the municipality's own system with the number of the person."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from backend.api.answers import object_answer
from backend.api.serializers import PassendSerializer
from backend.api.viewsets import PassendViewSet
from backend.organisations.permissions import Permission
from matching.models import Pip, Placement
from matching.services.duo_outgoing import offer_for_duo, pip_for_duo


@extend_schema_field({"type": "object", "additionalProperties": True})
class DuoBodyField(serializers.JSONField):
    """In DUO's own names; send it as it is."""


class PipForDuoSerializer(PassendSerializer):
    reference = serializers.CharField()
    body = DuoBodyField()


class OfferForDuoSerializer(PipForDuoSerializer):
    institution_number = serializers.CharField()


class PipForDuoViewSet(PassendViewSet):
    """A PIP as DUO takes it (POST /personen/{bsn}/PIP)."""

    model = Pip
    serializer_class = PipForDuoSerializer
    required_permission = Permission.MANAGE_PIPS

    def retrieve(self, request: Request, id: UUID) -> HttpResponse:
        """The body of the message; what DUO has no code for is left out."""
        pip = self.visible_object(id)
        found: dict[str, Any] = {"reference": pip.participant.reference, "body": pip_for_duo(pip)}
        return object_answer(found).response()


class OfferForDuoViewSet(PassendViewSet):
    """An accepted place as DUO takes it (POST /personen/{bsn}/Inburgeringsaanbod/{nummer})."""

    model = Placement
    serializer_class = OfferForDuoSerializer
    required_permission = Permission.PLACE

    def visible(self) -> Any:
        mine = self.actor.with_permission(Permission.PLACE)
        return super().visible().filter(municipality__in=mine)

    def retrieve(self, request: Request, id: UUID) -> HttpResponse:
        """The body and the institution, or every rule of DUO that it breaks."""
        found = offer_for_duo(self.visible_object(id))
        return object_answer(
            {
                "reference": found.reference,
                "institutionNumber": found.institution_number,
                "body": found.body,
            }
        ).response()
