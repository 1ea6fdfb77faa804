"""Lessons and attendance, progress, exams, indicators and their figures, feedback rounds."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from backend.api.answers import Answer, object_answer
from backend.api.viewsets import CreateOperation, PassendViewSet, ReadOnlyResource
from backend.organisations.permissions import Permission
from quality.api import filtersets, inputs, serializers
from quality.choices import CancellationReason
from quality.models import (
    Attendance,
    ExamResult,
    FeedbackWave,
    Indicator,
    IndicatorValue,
    Lesson,
    ProgressScore,
)
from quality.services.attendance import (
    AttendanceEntry,
    BulkRow,
    attendance_record,
    attendance_record_bulk,
)
from quality.services.lessons import lesson_cancel
from quality.services.progress import (
    ExamEntry,
    ProgressEntry,
    exam_result_record,
    progress_record,
)
from quality.suppression import masked

RECORD = Permission.RECORD_DELIVERY
SEE_DELIVERY = Permission.VIEW_DELIVERY


class LessonViewSet(ReadOnlyResource):
    """Lessons of groups, made from the weekly lessons and cancelled where they were not given."""

    model = Lesson
    serializer_class = serializers.LessonSerializer
    filterset_class = filtersets.LessonFilterSet
    sortable = {"lessonDate": "date", "group": "group__code"}
    default_order = ("date", "start_time")
    required_permission = SEE_DELIVERY
    action_permissions = {"attendance": RECORD, "cancel": RECORD}
    input_serializers = {"attendance": inputs.AttendanceInput, "cancel": inputs.CancelInput}

    @action(detail=True, methods=["post"])
    def attendance(self, request: Request, id: UUID) -> HttpResponse:
        """Records the list of the lesson, all of it or nothing; again is a correction."""
        lesson = self.visible_object(id)

        def run(data: dict[str, Any]) -> Lesson:
            return attendance_record(
                actor=self.actor,
                lesson=lesson,
                entries=[AttendanceEntry(**one) for one in data["entries"]],
                expected_version=data.get("expected_version"),
            ).lesson

        return self.command(request, run)

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, id: UUID) -> HttpResponse:
        """The lesson is not given and does not count as scheduled."""
        lesson = self.visible_object(id)
        return self.command(
            request,
            lambda data: lesson_cancel(
                actor=self.actor, lesson=lesson, reason=CancellationReason(data["reason"])
            ),
        )


class AttendanceViewSet(ReadOnlyResource):
    """Who was in which lesson: of the own provider, or of clients of the own municipality."""

    model = Attendance
    serializer_class = serializers.AttendanceSerializer
    filterset_class = filtersets.AttendanceFilterSet
    sortable = {"lessonDate": "lesson__date", "changedAt": "changed_at"}
    default_order = ("-lesson__date", "lesson")
    required_permission = SEE_DELIVERY


class AttendanceBatchViewSet(PassendViewSet):
    """Attendance of many lessons in one call: good rows are recorded, bad ones are named."""

    model = Attendance
    serializer_class = serializers.AttendanceBatchSerializer
    required_permission = RECORD
    input_serializers = {"create": inputs.AttendanceBatchInput}
    created_actions = ()
    # 5,000 rows of at most some 300 characters.
    max_body_bytes = 4 * 1024 * 1024

    def create(self, request: Request) -> HttpResponse:
        """At most 5,000 rows; the same rows again change nothing."""

        def work() -> Answer:
            rows = [
                BulkRow(lesson=one.pop("lesson"), entry=AttendanceEntry(**one))
                for one in (dict(item) for item in self.validated(request)["items"])
            ]
            outcomes = attendance_record_bulk(actor=self.actor, rows=rows)
            items = [
                {
                    "position": position,
                    "result": one.result,
                    "code": one.code,
                    "detail": str(one.message),
                }
                for position, one in enumerate(outcomes)
            ]
            return object_answer({"items": items})

        return self.run_once(request, work)


class ProgressScoreViewSet(CreateOperation, ReadOnlyResource):
    """The level of a placed person in one skill on one day."""

    model = ProgressScore
    serializer_class = serializers.ProgressScoreSerializer
    filterset_class = filtersets.ProgressScoreFilterSet
    sortable = {"assessedDate": "assessed_date", "skill": "skill"}
    default_order = ("-assessed_date", "skill")
    required_permission = SEE_DELIVERY
    action_permissions = {"create": RECORD}
    input_serializers = {"create": inputs.ProgressInput}

    def perform_create(self, data: dict[str, Any]) -> ProgressScore:
        placement, day = data.pop("placement"), data.pop("assessed_date")
        return progress_record(
            actor=self.actor,
            placement=placement,
            assessed_date=day,
            entries=[ProgressEntry(**data)],
        )[0]


class ExamResultViewSet(CreateOperation, ReadOnlyResource):
    """Attempts at exam parts, with DUO's codes."""

    model = ExamResult
    serializer_class = serializers.ExamResultSerializer
    filterset_class = filtersets.ExamResultFilterSet
    sortable = {"examDate": "exam_date", "part": "part"}
    default_order = ("-exam_date", "part")
    required_permission = SEE_DELIVERY
    action_permissions = {"create": RECORD}
    input_serializers = {"create": inputs.ExamInput}

    def perform_create(self, data: dict[str, Any]) -> ExamResult:
        placement = data.pop("placement")
        return exam_result_record(actor=self.actor, placement=placement, entry=ExamEntry(**data))


class IndicatorViewSet(ReadOnlyResource):
    """Definitions of indicators, in versions."""

    model = Indicator
    serializer_class = serializers.IndicatorSerializer
    filterset_class = filtersets.IndicatorFilterSet
    sortable = {"code": "code", "version": "version"}
    default_order = ("code", "version")
    required_permission = (Permission.VIEW_QUALITY, Permission.VIEW_CATALOGUE)


class IndicatorValueViewSet(ReadOnlyResource):
    """Figures of providers, and of all providers together (no provider)."""

    model = IndicatorValue
    serializer_class = serializers.IndicatorValueSerializer
    filterset_class = filtersets.IndicatorValueFilterSet
    sortable = {"periodEndDate": "period_end", "code": "indicator__code"}
    default_order = ("-period_end", "indicator__code")
    required_permission = Permission.VIEW_QUALITY

    prepared_once = True

    def prepared(self, queryset: Any) -> Any:
        return masked(queryset.latest())


class FeedbackWaveViewSet(ReadOnlyResource):
    """Feedback rounds of the own organisation; answers are in the figures only."""

    model = FeedbackWave
    serializer_class = serializers.FeedbackWaveSerializer
    filterset_class = filtersets.FeedbackWaveFilterSet
    sortable = {"opensDate": "opens_date", "name": "name"}
    default_order = ("-opens_date",)
    required_permission = Permission.MANAGE_QUALITY
