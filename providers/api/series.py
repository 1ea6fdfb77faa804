"""Starts in a row: what a series would make, and the series itself, as on the planner's page."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from backend.api.answers import Answer, object_answer
from backend.api.filters import (
    RECORD_FIELDS,
    CodeFilter,
    DayFilter,
    IntegerFilter,
    PassendFilterSet,
    ReferenceFilter,
)
from backend.api.serializers import PassendModelSerializer, PassendSerializer, ReferenceField
from backend.api.viewsets import CreateOperation, PassendViewSet, ReadOnlyResource
from backend.common.errors import Violation
from backend.organisations.permissions import Permission
from providers.api.inputs import whole
from providers.api.serializers import CourseGroupReference
from providers.choices import Frequency
from providers.models import CourseGroup, IntakeSeries
from providers.services.intake_moments import (
    SeriesDraft,
    intake_series_preview,
    intake_series_publish,
    series_faults,
)

# Five years: no course lasts longer.
MOST_WEEKS = 260


class IntakeSeriesInput(PassendSerializer):
    group = ReferenceField(CourseGroup)
    frequency = serializers.ChoiceField(Frequency.choices)
    step = whole(least=1, help_text="Every so many weeks or months.")
    first_date = serializers.DateField()
    last_date = serializers.DateField(help_text="No start is later; at most 104 starts.")
    weeks = whole(least=1, most=MOST_WEEKS, help_text="How long each course runs.")
    seats_total = whole(least=1)


class IntakeSeriesSerializer(PassendModelSerializer):
    group = CourseGroupReference(read_only=True)

    class Meta:
        model = IntakeSeries
        fields = ("id", "group", "frequency", "step", "first_date", "last_date", "created_at")


class PlannedStartSerializer(PassendSerializer):
    start_date = serializers.DateField()
    end_date = serializers.DateField()
    seats_total = serializers.IntegerField()
    remark = serializers.CharField(help_text="Why this start is left out; empty: it is made.")


class IntakeSeriesPreviewSerializer(PassendSerializer):
    """Every start that a series names, in order of its day."""

    starts = PlannedStartSerializer(many=True)


class IntakeSeriesFilterSet(PassendFilterSet):
    group = ReferenceFilter("group__uuid")
    course = ReferenceFilter("group__course__uuid")
    provider = ReferenceFilter("group__course__provider__uuid")
    frequency = CodeFilter(choices=Frequency.choices)
    step = IntegerFilter()
    first_date_from = DayFilter("first_date", "gte")
    last_date_until = DayFilter("last_date", "lte")

    class Meta:
        model = IntakeSeries

    unfiltered: ClassVar = RECORD_FIELDS


class JudgedAsWhole:
    """All that is wrong with a series is told at once, however much of it is malformed."""

    def judge_rest(self, values: dict[str, Any], faulty: Collection[str]) -> Sequence[Violation]:
        return series_faults(values)


class IntakeSeriesViewSet(JudgedAsWhole, CreateOperation, ReadOnlyResource):
    """Starts that were planned together; `/intake-moments?series=` lists them."""

    model = IntakeSeries
    serializer_class = IntakeSeriesSerializer
    filterset_class = IntakeSeriesFilterSet
    sortable: ClassVar[Mapping[str, str]] = {
        "firstDate": "first_date",
        "lastDate": "last_date",
        "course": "group__course__name",
    }
    default_order = ("first_date",)
    required_permission = Permission.VIEW_CATALOGUE
    action_permissions: ClassVar = {"create": Permission.MANAGE_CATALOGUE}
    input_serializers: ClassVar = {"create": IntakeSeriesInput}

    def perform_create(self, data: dict[str, Any]) -> IntakeSeries:
        """All starts of the preview without a remark, or none."""
        return intake_series_publish(actor=self.actor, draft=SeriesDraft(**data))


class IntakeSeriesPreviewViewSet(JudgedAsWhole, PassendViewSet):
    """Which starts a series makes and which it leaves out, without making them."""

    model = IntakeSeries
    serializer_class = IntakeSeriesPreviewSerializer
    required_permission = Permission.MANAGE_CATALOGUE
    input_serializers: ClassVar = {"create": IntakeSeriesInput}
    created_actions = ()

    def create(self, request: Request) -> HttpResponse:
        """Every start with its day, moved past public holidays, or why it is left out."""

        def work() -> Answer:
            draft = SeriesDraft(**self.validated(request))
            starts = intake_series_preview(actor=self.actor, draft=draft)
            return object_answer(self.serializer_class({"starts": starts}).data)

        return self.run_once(request, work)
