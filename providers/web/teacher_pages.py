"""Teachers of one's own school and the hours they give to groups."""

from collections.abc import Sequence
from typing import Any

from django.db.models import DecimalField, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.organisations.permissions import Permission
from backend.web.filters import ChoiceFilter, PageFilterSet, SearchFilter
from backend.web.pages import Action, ConfirmPage, FormPage, ListPage
from backend.web.tables import Column
from backend.web.values import Link, Text
from providers.choices import TeacherQualification
from providers.models import Teacher, TeacherHours
from providers.services.teachers import teacher_assign, teacher_save, teacher_unassign
from providers.web.forms import TeacherForm, TeacherHoursForm
from providers.web.own import OwnGroupMixin, OwnProviderMixin, own_providers, require_own, visible

TEACHER_NAMES = ("code", "qualification", "hours_per_week", "valid_from", "valid_to")


class TeacherFilters(PageFilterSet):
    search = SearchFilter(label=gettext_lazy("Teacher"), field_name="code", lookup_expr="icontains")
    qualification = ChoiceFilter(
        label=gettext_lazy("Qualification"), choices=TeacherQualification.choices
    )


class TeacherList(ListPage):
    """Who can teach, for how many hours, and what of it is planned today."""

    permission = Permission.MANAGE_CATALOGUE
    model = Teacher
    title = gettext_lazy("Our teachers")
    intro = gettext_lazy("Hours of qualified teachers limit how many seats your groups can offer.")
    filterset_class = TeacherFilters
    default_sort = "code"
    export_name = "our-teachers"
    empty_title = gettext_lazy("You have no teachers yet")
    empty_text = gettext_lazy(
        "Add teachers with their hours to see weeks ahead where seats will be lost."
    )
    columns = (
        Column(
            "code",
            gettext_lazy("Teacher"),
            lambda one: Link(one.code, reverse("teacher-edit", args=[one.uuid])),
            sort=("code",),
            header=True,
        ),
        Column(
            "qualification",
            gettext_lazy("Qualification"),
            "get_qualification_display",
            sort=("qualification",),
        ),
        Column(
            "hours",
            gettext_lazy("Hours per week"),
            "hours_per_week",
            sort=("hours_per_week",),
            numeric=True,
        ),
        Column(
            "planned",
            gettext_lazy("Planned today"),
            "planned",
            sort=("planned",),
            numeric=True,
        ),
        Column("from", gettext_lazy("Works from"), "valid_from", sort=("valid_from",)),
        Column("to", gettext_lazy("Works until"), "valid_to", sort=("valid_to",)),
    )

    def get_queryset(self) -> QuerySet[Any]:
        today = clock.today()
        holds = Q(assignments__valid_from__lte=today) & (
            Q(assignments__valid_to__isnull=True) | Q(assignments__valid_to__gte=today)
        )
        hours = DecimalField(max_digits=6, decimal_places=1)
        planned = Sum("assignments__hours_per_week", filter=holds)
        return super().get_queryset().annotate(planned=Coalesce(planned, 0, output_field=hours))

    def get_actions(self) -> Sequence[Action]:
        return tuple(
            Action(_("Add teacher"), reverse("teacher-new", args=[one.uuid]), primary=True)
            for one in own_providers(self.actor)[:1]
        )


class TeacherNewPage(OwnProviderMixin, FormPage):
    title = gettext_lazy("Add teacher")
    form_class = TeacherForm
    success_message = gettext_lazy("The teacher has been saved.")

    def get_initial(self) -> dict[str, Any]:
        return {"valid_from": clock.today()}

    def perform(self, form: Any) -> Teacher:
        return teacher_save(actor=self.actor, provider=self.provider, **form.cleaned_data)

    def get_success_url(self, result: Teacher) -> str:
        return reverse("own-teachers")


class TeacherEditPage(TeacherNewPage):
    title = gettext_lazy("Change teacher")
    intro = gettext_lazy("With a last day, the groups of this teacher lose seats from then on.")
    teacher: Teacher

    def prepare(self) -> None:
        self.teacher = visible(self.actor, Teacher, self.kwargs["uuid"], "provider__organisation")
        self.provider = self.teacher.provider
        require_own(self.actor, self.provider)

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.teacher, name) for name in TEACHER_NAMES}

    def perform(self, form: Any) -> Teacher:
        return teacher_save(
            actor=self.actor, provider=self.provider, teacher=self.teacher, **form.cleaned_data
        )


class HoursNewPage(OwnGroupMixin, FormPage):
    title = gettext_lazy("Plan teacher hours")
    form_class = TeacherHoursForm
    success_message = gettext_lazy("The hours have been planned.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"provider": self.group.course.provider}

    def get_initial(self) -> dict[str, Any]:
        return {"valid_from": clock.today()}

    def perform(self, form: Any) -> TeacherHours:
        return teacher_assign(actor=self.actor, group=self.group, **form.cleaned_data)


class HoursRemovePage(OwnGroupMixin, ConfirmPage):
    title = gettext_lazy("Remove these hours?")
    submit_label = gettext_lazy("Yes, remove")
    success_message = gettext_lazy("The hours have been removed.")
    hours: TeacherHours

    def prepare(self) -> None:
        self.hours = visible(
            self.actor,
            TeacherHours,
            self.kwargs["uuid"],
            "teacher",
            "group__course__provider__organisation",
            "group__location",
        )
        self.group = self.hours.group
        require_own(self.actor, self.group.course.provider)

    def get_consequences(self) -> Sequence[Text]:
        return [
            _("Teacher %(code)s no longer counts for this group; it may offer fewer seats.")
            % {"code": self.hours.teacher.code}
        ]

    def perform(self, form: Any) -> None:
        teacher_unassign(actor=self.actor, hours=self.hours)
