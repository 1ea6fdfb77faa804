"""Starts: publish one or a series, change seats, move, close and cancel, with who is affected."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.errors import DomainError
from backend.organisations.permissions import Permission
from backend.web.forms import add_domain_error
from backend.web.pages import Crumb, FormPage, Page
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Link, Text, day_text
from backend.web.views import Wanted, status_of
from providers.choices import IntakeStatus
from providers.models import IntakeMoment, IntakeSeries
from providers.ports import affected_places
from providers.selectors import alternatives_for
from providers.selectors.teachers import group_limits
from providers.services.catalogue import intake_moment_change_status, intake_moment_publish
from providers.services.drafts import IntakeDraft
from providers.services.intake_moments import (
    SeriesDraft,
    intake_moment_move,
    intake_series_preview,
    intake_series_publish,
)
from providers.services.seats import intake_moment_set_seats
from providers.web import columns
from providers.web.forms import IntakeForm, MoveForm, ReasonForm, SeatsForm, SeriesForm
from providers.web.own import OwnGroupMixin, require_own, visible

AFFECTED_COLUMNS = (
    Column(
        "place", gettext_lazy("Participant"), lambda one: Link(one.label, one.path), header=True
    ),
    Column("municipality", gettext_lazy("Municipality"), "municipality"),
    Column("state", gettext_lazy("Status"), "state"),
)
ALTERNATIVE_COLUMNS = (
    Column(
        "course",
        gettext_lazy("Course"),
        lambda one: columns.course_link(one.intake_moment),
        header=True,
    ),
    Column(
        "provider",
        gettext_lazy("Provider"),
        "intake_moment.group.course.provider.organisation.name",
    ),
    Column("place", gettext_lazy("Place"), "intake_moment.group.location.place"),
    Column("start", gettext_lazy("Start"), "intake_moment.start_date"),
    Column("free", gettext_lazy("Free seats"), "seats_free", numeric=True),
    Column(
        "distance",
        gettext_lazy("Distance"),
        lambda one: _("%(km)s km") % {"km": round(one.distance_km)},
        numeric=True,
    ),
)
PLANNED_COLUMNS = (
    Column("start", gettext_lazy("Start"), "start_date", header=True),
    Column("end", gettext_lazy("End"), "end_date"),
    Column("seats", gettext_lazy("Seats"), "seats_total", numeric=True),
    Column(
        "remark",
        gettext_lazy("Result"),
        lambda one: Badge(one.remark, "warning") if one.remark else Badge(_("New"), "success"),
    ),
)


class IntakeNewPage(OwnGroupMixin, FormPage):
    title = gettext_lazy("Publish a start")
    form_class = IntakeForm
    success_message = gettext_lazy("The start has been saved.")

    def get_initial(self) -> dict[str, Any]:
        return {"seats_total": self.group.max_size}

    def perform(self, form: Any) -> IntakeMoment:
        return intake_moment_publish(
            actor=self.actor,
            provider=self.group.course.provider,
            draft=IntakeDraft(group=self.group, **form.cleaned_data),
        )

    def get_success_url(self, result: IntakeMoment) -> str:
        return columns.moment_url(result)


class SeriesPage(OwnGroupMixin, FormPage):
    """Plans starts in a row: first the list of what will be made, then the starts."""

    template_name = "providers/series.html"
    title = gettext_lazy("Plan a series of starts")
    intro = gettext_lazy(
        "You first see every start that will be made. Public holidays are skipped by a day."
    )
    form_class = SeriesForm
    success_message = gettext_lazy("The starts have been published.")

    def get_initial(self) -> dict[str, Any]:
        return {"seats_total": self.group.max_size}

    def _draft(self, form: Any) -> SeriesDraft:
        return SeriesDraft(group=self.group, **form.cleaned_data)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "publish" in request.POST:
            return super().post(request, *args, **kwargs)
        self.prepare()
        form: Any = self.get_form(bound=True)
        if not form.is_valid():
            return self._form_page(form, status=400)
        try:
            planned = intake_series_preview(actor=self.actor, draft=self._draft(form))
        except DomainError as error:
            add_domain_error(form, error)
            return self._form_page(form, status=status_of(error))
        made = sum(not one.remark for one in planned)
        return self.show(
            form=form,
            cancel_url=self.get_cancel_url(),
            made=made,
            planned=table_of(
                PLANNED_COLUMNS, planned, caption=_("What will be published"), caption_visible=True
            ),
        )

    def perform(self, form: Any) -> IntakeSeries:
        return intake_series_publish(actor=self.actor, draft=self._draft(form))


class OwnIntakeMixin:
    """Pages below `/intake-moments/<uuid>` for the planner, with who is affected."""

    permission: Wanted | None = Permission.MANAGE_CATALOGUE
    template_name = "providers/intake_change.html"
    # Seats and publishing touch nobody who has a place already.
    shows_affected: ClassVar[bool] = True
    actor: Any
    kwargs: dict[str, Any]
    moment: IntakeMoment

    def prepare(self) -> None:
        self.moment = visible(
            self.actor,
            IntakeMoment,
            self.kwargs["uuid"],
            "group__course__provider__organisation",
            "group__location",
        )
        require_own(self.actor, self.moment.group.course.provider)

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        course = self.moment.group.course
        return (
            (course.name, columns.course_url(course)),
            (day_text(self.moment.start_date), columns.moment_url(self.moment)),
        )

    def get_success_url(self, result: Any) -> str:
        return columns.moment_url(self.moment)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        tables = affected_tables(self.actor, self.moment) if self.shows_affected else ()
        return super().get_context(tables=tables, **extra)  # type: ignore[misc]


def affected_tables(actor: Any, moment: IntakeMoment) -> Sequence[Table]:
    """Who has a place on this start, and where those people can go."""
    return (
        table_of(
            AFFECTED_COLUMNS,
            affected_places(actor, [moment.pk]).get(moment.pk, ()),
            caption=_("People with a place on this start"),
            empty=_("Nobody has a place on this start."),
        ),
        table_of(
            ALTERNATIVE_COLUMNS,
            alternatives_for(moment),
            caption=_("Alternatives with free seats"),
            empty=_("No other start of this kind has free seats within three months."),
        ),
    )


class SeatsPage(OwnIntakeMixin, FormPage):
    title = gettext_lazy("Change the number of seats")
    form_class = SeatsForm
    success_message = gettext_lazy("The number of seats has been changed.")
    shows_affected = False

    def get_initial(self) -> dict[str, Any]:
        return {"seats_total": self.moment.seats_total}

    def get_context(self, **extra: Any) -> dict[str, Any]:
        group = self.moment.group
        most = group_limits([group])[group.pk].seats(self.moment.start_date)
        return super().get_context(
            explanation=_("At most %(most)s seats: the least of group, room and teachers.")
            % {"most": most},
            **extra,
        )

    def perform(self, form: Any) -> IntakeMoment:
        return intake_moment_set_seats(
            actor=self.actor, intake_moment_id=self.moment.pk, **form.cleaned_data
        )


class MovePage(OwnIntakeMixin, FormPage):
    title = gettext_lazy("Move this start")
    intro = gettext_lazy(
        "Everybody with a place keeps it. Their municipalities get a message with the new day."
    )
    form_class = MoveForm
    submit_label = gettext_lazy("Move the start")
    success_message = gettext_lazy("The start has been moved. The municipalities get a message.")

    def get_initial(self) -> dict[str, Any]:
        return {"start_date": self.moment.start_date}

    def perform(self, form: Any) -> IntakeMoment:
        return intake_moment_move(
            actor=self.actor, intake_moment_id=self.moment.pk, **form.cleaned_data
        )


class StatusPage(OwnIntakeMixin, FormPage):
    """One step of INTAKE_TRANSITIONS."""

    form_class: ClassVar[type[forms.BaseForm]] = ReasonForm
    status: ClassVar[IntakeStatus]

    def perform(self, form: Any) -> IntakeMoment:
        return intake_moment_change_status(
            actor=self.actor,
            intake_moment_id=self.moment.pk,
            status=self.status,
            reason=form.cleaned_data.get("reason", ""),
        )


class ClosePage(StatusPage):
    title = gettext_lazy("Close this start?")
    intro = gettext_lazy(
        "Nobody can be placed any more; everybody with a place keeps it. "
        "Municipalities with a contract hear of it while seats are free."
    )
    submit_label = gettext_lazy("Yes, close")
    success_message = gettext_lazy("The start is closed.")
    status = IntakeStatus.CLOSED


class CancelPage(StatusPage):
    title = gettext_lazy("Cancel this start?")
    intro = gettext_lazy(
        "This cannot be undone. The municipalities of everybody with a place get a message with "
        "the alternatives."
    )
    submit_label = gettext_lazy("Yes, cancel the start")
    success_message = gettext_lazy("The start is cancelled. The municipalities get a message.")
    status = IntakeStatus.CANCELLED


class PublishPage(StatusPage):
    title = gettext_lazy("Publish this start?")
    intro = gettext_lazy("Municipalities see the start at once and can place people.")
    submit_label = gettext_lazy("Yes, publish")
    success_message = gettext_lazy("The start is published.")
    form_class = forms.Form
    status = IntakeStatus.PUBLISHED
    shows_affected = False


class AlternativesPage(Page):
    """Who has a place on a start that changed, and where they can go: for both parties."""

    permission = Permission.VIEW_CATALOGUE
    template_name = "web/pages/detail.html"
    moment: IntakeMoment

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.moment = visible(
            self.actor,
            IntakeMoment,
            kwargs["uuid"],
            "group__course__provider__organisation",
            "group__location",
        )
        return self.show(tables=affected_tables(self.actor, self.moment))

    def get_title(self) -> Text:
        return _("Alternatives for %(course)s, start %(day)s") % {
            "course": self.moment.group.course.name,
            "day": day_text(self.moment.start_date),
        }

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Course catalogue"), reverse("catalogue")),
            (day_text(self.moment.start_date), columns.moment_url(self.moment)),
        )
