"""Bodies of the commands of delivery."""

from rest_framework import serializers

from backend.api.serializers import PassendSerializer, ReferenceField
from backend.common.codes import Level, Skill
from matching.models import Placement
from quality.choices import (
    AttendanceStatus,
    CancellationReason,
    ExamLevel,
    ExamOutcome,
    NoResultReason,
    TeacherAdvice,
)
from quality.services.attendance import MAX_BULK_ROWS, MAX_ENTRIES

MINUTES_OF_A_DAY = 1440


def _minutes() -> serializers.IntegerField:
    return serializers.IntegerField(
        min_value=0, max_value=MINUTES_OF_A_DAY, required=False, allow_null=True
    )


class AttendanceEntryInput(PassendSerializer):
    """One person on the list. Without minutes, "present" is the whole lesson in its own form."""

    placement = serializers.UUIDField()
    status = serializers.ChoiceField(choices=AttendanceStatus.choices)
    classroom_minutes = _minutes()
    elearning_minutes = _minutes()
    remote_minutes = _minutes()


class AttendanceInput(PassendSerializer):
    entries = serializers.ListField(
        child=AttendanceEntryInput(), allow_empty=False, max_length=MAX_ENTRIES
    )
    expected_version = serializers.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        allow_null=True,
        help_text="attendanceVersion of the lesson as read; another one is refused.",
    )


class CancelInput(PassendSerializer):
    reason = serializers.ChoiceField(choices=CancellationReason.choices)


class AttendanceRowInput(AttendanceEntryInput):
    lesson = serializers.UUIDField()


class AttendanceBatchInput(PassendSerializer):
    items = serializers.ListField(
        child=AttendanceRowInput(), allow_empty=False, max_length=MAX_BULK_ROWS
    )


class ProgressInput(PassendSerializer):
    placement = ReferenceField(Placement)
    skill = serializers.ChoiceField(choices=Skill.choices)
    level = serializers.ChoiceField(choices=Level.choices)
    assessed_date = serializers.DateField()
    advice = serializers.ChoiceField(
        choices=TeacherAdvice.choices, required=False, allow_blank=True, default=""
    )


class ExamInput(PassendSerializer):
    placement = ReferenceField(Placement)
    part = serializers.ChoiceField(choices=Skill.choices)
    level = serializers.ChoiceField(choices=ExamLevel.choices)
    exam_date = serializers.DateField()
    outcome = serializers.ChoiceField(choices=ExamOutcome.choices)
    no_result_reason = serializers.ChoiceField(
        choices=NoResultReason.choices, required=False, allow_blank=True, default=""
    )
    attempt_number = serializers.IntegerField(
        min_value=1, max_value=99, required=False, allow_null=True, default=None
    )
