"""The contract calendar through the API."""

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from backend.api.answers import object_answer, unless_known
from backend.api.viewsets import PassendViewSet
from backend.common import clock
from backend.common.errors import InvalidError, Violation
from backend.common.lines import matching
from backend.common.periods import add_months
from procurement.api import contract_serializers as serializers
from procurement.api.contract_viewsets import PARTIES
from procurement.models import Contract
from procurement.selectors.deadlines import KIND_LABELS, SEARCHED, contract_deadlines

MOST_MONTHS = 60


class ContractDeadlineViewSet(PassendViewSet):
    """The contract calendar: every day on which somebody must do or know something."""

    model = Contract
    serializer_class = serializers.DeadlinesSerializer
    required_permission = PARTIES

    def known_keys(self) -> frozenset[str]:
        return frozenset({"firstDate", "lastDate", "kind", "search"})

    @extend_schema(
        parameters=[
            OpenApiParameter("firstDate", OpenApiTypes.DATE, description="Left out: today."),
            OpenApiParameter(
                "lastDate", OpenApiTypes.DATE, description="Left out: a year after the first day."
            ),
            OpenApiParameter(
                "kind",
                {"type": "array", "items": {"type": "string", "enum": list(KIND_LABELS)}},
                explode=False,
            ),
            OpenApiParameter("search", OpenApiTypes.STR, description="Words of number or text."),
        ]
    )
    def retrieve(self, request: Request) -> HttpResponse:
        """The deadlines from the first to the last day, at most five years apart, by day."""
        form = serializers.DeadlinePeriod(data=dict(self.parameters))
        form.is_valid(raise_exception=True)
        first = form.validated_data.get("first_date") or clock.today()
        last = form.validated_data.get("last_date") or add_months(first, 12)
        if not first <= last <= add_months(first, MOST_MONTHS):
            raise InvalidError(
                violations=[
                    Violation(
                        "last_date",
                        "period_invalid",
                        _("Choose a last day after the first day, at most five years later."),
                    )
                ]
            )
        kinds = form.validated_data.get("kind", ())
        found = matching(
            contract_deadlines(self.actor, first=first, last=last, kinds=kinds),
            form.validated_data.get("search", ""),
            SEARCHED,
        )
        answer = object_answer(self.serializer_class({"items": found}).data)
        return unless_known(request, answer).response()
