"""What was delivered: lessons, who was there, how far people are, what they passed."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.common.codes import Level, Skill
from backend.common.records import Record
from backend.organisations.models import Organisation
from matching.models import Participant, Placement
from providers.models import CourseGroup
from quality.choices import (
    ABSENT,
    AttendanceStatus,
    CancellationReason,
    ExamLevel,
    ExamOutcome,
    LessonForm,
    NoResultReason,
    TeacherAdvice,
)
from quality.querysets import LessonQuerySet, PlacementRecordQuerySet


class Lesson(Record):
    """One lesson of a group on one day; generated from the weekly lessons of the group.

    It belongs to the group and not to one intake moment: who joined at different moments sits in
    the same room. Its roster follows from the placements.
    """

    group = models.ForeignKey(CourseGroup, on_delete=models.PROTECT, related_name="lessons")
    # Repeated from the course, so that lists and figures need no three joins.
    provider_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="lessons"
    )
    date = models.DateField(_("date"))
    start_time = models.TimeField(_("start"))
    end_time = models.TimeField(_("end"))
    minutes_scheduled = models.PositiveSmallIntegerField(_("scheduled minutes"))
    form = models.CharField(
        _("form"), max_length=20, choices=LessonForm.choices, default=LessonForm.CLASSROOM
    )
    is_cancelled = models.BooleanField(_("cancelled"), default=False)
    cancellation_reason = models.CharField(
        _("reason"), max_length=20, choices=CancellationReason.choices, blank=True
    )
    recorded_at = models.DateTimeField(_("attendance recorded"), null=True, blank=True)
    # Goes up with each change of the list, so that two teachers do not overwrite each other.
    attendance_version = models.PositiveIntegerField(default=0)

    objects = LessonQuerySet.as_manager()

    class Meta:
        ordering = ["date", "start_time", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "date", "start_time"], name="quality_lesson_once"
            ),
            models.CheckConstraint(
                condition=Q(end_time__gt=F("start_time")), name="quality_lesson_times"
            ),
            models.CheckConstraint(
                condition=Q(minutes_scheduled__range=(1, 1440)), name="quality_lesson_minutes"
            ),
            models.CheckConstraint(
                condition=Q(is_cancelled=True) ^ Q(cancellation_reason=""),
                name="quality_lesson_cancellation_reason",
            ),
            models.CheckConstraint(
                condition=Q(is_cancelled=False) | Q(recorded_at__isnull=True),
                name="quality_lesson_cancelled_not_given",
            ),
        ]
        indexes = [
            models.Index(fields=["provider_organisation", "date"], name="quality_lesson_day"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.date} {self.start_time:%H:%M}"


class Attendance(Record):
    """Whether a placed person was in a lesson, and for how many minutes in which form.

    One row per lesson and placement. A correction changes the row, raises `version` and stands in
    the audit trail with the old values.
    """

    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="attendances")
    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="attendances")
    status = models.CharField(_("status"), max_length=20, choices=AttendanceStatus.choices)
    classroom_minutes = models.PositiveSmallIntegerField(_("minutes in the classroom"), default=0)
    elearning_minutes = models.PositiveSmallIntegerField(_("minutes of e-learning"), default=0)
    remote_minutes = models.PositiveSmallIntegerField(_("minutes at a distance"), default=0)
    minutes_present = models.GeneratedField(
        expression=F("classroom_minutes") + F("elearning_minutes") + F("remote_minutes"),
        output_field=models.PositiveIntegerField(_("minutes present")),
        db_persist=True,
    )
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)

    objects = PlacementRecordQuerySet.as_manager()

    class Meta:
        ordering = ["lesson", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["lesson", "placement"], name="quality_attendance_once"),
            models.CheckConstraint(
                condition=(
                    Q(status__in=sorted(ABSENT))
                    & Q(classroom_minutes=0, elearning_minutes=0, remote_minutes=0)
                )
                | (~Q(status__in=sorted(ABSENT)) & Q(minutes_present__gt=0)),
                name="quality_attendance_minutes_fit_status",
            ),
        ]
        indexes = [
            models.Index(fields=["placement", "lesson"], name="quality_attendance_person"),
            # What changed lately is posted to the ledger every hour.
            models.Index(fields=["changed_at"], name="quality_attendance_changed"),
        ]

    def __str__(self) -> str:
        return f"{self.lesson_id} {self.placement_id} {self.status}"


class ProgressScore(Record):
    """The level of a placed person in one skill on one day, with the teacher's advice."""

    placement = models.ForeignKey(
        Placement, on_delete=models.PROTECT, related_name="progress_scores"
    )
    skill = models.CharField(_("skill"), max_length=3, choices=Skill.choices)
    level = models.CharField(_("level"), max_length=2, choices=Level.choices)
    assessed_date = models.DateField(_("day of the assessment"))
    advice = models.CharField(
        _("advice of the teacher"), max_length=12, choices=TeacherAdvice.choices, blank=True
    )
    changed_at = models.DateTimeField(auto_now=True)

    objects = PlacementRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-assessed_date", "skill", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["placement", "skill", "assessed_date"], name="quality_progress_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.placement_id} {self.skill} {self.level}"


class ExamResult(Record):
    """One attempt at one exam part; codes are DUO's."""

    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="exam_results")
    # Attempts count per person, also when the person changes provider.
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, related_name="exam_results"
    )
    part = models.CharField(_("exam part"), max_length=3, choices=Skill.choices)
    level = models.CharField(_("level"), max_length=3, choices=ExamLevel.choices)
    attempt_number = models.PositiveSmallIntegerField(_("attempt"))
    exam_date = models.DateField(_("day of the exam"))
    outcome = models.CharField(_("result"), max_length=8, choices=ExamOutcome.choices)
    no_result_reason = models.CharField(
        _("reason for no result"), max_length=15, choices=NoResultReason.choices, blank=True
    )

    objects = PlacementRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-exam_date", "part", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "part", "level", "attempt_number"],
                name="quality_examresult_attempt_once",
            ),
            models.CheckConstraint(
                condition=Q(attempt_number__gt=0), name="quality_examresult_attempt_positive"
            ),
            models.CheckConstraint(
                condition=Q(outcome=ExamOutcome.NONE) ^ Q(no_result_reason=""),
                name="quality_examresult_reason_without_result",
            ),
            models.CheckConstraint(
                condition=Q(part=Skill.KNM) ^ ~Q(level=ExamLevel.NONE),
                name="quality_examresult_knm_has_no_level",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant_id} {self.part} {self.attempt_number}: {self.outcome}"

    def clean(self) -> None:
        faults = {}
        if (self.outcome == ExamOutcome.NONE) != bool(self.no_result_reason):
            faults["no_result_reason"] = ValidationError(
                _("Give the reason when there is no result, and only then."), code="reason"
            )
        if (self.part == Skill.KNM) != (self.level == ExamLevel.NONE):
            faults["level"] = ValidationError(
                _("KNM has no level; every other part has one."), code="level"
            )
        if faults:
            raise ValidationError(faults)
