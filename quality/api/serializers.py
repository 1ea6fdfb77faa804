"""What is shown of delivery and figures. Names of people stand in a resource of matching."""

from rest_framework import serializers

from backend.api.serializers import PassendModelSerializer, PassendSerializer
from backend.organisations.models import Organisation
from matching.models import Participant, Placement
from providers.models import Course, CourseGroup, Provider
from quality.models import (
    Attendance,
    ExamResult,
    FeedbackWave,
    Indicator,
    IndicatorValue,
    Lesson,
    ProgressScore,
)


class DelivererReference(PassendModelSerializer):
    """The organisation that gives the lessons."""

    class Meta:
        model = Organisation
        fields = ("id", "code", "name")


class TaughtCourseReference(PassendModelSerializer):
    class Meta:
        model = Course
        fields = ("id", "code", "name")


class TaughtGroupReference(PassendModelSerializer):
    course = TaughtCourseReference(read_only=True)

    class Meta:
        model = CourseGroup
        fields = ("id", "code", "course")


class LessonSerializer(PassendModelSerializer):
    group = TaughtGroupReference(read_only=True)
    provider = DelivererReference(source="provider_organisation", read_only=True)
    lesson_date = serializers.DateField(source="date", read_only=True)

    class Meta:
        model = Lesson
        fields = (
            "id",
            "group",
            "provider",
            "lesson_date",
            "start_time",
            "end_time",
            "minutes_scheduled",
            "form",
            "is_cancelled",
            "cancellation_reason",
            "recorded_at",
            "attendance_version",
        )


class LearnerReference(PassendModelSerializer):
    class Meta:
        model = Participant
        fields = ("id", "reference")


class DeliveredPlacementReference(PassendModelSerializer):
    participant = LearnerReference(read_only=True)

    class Meta:
        model = Placement
        fields = ("id", "participant")


class LessonReference(PassendModelSerializer):
    lesson_date = serializers.DateField(source="date", read_only=True)

    class Meta:
        model = Lesson
        fields = ("id", "lesson_date", "start_time", "minutes_scheduled")


class AttendanceSerializer(PassendModelSerializer):
    lesson = LessonReference(read_only=True)
    placement = DeliveredPlacementReference(read_only=True)

    class Meta:
        model = Attendance
        fields = (
            "id",
            "lesson",
            "placement",
            "status",
            "classroom_minutes",
            "elearning_minutes",
            "remote_minutes",
            "minutes_present",
            "version",
            "changed_at",
        )


class RowOutcomeSerializer(PassendSerializer):
    """What became of one row: created, changed, unchanged or error."""

    position = serializers.IntegerField()
    result = serializers.ChoiceField(choices=["created", "changed", "unchanged", "error"])
    code = serializers.CharField(allow_blank=True)
    detail = serializers.CharField(allow_blank=True)


class AttendanceBatchSerializer(PassendSerializer):
    """One outcome per row, in the order of the rows."""

    items = RowOutcomeSerializer(many=True)


class ProgressScoreSerializer(PassendModelSerializer):
    placement = DeliveredPlacementReference(read_only=True)

    class Meta:
        model = ProgressScore
        fields = (
            "id",
            "placement",
            "skill",
            "level",
            "assessed_date",
            "advice",
            "changed_at",
        )


class ExamResultSerializer(PassendModelSerializer):
    placement = DeliveredPlacementReference(read_only=True)

    class Meta:
        model = ExamResult
        fields = (
            "id",
            "placement",
            "part",
            "level",
            "attempt_number",
            "exam_date",
            "outcome",
            "no_result_reason",
        )


class IndicatorSerializer(PassendModelSerializer):
    class Meta:
        model = Indicator
        fields = (
            "id",
            "code",
            "version",
            "valid_from",
            "goal",
            "title",
            "why_it_matters",
            "numerator_text",
            "denominator_text",
            "exclusions",
            "limits",
            "unit",
            "low_is_good",
            "method",
            "period",
            "norm",
            "min_n",
            "alerting",
        )


class IndicatorReference(PassendModelSerializer):
    class Meta:
        model = Indicator
        fields = ("id", "code", "version", "unit", "norm")


class MeasuredProviderReference(PassendModelSerializer):
    name = serializers.CharField(source="organisation.name", read_only=True)

    class Meta:
        model = Provider
        fields = ("id", "name")


def _number(source: str) -> serializers.FloatField:
    return serializers.FloatField(source=source, read_only=True, allow_null=True)


class IndicatorValueSerializer(PassendModelSerializer):
    """A figure as it may be seen: hidden ones have a state and neither value nor n."""

    indicator = IndicatorReference(read_only=True)
    provider = MeasuredProviderReference(read_only=True, allow_null=True)
    period_start_date = serializers.DateField(source="period_start", read_only=True)
    period_end_date = serializers.DateField(source="period_end", read_only=True)
    value = _number("public_value")
    low = _number("public_low")
    high = _number("public_high")
    denominator = _number("public_denominator")
    n = serializers.IntegerField(source="public_n", read_only=True, allow_null=True)

    class Meta:
        model = IndicatorValue
        fields = (
            "id",
            "indicator",
            "provider",
            "period_start_date",
            "period_end_date",
            "state",
            "value",
            "low",
            "high",
            "denominator",
            "n",
            "model_version",
            "computed_at",
        )


class FeedbackWaveSerializer(PassendModelSerializer):
    organisation = DelivererReference(read_only=True)

    class Meta:
        model = FeedbackWave
        fields = (
            "id",
            "organisation",
            "name",
            "opens_date",
            "closes_date",
            "state",
            "invited_date",
        )
