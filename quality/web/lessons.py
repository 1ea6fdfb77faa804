"""The teacher's pages: the lessons of a day, and the list of one lesson."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.organisations.permissions import Permission
from backend.web.pages import Action, ConfirmPage, Crumb, FormPage, Page
from backend.web.tables import Column, table_of
from backend.web.values import Badge, Link, Text
from quality import selectors
from quality.choices import AttendanceStatus, CancellationReason, LessonForm
from quality.models import Lesson
from quality.services.attendance import AttendanceEntry, attendance_record
from quality.services.lessons import lesson_cancel

FORM_FIELD = {
    LessonForm.CLASSROOM: "classroom_minutes",
    LessonForm.SCHOOL_ELEARNING: "elearning_minutes",
    LessonForm.REMOTE: "remote_minutes",
}


def lesson_url(lesson: Lesson) -> str:
    return reverse("lesson-attendance", args=[lesson.uuid])


def lesson_state(lesson: Lesson) -> Badge:
    if lesson.is_cancelled:
        return Badge(_("Cancelled"), "warning")
    if lesson.recorded_at is not None:
        return Badge(_("Recorded"), "success")
    return Badge(_("Not recorded yet"), "neutral")


LESSON_COLUMNS = (
    Column(
        "lesson",
        gettext_lazy("Lesson"),
        lambda lesson: Link(
            f"{lesson.start_time:%H:%M}–{lesson.end_time:%H:%M} {lesson.group.course.name}",
            lesson_url(lesson),
        ),
        header=True,
    ),
    Column("group", gettext_lazy("Group"), "group.code"),
    Column("place", gettext_lazy("Place"), "group.location.name"),
    Column("state", gettext_lazy("Attendance list"), lesson_state),
)


class DayPage(Page):
    """The lessons of one day that the actor may record; today by default."""

    permission = Permission.RECORD_DELIVERY
    template_name = "quality/day.html"
    day: date

    def get_title(self) -> Text:
        name = date_format(self.day, "l j F")
        if self.day == clock.today():
            return _("%(day)s: lessons of today") % {"day": name}
        return _("%(day)s: lessons") % {"day": name}

    def get_actions(self) -> Sequence[Action]:
        before, after = self.day - timedelta(days=1), self.day + timedelta(days=1)
        address = reverse("lessons")
        days = [
            Action(_("Day before"), f"{address}?day={before}"),
            Action(_("Day after"), f"{address}?day={after}"),
        ]
        if self.day != clock.today():
            days.insert(1, Action(_("Today"), address))
        return days

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.day = self._asked_day()
        lessons = selectors.lessons_of_day(self.actor, self.day)
        table = table_of(
            LESSON_COLUMNS,
            lessons,
            caption=_("Lessons"),
            empty=_("There are no lessons on this day."),
        )
        return self.show(table=table, day=self.day)

    def _asked_day(self) -> date:
        asked = self.request.GET.get("day")
        if not asked:
            return clock.today()
        try:
            day = parse_date(asked)
        except ValueError:
            day = None
        if day is None or not date(2000, 1, 1) <= day <= date(2100, 1, 1):
            raise Http404
        return day


class AttendanceForm(forms.Form):
    """Per person a status and, where it differs from the whole lesson, the minutes."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, lines: Sequence[Any], lesson: Lesson, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        self.fields["version"].initial = lesson.attendance_version
        for line in lines:
            key = line.placement.uuid
            person = line.name or line.reference
            old = line.attendance
            self.fields[f"status_{key}"] = forms.ChoiceField(
                label=person,
                choices=AttendanceStatus.choices,
                initial=old.status if old else AttendanceStatus.PRESENT,
                widget=forms.RadioSelect,
            )
            whole = old is None or old.minutes_present in (0, lesson.minutes_scheduled)
            self.fields[f"minutes_{key}"] = forms.IntegerField(
                label=_("Minutes present: %(person)s") % {"person": person},
                required=False,
                initial=None if whole else old.minutes_present,
                min_value=0,
                max_value=lesson.minutes_scheduled,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )

    def rows(self) -> list[tuple[Any, forms.BoundField, forms.BoundField]]:
        return [
            (line, self[f"status_{line.placement.uuid}"], self[f"minutes_{line.placement.uuid}"])
            for line in self.lines
        ]


class AttendancePage(FormPage):
    """The list of one lesson: everybody stands on "present", so only exceptions cost a tap."""

    permission = Permission.RECORD_DELIVERY
    template_name = "quality/attendance.html"
    form_class = AttendanceForm
    submit_label = gettext_lazy("Save attendance")
    success_message = gettext_lazy("Attendance is saved.")
    lesson: Lesson
    lines: Sequence[Any]

    def get_title(self) -> Text:
        return f"{self.lesson.group.course.name}, {self.lesson.group.code}"

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Lessons"), f"{reverse('lessons')}?day={self.lesson.date}"),)

    def get_actions(self) -> Sequence[Action]:
        if self.lesson.is_cancelled or self.lesson.recorded_at is not None:
            return ()
        return (Action(_("Cancel lesson"), reverse("lesson-cancel", args=[self.lesson.uuid])),)

    def prepare(self) -> None:
        self.lesson = visible_lesson(self)
        self.lines = selectors.lesson_roster(self.actor, self.lesson)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"lines": self.lines, "lesson": self.lesson}

    @property
    def error_fields(self) -> Mapping[str, str]:  # type: ignore[override]
        names = {}
        for index, line in enumerate(self.lines):
            names[f"entries.{index}.placement"] = f"status_{line.placement.uuid}"
            names[f"entries.{index}.minutes"] = f"minutes_{line.placement.uuid}"
        return names

    def perform(self, form: forms.BaseForm) -> Any:
        data = form.cleaned_data
        field = FORM_FIELD[LessonForm(self.lesson.form)]
        entries = [
            AttendanceEntry(
                placement=line.placement.uuid,
                status=AttendanceStatus(data[f"status_{line.placement.uuid}"]),
                **{field: data[f"minutes_{line.placement.uuid}"]},
            )
            for line in self.lines
        ]
        return attendance_record(
            actor=self.actor,
            lesson=self.lesson,
            entries=entries,
            expected_version=data["version"],
        )

    def get_success_url(self, result: Any) -> str:
        return f"{reverse('lessons')}?day={self.lesson.date}"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        # A future or cancelled lesson shows its list, and says why nothing can be saved.
        open_ = not self.lesson.is_cancelled and self.lesson.date <= clock.today()
        return super().get_context(
            lesson=self.lesson, recordable=open_, state=lesson_state(self.lesson), **extra
        )


class CancelForm(forms.Form):
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=CancellationReason.choices)


class LessonCancelPage(ConfirmPage):
    permission = Permission.RECORD_DELIVERY
    title = gettext_lazy("Cancel lesson")
    form_class = CancelForm
    submit_label = gettext_lazy("Cancel this lesson")
    success_message = gettext_lazy("The lesson is cancelled.")
    lesson: Lesson

    def prepare(self) -> None:
        self.lesson = visible_lesson(self)

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Lessons"), f"{reverse('lessons')}?day={self.lesson.date}"),
            (f"{self.lesson.group.course.name}, {self.lesson.group.code}", lesson_url(self.lesson)),
        )

    def get_consequences(self) -> Sequence[Text]:
        return (
            _("The lesson does not count as scheduled: nobody is marked absent."),
            _("It counts as a lesson that the provider did not give."),
        )

    def perform(self, form: forms.BaseForm) -> Any:
        return lesson_cancel(
            actor=self.actor,
            lesson=self.lesson,
            reason=CancellationReason(form.cleaned_data["reason"]),
        )

    def get_success_url(self, result: Any) -> str:
        return f"{reverse('lessons')}?day={self.lesson.date}"


def visible_lesson(page: Any) -> Lesson:
    """The lesson of the address, if the actor sees it and may record it; otherwise 404."""
    lesson = (
        Lesson.objects.visible_to(page.actor)
        .recordable_by(page.actor)
        .select_related("group__course", "group__location")
        .filter(uuid=page.kwargs["uuid"])
        .first()
    )
    if lesson is None:
        raise Http404
    return lesson
