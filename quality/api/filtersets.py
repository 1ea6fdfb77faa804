"""Filters of delivery and figures; keys are camelCase on the wire."""

from typing import ClassVar

from backend.api.filters import (
    RECORD_FIELDS,
    CodeFilter,
    DayFilter,
    ExactFilter,
    FlagFilter,
    IntegerFilter,
    PassendFilterSet,
    ReferenceFilter,
    TextFilter,
)
from backend.common.codes import Level, Skill
from quality.choices import (
    AttendanceStatus,
    CancellationReason,
    ExamLevel,
    ExamOutcome,
    Goal,
    IndicatorMethod,
    IndicatorPeriod,
    IndicatorUnit,
    LessonForm,
    NoResultReason,
    TeacherAdvice,
    ValueState,
    WaveState,
)
from quality.models import (
    Attendance,
    ExamResult,
    FeedbackWave,
    Indicator,
    IndicatorValue,
    Lesson,
    ProgressScore,
)

LONG_TEXT = "long text"
HIDDEN_NUMBER = "may be hidden: a filter on it would give it away"


class LessonFilterSet(PassendFilterSet):
    group = ReferenceFilter("group__uuid")
    provider = ReferenceFilter("provider_organisation__uuid")
    date_from = DayFilter("date", "gte")
    date_until = DayFilter("date", "lte")
    form = CodeFilter(choices=LessonForm.choices)
    is_cancelled = FlagFilter()
    cancellation_reason = CodeFilter(choices=CancellationReason.choices)
    is_recorded = FlagFilter("recorded_at", "isnull", exclude=True)

    class Meta:
        model = Lesson

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "start_time": "select on the day",
        "end_time": "select on the day",
        "minutes_scheduled": "follows from the times",
        "attendance_version": "for comparing, not for selecting",
    }


class _PlacementFilterSet(PassendFilterSet):
    placement = ReferenceFilter("placement__uuid")
    participant = ReferenceFilter("placement__participant__uuid")


class AttendanceFilterSet(_PlacementFilterSet):
    lesson = ReferenceFilter("lesson__uuid")
    date_from = DayFilter("lesson__date", "gte")
    date_until = DayFilter("lesson__date", "lte")
    status = CodeFilter(choices=AttendanceStatus.choices)
    minutes_present_min = IntegerFilter("minutes_present", "gte")

    class Meta:
        model = Attendance

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "classroom_minutes": "select on minutesPresent",
        "elearning_minutes": "select on minutesPresent",
        "remote_minutes": "select on minutesPresent",
        "version": "for comparing, not for selecting",
        "changed_at": "history of the row",
    }


class ProgressScoreFilterSet(_PlacementFilterSet):
    skill = CodeFilter(choices=Skill.choices)
    level = CodeFilter(choices=Level.choices)
    assessed_from = DayFilter("assessed_date", "gte")
    assessed_until = DayFilter("assessed_date", "lte")
    advice = CodeFilter(choices=TeacherAdvice.choices)

    class Meta:
        model = ProgressScore

    unfiltered: ClassVar = {**RECORD_FIELDS, "changed_at": "history of the row"}


class ExamResultFilterSet(_PlacementFilterSet):
    participant = ReferenceFilter("participant__uuid")
    part = CodeFilter(choices=Skill.choices)
    level = CodeFilter(choices=ExamLevel.choices)
    attempt_number = IntegerFilter()
    exam_from = DayFilter("exam_date", "gte")
    exam_until = DayFilter("exam_date", "lte")
    outcome = CodeFilter(choices=ExamOutcome.choices)
    no_result_reason = CodeFilter(choices=NoResultReason.choices)

    class Meta:
        model = ExamResult

    unfiltered: ClassVar = RECORD_FIELDS


class IndicatorFilterSet(PassendFilterSet):
    code = ExactFilter()
    version = IntegerFilter()
    title = TextFilter()
    goal = CodeFilter(choices=Goal.choices)
    unit = CodeFilter(choices=IndicatorUnit.choices)
    method = CodeFilter(choices=IndicatorMethod.choices)
    period = CodeFilter(choices=IndicatorPeriod.choices)
    alerting = FlagFilter()
    valid_from_until = DayFilter("valid_from", "lte")

    class Meta:
        model = Indicator

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "why_it_matters": LONG_TEXT,
        "numerator_text": LONG_TEXT,
        "denominator_text": LONG_TEXT,
        "exclusions": LONG_TEXT,
        "limits": LONG_TEXT,
        "low_is_good": "a property of the definition, meaningless alone",
        "norm": "a property of the definition, meaningless alone",
        "min_n": "a property of the definition, meaningless alone",
    }


class IndicatorValueFilterSet(PassendFilterSet):
    indicator = ReferenceFilter("indicator__uuid")
    code = ExactFilter("indicator__code")
    provider = ReferenceFilter("provider__uuid")
    period_from = DayFilter("period_start", "gte")
    period_until = DayFilter("period_end", "lte")
    state = CodeFilter(choices=ValueState.choices)
    model_version = ExactFilter()

    class Meta:
        model = IndicatorValue

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "computed_at": "history of the row",
        "wave": "rounds are seen by their sender only",
        **dict.fromkeys(
            (
                "observed",
                "denominator",
                "expected",
                "variance",
                "n",
                "invited",
                "value",
                "low",
                "high",
            ),
            HIDDEN_NUMBER,
        ),
    }


class FeedbackWaveFilterSet(PassendFilterSet):
    organisation = ReferenceFilter("organisation__uuid")
    name = TextFilter()
    state = CodeFilter(choices=WaveState.choices)
    opens_from = DayFilter("opens_date", "gte")
    closes_until = DayFilter("closes_date", "lte")

    class Meta:
        model = FeedbackWave

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "questionnaire_version": "there is one",
        "invited_date": "follows from the state",
    }
