"""The waiting-time ledger over the API: figures per clock and group, and the clocks of one need."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from backend.api.answers import object_answer, unless_known
from backend.api.casing import camel
from backend.api.requests import actor_of
from backend.api.serializers import PassendSerializer
from backend.api.viewsets import PassendViewSet
from backend.common import clock
from backend.common.codes import Component, LearningRoute
from backend.common.errors import NotFoundError
from backend.organisations.public import Organisation, Permission
from matching.choices import PipLevel
from matching.models import Need
from matching.selectors.waiting_times import Scope, journey_of_need, waiting_lines
from matching.waiting_times import CLOCKS, DEFINITION_VERSION, Moment, wait_of

MOMENTS = Moment.choices
CLOCK_CODES = [(one.code, one.code) for one in CLOCKS]


class OwnMunicipalityField(serializers.UUIDField):
    """A municipality whose people the actor may see."""

    default_error_messages = {
        "unknown_reference": _("There is no such object, or you cannot see it."),
    }

    def to_internal_value(self, data: Any) -> Any:
        actor = actor_of(self.context["request"])
        found = Organisation.objects.filter(
            uuid=super().to_internal_value(data),
            pk__in=actor.with_permission(Permission.VIEW_PARTICIPANTS),
        ).first()
        if found is None:
            self.fail("unknown_reference")
        return found


class FigureViewSet(PassendViewSet):
    """Figures that are computed when they are asked for; `query` says what may be chosen."""

    query: type[PassendSerializer] | None = None

    def known_keys(self) -> frozenset[str]:
        if self.query is None:
            return frozenset()
        return frozenset(camel(name) for name in self.query().get_fields())

    def chosen(self, request: Request) -> dict[str, Any]:
        """The keys of the address in model names; all faults at once as a 400."""
        assert self.query is not None
        form = self.query(data=dict(self.parameters), context={"request": request})
        form.is_valid(raise_exception=True)
        return dict(form.validated_data)

    def answer(self, request: Request, content: Any) -> HttpResponse:
        found = object_answer(self.serializer_class(content).data)
        return unless_known(request, found).response()


class WaitingTimeSerializer(PassendSerializer):
    """Days on one clock for one group; null where too few people have arrived to say it.

    Without `enoughPeople` all of them are null: the group is too small for a figure.
    """

    clock = serializers.ChoiceField(CLOCK_CODES, source="clock.code")
    from_moment = serializers.ChoiceField(MOMENTS, source="clock.start")
    to_moment = serializers.ChoiceField(MOMENTS, source="clock.end")
    group = serializers.CharField(help_text="Empty for everybody together.")
    people = serializers.IntegerField(source="figure.people")
    still_waiting = serializers.IntegerField(source="figure.running")
    enough_people = serializers.BooleanField(source="figure.is_enough")
    median_days = serializers.IntegerField(source="figure.median", allow_null=True)
    median_low_days = serializers.IntegerField(source="figure.median_low", allow_null=True)
    median_high_days = serializers.IntegerField(source="figure.median_high", allow_null=True)
    p90_days = serializers.IntegerField(source="figure.p90", allow_null=True)


class WaitingTimesSerializer(PassendSerializer):
    """The waiting-time ledger: people who still wait are counted in (Kaplan-Meier)."""

    definition_version = serializers.CharField()
    as_of_date = serializers.DateField()
    items = WaitingTimeSerializer(many=True)


class WaitingTimesQuery(PassendSerializer):
    by = serializers.ChoiceField(["municipality", "route", "level", "provider"], required=False)
    municipality = OwnMunicipalityField(required=False)
    component = serializers.ChoiceField(Component.choices, required=False)
    route = serializers.ChoiceField(LearningRoute.choices, required=False)
    level = serializers.ChoiceField(PipLevel.choices, required=False)


class WaitingTimesViewSet(FigureViewSet):
    """How long people wait at each step, with those who still wait counted in."""

    model = Need
    serializer_class = WaitingTimesSerializer
    query = WaitingTimesQuery
    required_permission = Permission.VIEW_PARTICIPANTS

    @extend_schema(parameters=[WaitingTimesQuery])
    def retrieve(self, request: Request) -> HttpResponse:
        """Median and P90 per clock, for everybody or per group."""
        chosen = self.chosen(request)
        town = chosen.pop("municipality", None)
        by = chosen.pop("by", "")
        scope = Scope(municipality_id=town.pk if town else None, **chosen)
        content = {
            "definition_version": DEFINITION_VERSION,
            "as_of_date": clock.today(),
            "items": waiting_lines(self.actor, scope, by=by),
        }
        return self.answer(request, content)


class MomentSerializer(PassendSerializer):
    moment = serializers.ChoiceField(MOMENTS)
    day_date = serializers.DateField()


class OwnClockSerializer(PassendSerializer):
    clock = serializers.ChoiceField(CLOCK_CODES)
    days = serializers.IntegerField()
    is_running = serializers.BooleanField()


class JourneySerializer(PassendSerializer):
    """The moments and clocks of one person and component."""

    moments = MomentSerializer(many=True)
    clocks = OwnClockSerializer(many=True)


class NeedJourneyViewSet(FigureViewSet):
    """The way of one person to a course of one component."""

    model = Need
    serializer_class = JourneySerializer
    required_permission = Permission.VIEW_PARTICIPANTS

    def retrieve(self, request: Request, id: UUID) -> HttpResponse:
        """What happened when, and the days between."""
        need = self.visible().select_related("pip__participant").filter(uuid=id).first()
        if need is None:
            raise NotFoundError
        journey, today = journey_of_need(need), clock.today()
        waits = [(one, wait_of(journey, one, today)) for one in CLOCKS]
        content = {
            "moments": [
                {"moment": one, "day_date": journey.days[one]}
                for one in Moment
                if one in journey.days
            ],
            "clocks": [
                {"clock": one.code, "days": wait.days, "is_running": wait.is_running}
                for one, wait in waits
                if wait is not None
            ],
        }
        return self.answer(request, content)
