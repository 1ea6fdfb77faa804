"""Absence above the policy of the municipality: a list of tasks, each closed with an outcome."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.organisations.permissions import Permission
from backend.web.filters import ChoiceFilter, PageFilterSet, SearchFilter
from backend.web.pages import Action, Crumb, DetailPage, Fact, FormPage, ListPage
from backend.web.personal_text import PersonalTextField
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Link
from quality import policies
from quality.choices import AbsenceOutcome, AbsenceReason, AbsenceState
from quality.models import AbsenceSignal, Attendance
from quality.services.absence import absence_signal_close
from quality.web.delivery import ATTENDANCE_COLUMNS

DETAILS = (
    "placement__participant",
    "placement__intake_moment__group__course",
    "placement__provider_organisation",
    "municipality",
    "policy",
)
LIST: Crumb = (gettext_lazy("Absence"), "/absence-signals")


def state_badge(signal: AbsenceSignal) -> Badge:
    is_open = signal.state == AbsenceState.OPEN
    return Badge(AbsenceState(signal.state).label, "warning" if is_open else "neutral")


def missed_text(signal: AbsenceSignal) -> str:
    return _("%(missed)s of %(lessons)s lessons (%(percent)s%%)") % {
        "missed": signal.missed,
        "lessons": signal.lessons,
        "percent": signal.percent,
    }


class AbsenceFilters(PageFilterSet):
    search = SearchFilter(label=gettext_lazy("Reference, course or provider"), method="find")
    state = ChoiceFilter(label=gettext_lazy("Status"), choices=AbsenceState.choices)
    reason = ChoiceFilter(
        label=gettext_lazy("Why there is a signal"), choices=AbsenceReason.choices
    )
    outcome = ChoiceFilter(label=gettext_lazy("What came of it"), choices=AbsenceOutcome.choices)

    class Meta:
        model = AbsenceSignal
        fields: list[str] = []

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(
            Q(placement__participant__reference__icontains=value)
            | Q(placement__intake_moment__group__course__name__icontains=value)
            | Q(placement__provider_organisation__name__icontains=value)
        )


class AbsenceList(ListPage):
    permission = Permission.MANAGE_PIPS
    model = AbsenceSignal
    title = gettext_lazy("Absence")
    intro = gettext_lazy(
        "People who miss more lessons without a valid reason than your policy accepts. Speak with "
        "the person, and write down what came of it."
    )
    filterset_class = AbsenceFilters
    default_sort = "-raised"
    export_name = "absence-signals"
    empty_title = gettext_lazy("Nobody misses too many lessons")
    empty_text = gettext_lazy(
        "Passend looks every day at the lessons of which the school recorded attendance."
    )
    columns = (
        Column(
            "reference",
            gettext_lazy("Reference"),
            lambda one: Link(
                one.placement.participant.reference, reverse("absence-signal", args=[one.uuid])
            ),
            sort=("placement__participant__reference",),
            header=True,
        ),
        Column("reason", gettext_lazy("Why there is a signal"), "get_reason_display"),
        Column("missed", gettext_lazy("Missed"), missed_text, sort=("percent",)),
        Column("row", gettext_lazy("In a row"), "in_row", sort=("in_row",), numeric=True),
        Column("course", gettext_lazy("Course"), "placement.intake_moment.group.course.name"),
        Column("provider", gettext_lazy("Provider"), "placement.provider_organisation.name"),
        Column("last", gettext_lazy("Last lesson"), "last_date", sort=("last_date",)),
        Column("raised", gettext_lazy("Signal of"), "created_at", sort=("created_at",)),
        Column("state", gettext_lazy("Status"), state_badge, sort=("state",)),
        Column("outcome", gettext_lazy("What came of it"), "get_outcome_display"),
    )

    def get_queryset(self) -> QuerySet[Any]:
        signals = super().get_queryset().select_related(*DETAILS)
        # The list is about what waits for somebody; the rest is one filter away.
        if self.request.GET.get("state") or self.request.GET.get("outcome"):
            return signals
        return signals.filter(state=AbsenceState.OPEN)


class AbsencePage(DetailPage):
    """One signal: what was counted, under which policy, and what came of it."""

    permission = Permission.MANAGE_PIPS
    model = AbsenceSignal
    object: AbsenceSignal

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related(*DETAILS)

    def get_title(self) -> str:
        return title_of(self.object)

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (LIST,)

    def get_actions(self) -> Sequence[Action]:
        signal = self.object
        delivery = Action(
            _("Attendance, progress and exams"), reverse("delivery", args=[signal.placement.uuid])
        )
        may_close = policies.may_close_absence(self.actor, signal.municipality_id)
        if signal.state != AbsenceState.OPEN or not may_close:
            return (delivery,)
        close = reverse("absence-signal-close", args=[signal.uuid])
        return (Action(_("Close this signal"), close, primary=True), delivery)

    def get_facts(self) -> Sequence[Fact]:
        signal = self.object
        place = signal.placement
        return (
            Fact(
                _("Reference"),
                Link(place.participant.reference, reverse("placement", args=[place.uuid])),
            ),
            Fact(_("Course"), place.intake_moment.group.course.name),
            Fact(_("Provider"), place.provider_organisation.name),
            Fact(_("Status"), state_badge(signal)),
            Fact(_("Why there is a signal"), signal.get_reason_display()),
            Fact(_("Missed"), missed_text(signal)),
            Fact(_("In a row"), signal.in_row),
            Fact(_("First lesson counted"), signal.first_date),
            Fact(_("Last lesson counted"), signal.last_date),
            Fact(
                _("Policy"),
                Link(
                    _("version %(version)s") % {"version": signal.policy.version},
                    reverse("policy", args=[signal.policy.uuid]),
                ),
            ),
            Fact(_("What came of it"), signal.get_outcome_display() or None),
            Fact(_("Note"), signal.note or None),
            Fact(_("Closed by"), signal.closed_by_label or None),
        )

    def get_tables(self) -> Sequence[Table]:
        signal = self.object
        # Seen: the signal is visible, and so is what it counted.
        lessons = (
            Attendance.objects.filter(
                placement=signal.placement_id,
                lesson__date__range=(signal.first_date, signal.last_date),
            )
            .select_related("lesson")
            .order_by("-lesson__date", "-lesson__start_time")
        )
        return (table_of(ATTENDANCE_COLUMNS, lessons, caption=_("The lessons that were counted")),)


def title_of(signal: AbsenceSignal) -> str:
    return _("Absence of %(reference)s") % {"reference": signal.placement.participant.reference}


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("What came of it"),
        choices=AbsenceOutcome.choices,
        widget=forms.RadioSelect,
    )
    note = PersonalTextField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("What was done or agreed, in short. No details about health."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AbsenceClosePage(FormPage):
    permission = Permission.MANAGE_PIPS
    title = gettext_lazy("Close this signal")
    intro = gettext_lazy("Lessons after this one count anew: who goes on missing them comes back.")
    form_class = CloseForm
    submit_label = gettext_lazy("Close this signal")
    success_message = gettext_lazy("The signal has been closed.")

    def prepare(self) -> None:
        found = (
            AbsenceSignal.objects.visible_to(self.actor)
            .select_related(*DETAILS)
            .filter(uuid=self.kwargs["uuid"])
            .first()
        )
        if found is None:
            raise Http404
        self.signal = found

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (LIST, (title_of(self.signal), reverse("absence-signal", args=[self.signal.uuid])))

    def perform(self, form: Any) -> AbsenceSignal:
        return absence_signal_close(
            actor=self.actor,
            signal=self.signal,
            outcome=form.cleaned_data["outcome"],
            note=form.cleaned_data["note"],
        )

    def get_success_url(self, result: AbsenceSignal) -> str:
        return reverse("absence-signal", args=[result.uuid])
