"""What was delivered to one person: attendance, progress and exams, with the forms to add."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Sum
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.audit.public import record_access
from backend.common import clock
from backend.common.codes import Level, Skill
from backend.organisations.permissions import Permission
from backend.web.forms import DateInput
from backend.web.pages import Action, Crumb, DetailPage, Fact, FormPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Percentage, Text
from matching.models import ParticipantIdentity, Placement
from quality import policies, selectors
from quality.choices import (
    ExamLevel,
    ExamOutcome,
    NoResultReason,
    TeacherAdvice,
)
from quality.models import Attendance, ExamResult, ProgressScore
from quality.services.progress import (
    ExamEntry,
    ProgressEntry,
    exam_result_record,
    progress_record,
)

LESSONS_SHOWN = 30
NOT_ASSESSED = ("", gettext_lazy("Not assessed"))

PROGRESS_COLUMNS = (
    Column("day", gettext_lazy("Day"), "assessed_date", header=True),
    Column("skill", gettext_lazy("Skill"), "get_skill_display"),
    Column("level", gettext_lazy("Level"), "get_level_display"),
    Column("advice", gettext_lazy("Advice of the teacher"), "get_advice_display"),
)
EXAM_COLUMNS = (
    Column("day", gettext_lazy("Day"), "exam_date", header=True),
    Column("part", gettext_lazy("Exam part"), "get_part_display"),
    Column("level", gettext_lazy("Level"), "get_level_display"),
    Column("attempt", gettext_lazy("Attempt"), "attempt_number", numeric=True),
    Column(
        "outcome",
        gettext_lazy("Result"),
        lambda one: " – ".join(
            str(text)
            for text in (one.get_outcome_display(), one.get_no_result_reason_display())
            if text
        ),
    ),
)
ATTENDANCE_COLUMNS = (
    Column("day", gettext_lazy("Day"), "lesson.date", header=True),
    Column("status", gettext_lazy("Status"), "get_status_display"),
    Column("minutes", gettext_lazy("Minutes present"), "minutes_present", numeric=True),
    Column("scheduled", gettext_lazy("Scheduled"), "lesson.minutes_scheduled", numeric=True),
)


def delivered_placement(page: Any) -> Placement:
    """The placement of the address, if the actor may see what was delivered; otherwise 404."""
    placement = (
        selectors.placements_delivered_to(page.actor)
        .select_related("participant", "intake_moment__group__course", "provider_organisation")
        .filter(uuid=page.kwargs["uuid"])
        .first()
    )
    if placement is None:
        raise Http404
    return placement


def person_name(page: Any, placement: Placement) -> str:
    """The name where the actor may see it, else the reference; the look is logged first."""
    identity = (
        ParticipantIdentity.objects.visible_to(page.actor)
        .filter(participant=placement.participant_id)
        .first()
    )
    if identity is None:
        return placement.participant.reference
    record_access(
        actor=page.actor,
        subject_type="matching.participant",
        subject_uuid=placement.participant.uuid,
        purpose="delivery of a placement",
    )
    return str(identity.full_name)


class DeliveryPage(DetailPage):
    """Attendance, progress and exams of one placed person."""

    permission = Permission.VIEW_DELIVERY
    model = Placement

    def get_object(self) -> Placement:
        placement = delivered_placement(self)
        self.name = person_name(self, placement)
        return placement

    def get_title(self) -> Text:
        return self.name

    def get_actions(self) -> Sequence[Action]:
        if not policies.may_record(self.actor, self.object.provider_organisation_id):
            return ()
        return (
            Action(_("Add progress"), reverse("delivery-progress", args=[self.object.uuid])),
            Action(_("Add exam result"), reverse("delivery-exam", args=[self.object.uuid])),
        )

    def get_facts(self) -> Sequence[Fact]:
        # Seen: the placement itself is visible, so all its rows are.
        sums = Attendance.objects.filter(placement=self.object).aggregate(
            present=Sum("minutes_present"), scheduled=Sum("lesson__minutes_scheduled")
        )
        share = sums["present"] / sums["scheduled"] if sums["scheduled"] else None
        return (
            Fact(_("Course"), self.object.intake_moment.group.course.name),
            Fact(_("Provider"), self.object.provider_organisation.name),
            Fact(_("Reference of the municipality"), self.object.participant.reference),
            Fact(_("Hours present"), None if share is None else round(sums["present"] / 60, 1)),
            Fact(_("Attendance in recorded lessons"), Percentage(share)),
        )

    def get_tables(self) -> Sequence[Table]:
        return (
            table_of(
                PROGRESS_COLUMNS,
                ProgressScore.objects.filter(placement=self.object),
                caption=_("Progress per skill"),
                empty=_("No progress has been recorded yet."),
            ),
            table_of(
                EXAM_COLUMNS,
                ExamResult.objects.filter(placement=self.object),
                caption=_("Exam results"),
                empty=_("No exam results have been recorded yet."),
            ),
            table_of(
                ATTENDANCE_COLUMNS,
                Attendance.objects.filter(placement=self.object)
                .select_related("lesson")
                .order_by("-lesson__date", "-lesson__start_time")[:LESSONS_SHOWN],
                caption=_("Attendance in the last 30 lessons"),
                empty=_("No attendance has been recorded yet."),
            ),
        )


class ProgressForm(forms.Form):
    """A level per skill; a skill that was not assessed stays empty."""

    assessed_date = forms.DateField(
        label=gettext_lazy("Day of the assessment"), widget=DateInput(), initial=clock.today
    )
    advice = forms.ChoiceField(
        label=gettext_lazy("Advice of the teacher"),
        choices=[("", gettext_lazy("No advice")), *TeacherAdvice.choices],
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, label in Skill.choices:
            self.fields[f"level_{code}"] = forms.ChoiceField(
                label=label, choices=[NOT_ASSESSED, *Level.choices], required=False
            )


class _PlacementFormPage(FormPage):
    permission = Permission.RECORD_DELIVERY
    placement: Placement

    def prepare(self) -> None:
        self.placement = delivered_placement(self)
        policies.require_record(self.actor, self.placement.provider_organisation_id)
        self.name = person_name(self, self.placement)

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((self.name, reverse("delivery", args=[self.placement.uuid])),)

    def get_success_url(self, result: Any) -> str:
        return reverse("delivery", args=[self.placement.uuid])


class ProgressPage(_PlacementFormPage):
    title = gettext_lazy("Add progress")
    form_class = ProgressForm
    success_message = gettext_lazy("Progress is saved.")

    def perform(self, form: forms.BaseForm) -> Any:
        data = form.cleaned_data
        return progress_record(
            actor=self.actor,
            placement=self.placement,
            assessed_date=data["assessed_date"],
            entries=[
                ProgressEntry(Skill(code), Level(data[f"level_{code}"]), data["advice"])
                for code in Skill.values
                if data[f"level_{code}"]
            ],
        )


class ExamForm(forms.Form):
    part = forms.ChoiceField(label=gettext_lazy("Exam part"), choices=Skill.choices)
    level = forms.ChoiceField(label=gettext_lazy("Level"), choices=ExamLevel.choices)
    exam_date = forms.DateField(label=gettext_lazy("Day of the exam"), widget=DateInput())
    outcome = forms.ChoiceField(label=gettext_lazy("Result"), choices=ExamOutcome.choices)
    no_result_reason = forms.ChoiceField(
        label=gettext_lazy("Reason for no result"),
        choices=[("", gettext_lazy("There is a result")), *NoResultReason.choices],
        required=False,
    )
    attempt_number = forms.IntegerField(
        label=gettext_lazy("Attempt"),
        required=False,
        min_value=1,
        max_value=99,
        help_text=gettext_lazy("Leave empty for the next attempt."),
    )


class ExamPage(_PlacementFormPage):
    title = gettext_lazy("Add exam result")
    form_class = ExamForm
    success_message = gettext_lazy("The exam result is saved.")

    def perform(self, form: forms.BaseForm) -> Any:
        data = form.cleaned_data
        return exam_result_record(
            actor=self.actor, placement=self.placement, entry=ExamEntry(**data)
        )
