"""Which starts did not fit at a search, and on which rules, over the API."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from backend.api.serializers import PassendSerializer
from backend.common.errors import NotFoundError
from backend.organisations.permissions import Permission
from matching.api.waiting_times import FigureViewSet
from matching.choices import RuleCode
from matching.models import MatchRecord
from matching.services.why_not import rejected_of


class RejectedSerializer(PassendSerializer):
    """Starts that failed on the same rules."""

    rules = serializers.ListField(child=serializers.ChoiceField(RuleCode.choices))
    intake_moment_ids = serializers.ListField(child=serializers.UUIDField())


class RejectedStartsSerializer(PassendSerializer):
    """All starts that did not fit, as they were judged at the search; never changed afterwards."""

    rejected = RejectedSerializer(many=True)


class RejectedStartsViewSet(FigureViewSet):
    """The starts that a match record left out, by the rules on which they failed."""

    model = MatchRecord
    serializer_class = RejectedStartsSerializer
    required_permission = Permission.VIEW_PARTICIPANTS

    def retrieve(self, request: Request, id: UUID) -> HttpResponse:
        """Every start of the component that did not fit, the largest group first."""
        record: Any = self.visible().filter(uuid=id).first()
        if record is None:
            raise NotFoundError
        return self.answer(request, {"rejected": rejected_of(record)})
