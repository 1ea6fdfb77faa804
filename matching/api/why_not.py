"""Why a start does not fit a need, over the API."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from backend.api.serializers import PassendSerializer, ReferenceField
from backend.common.errors import NotFoundError
from backend.organisations.permissions import Permission
from matching.api.waiting_times import FigureViewSet
from matching.choices import RuleCode
from matching.models import Need
from matching.services.why_not import why_not
from providers.models import IntakeMoment


class RuleCheckSerializer(PassendSerializer):
    """One rule: what the person has, what the place has, and the change that would help."""

    rule = serializers.ChoiceField(RuleCode.choices, source="code")
    failed = serializers.BooleanField()
    need = serializers.JSONField(allow_null=True)
    offer = serializers.JSONField(allow_null=True)
    relax = serializers.JSONField(allow_null=True)


class WhyNotSerializer(PassendSerializer):
    """Every rule on this person and this start, on the facts of today."""

    fits = serializers.BooleanField()
    is_open = serializers.BooleanField()
    is_stopped = serializers.BooleanField(help_text="An intake stop keeps this municipality out.")
    is_waiting = serializers.BooleanField(source="waits")
    checks = RuleCheckSerializer(many=True)


class WhyNotQuery(PassendSerializer):
    intake_moment = ReferenceField(IntakeMoment)


class IntakeMomentKey(PassendSerializer):
    """How the query looks in openapi.json."""

    intake_moment = serializers.UUIDField()


class WhyNotViewSet(FigureViewSet):
    """Which rules keep a person from a start, with the facts and what would help."""

    model = Need
    serializer_class = WhyNotSerializer
    query = WhyNotQuery
    required_permission = Permission.VIEW_PARTICIPANTS

    @extend_schema(parameters=[IntakeMomentKey])
    def retrieve(self, request: Request, id: UUID) -> HttpResponse:
        """The judgement of one person and one start; nothing is stored."""
        need: Any = self.visible().select_related("pip__participant").filter(uuid=id).first()
        if need is None:
            raise NotFoundError
        intake = self.chosen(request)["intake_moment"]
        return self.answer(request, why_not(need=need, intake=intake))
