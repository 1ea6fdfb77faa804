"""Agreements beside the route, the talks about progress, and a move to another municipality."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.actor import Actor
from backend.codelists.public import labels_of, offered
from backend.common import clock
from backend.common.codes import Component
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.web.dashboard import Card, CardEntry, Tile, register
from backend.web.filters import PageFilterSet, SearchFilter
from backend.web.forms import DateInput
from backend.web.pages import Action, Crumb, Fact, FormPage, ListPage
from backend.web.personal_text import PersonalTextField
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Lines, Link, Text, day_text
from matching.agreement_choices import TalkForm
from matching.code_lists import ACTIVITIES
from matching.models import Participant, ParticipantMove, Pip, PipAgreements, ProgressTalk
from matching.selectors.talks import TalkPlan, talk_plan, with_talk_due
from matching.services.agreements import AgreementsData, agreements_set, talk_record
from matching.services.moves import (
    participant_move,
    participant_take_over,
    running_elsewhere,
)
from matching.services.pip_removal import pip_removal_violations
from matching.web.duo_facts import duo_tables

WORK_LIST: Crumb = (gettext_lazy("Waiting list"), "/work-list")


class OfPersonMixin:
    """Loads the person through the actor's eyes and goes back to the PIP."""

    actor: Actor
    kwargs: dict[str, Any]
    participant: Participant
    pip: Pip | None

    def prepare(self) -> None:
        found = (
            Participant.objects.visible_to(self.actor)
            .select_related("municipality", "agreements")
            .filter(uuid=self.kwargs["uuid"])
            .first()
        )
        if found is None:
            raise Http404
        self.participant = found
        self.pip = found.pips.filter(is_current=True).first()

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        if self.pip is None:
            return (WORK_LIST,)
        title = _("PIP of %(reference)s") % {"reference": self.participant.reference}
        return (WORK_LIST, (title, reverse("pip", args=[self.pip.uuid])))

    def get_success_url(self, result: Any) -> str:
        return str(self.get_breadcrumbs()[-1][1])


def _day(label: Text, help_text: Text = "") -> forms.DateField:
    return forms.DateField(
        label=label,  # type: ignore[arg-type]
        widget=DateInput(),
        required=False,
        help_text=help_text,  # type: ignore[arg-type]
    )


class AgreementsForm(forms.Form):
    intake_date = _day(gettext_lazy("Date of the broad intake"))
    intake_summary = PersonalTextField(
        label=gettext_lazy("Broad intake in short"),
        help_text=gettext_lazy(
            "What matters for the plan: education, work, wishes. No names and no health details."
        ),
        rows=5,
        max_length=1500,
        required=False,
    )
    dual_activities = forms.MultipleChoiceField(
        label=gettext_lazy("Beside the lessons"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    pvt_hours = forms.IntegerField(label=gettext_lazy("Hours of PVT"), required=False)
    map_hours = forms.IntegerField(label=gettext_lazy("Hours of MAP"), required=False)
    guidance_until = _day(gettext_lazy("Social guidance until"))
    unburdening_until = _day(
        gettext_lazy("Financial unburdening until"),
        gettext_lazy("The law gives asylum status holders on benefit six months."),
    )
    talk_interval_weeks = forms.IntegerField(
        label=gettext_lazy("Weeks between progress talks"),
        help_text=gettext_lazy("Empty: as in the policy of the municipality."),
        required=False,
    )


class AgreementsPage(OfPersonMixin, FormPage):
    """The broad intake in short and what was agreed; the plan itself does not change."""

    permission = Permission.MANAGE_PIPS
    title = gettext_lazy("Intake and agreements")
    intro = gettext_lazy("Part of the PIP. Matching never reads this.")
    form_class = AgreementsForm
    success_message = gettext_lazy("The agreements have been saved.")

    def get_initial(self) -> dict[str, Any]:
        known = getattr(self.participant, "agreements", None)
        if known is None:
            return {}
        return {one.name: getattr(known, one.name) for one in fields(AgreementsData)}

    def get_form(self, *, bound: bool) -> forms.BaseForm:
        form = super().get_form(bound=bound)
        known = self.get_initial().get("dual_activities", ())
        form.fields["dual_activities"].choices = offered(  # type: ignore[attr-defined]
            ACTIVITIES, besides=known
        )
        return form

    def perform(self, form: forms.BaseForm) -> PipAgreements:
        return agreements_set(
            actor=self.actor,
            participant=self.participant,
            data=AgreementsData(
                **{one.name: form.cleaned_data[one.name] for one in fields(AgreementsData)}
            ),
        )


class TalkFormFields(forms.Form):
    held_on = forms.DateField(label=gettext_lazy("Held on"), widget=DateInput())
    form = forms.ChoiceField(
        label=gettext_lazy("How"), choices=TalkForm.choices, widget=forms.RadioSelect
    )


class TalkPage(OfPersonMixin, FormPage):
    permission = Permission.MANAGE_PIPS
    title = gettext_lazy("Record a progress talk")
    intro = gettext_lazy("Only that the talk was held. What was said belongs in your own file.")
    form_class = TalkFormFields
    success_message = gettext_lazy("The talk has been recorded.")

    def get_initial(self) -> dict[str, Any]:
        return {"held_on": clock.today(), "form": TalkForm.VISIT}

    def perform(self, form: forms.BaseForm) -> ProgressTalk:
        return talk_record(actor=self.actor, participant=self.participant, **form.cleaned_data)


class MoveForm(forms.Form):
    municipality = forms.ModelChoiceField(
        label=gettext_lazy("To which municipality"),
        queryset=Organisation.objects.none(),
        to_field_name="code",
    )
    moved_on = forms.DateField(label=gettext_lazy("Moved on"), widget=DateInput())


class MovePage(OfPersonMixin, FormPage):
    """Hands the person over to another municipality, after saying what that does."""

    permission = Permission.MANAGE_PIPS
    title = gettext_lazy("Moved to another municipality")
    intro = gettext_lazy(
        "Held and offered places are withdrawn and nobody waits here any more. A place that was "
        "accepted or runs stays with your municipality. The new municipality gets the PIP and the "
        "contact details; it does not see your file."
    )
    form_class = MoveForm
    submit_label = gettext_lazy("Hand over")
    success_message = gettext_lazy("The person has been handed over to the other municipality.")

    def get_initial(self) -> dict[str, Any]:
        return {"moved_on": clock.today()}

    def get_form(self, *, bound: bool) -> forms.BaseForm:
        form = super().get_form(bound=bound)
        form.fields["municipality"].queryset = (  # type: ignore[attr-defined]
            Organisation.objects.filter(kind="municipality", is_active=True)
            .exclude(pk=self.participant.municipality_id)
            .order_by("name")
        )
        return form

    def perform(self, form: forms.BaseForm) -> ParticipantMove:
        return participant_move(actor=self.actor, participant=self.participant, **form.cleaned_data)


class TakeOverForm(forms.Form):
    reference = forms.CharField(
        label=gettext_lazy("Reference of the municipality"),
        help_text=gettext_lazy("Your own case number. Never the BSN."),
        max_length=40,
    )


class TakeOverPage(OfPersonMixin, FormPage):
    permission = Permission.MANAGE_PIPS
    title = gettext_lazy("Give your own reference")
    form_class = TakeOverForm
    success_message = gettext_lazy("The person has your own reference now.")

    def perform(self, form: forms.BaseForm) -> Participant:
        return participant_take_over(
            actor=self.actor, participant=self.participant, **form.cleaned_data
        )


class DueTalkFilters(PageFilterSet):
    search = SearchFilter(label=gettext_lazy("Reference"), method="find")

    class Meta:
        model = Participant
        fields: list[str] = []

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(reference__icontains=value)


def due_badge(one: Any) -> Badge:
    late = one.talk_due < clock.today()
    return Badge(day_text(one.talk_due), "warning" if late else "neutral")


class TalksDuePage(ListPage):
    """Everybody with a PIP, the talk that is due first on top."""

    permission = Permission.VIEW_PARTICIPANTS
    model = Participant
    title = gettext_lazy("Progress talks")
    intro = gettext_lazy(
        "Counted from the last talk, or from the first PIP. The number of weeks is agreed with the "
        "person, or else stands in the policy of the municipality."
    )
    filterset_class = DueTalkFilters
    default_sort = "due"
    export_name = "progress-talks"
    empty_title = gettext_lazy("No progress talks to plan")
    empty_text = gettext_lazy("As soon as somebody has a PIP, the next talk stands here.")
    columns = (
        Column(
            "reference",
            gettext_lazy("Reference"),
            lambda one: Link(one.reference, reverse("talk-new", args=[one.uuid])),
            sort=("reference",),
            header=True,
        ),
        Column(
            "municipality",
            gettext_lazy("Municipality"),
            "municipality.name",
            sort=("municipality__name",),
        ),
        Column("last", gettext_lazy("Last talk"), "last_talk", sort=("last_talk",)),
        Column("weeks", gettext_lazy("Weeks between"), "talk_weeks", numeric=True),
        Column(
            "due",
            gettext_lazy("Next talk before"),
            due_badge,
            sort=("talk_due",),
            export=((gettext_lazy("Next talk before"), "talk_due"),),
        ),
    )

    def get_queryset(self) -> QuerySet[Any]:
        mine = self.actor.with_permission(Permission.VIEW_PARTICIPANTS)
        return with_talk_due(super().get_queryset(), mine).select_related("municipality")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (WORK_LIST,)


def agreement_facts(participant: Participant) -> list[Fact]:
    """What was agreed, as facts of the PIP page; three queries at most."""
    known = getattr(participant, "agreements", None)
    facts = [Fact(_("Progress talks"), talk_sentence(talk_plan(participant)))]
    if known is None:
        return facts
    words = labels_of(ACTIVITIES) if known.dual_activities else {}
    dual = tuple(words.get(one, one) for one in known.dual_activities)
    return [
        Fact(_("Broad intake"), known.intake_date),
        Fact(_("Broad intake in short"), known.intake_summary or None),
        Fact(_("Beside the lessons"), Lines(dual) if dual else None),
        Fact(_("Hours of PVT"), known.pvt_hours),
        Fact(_("Hours of MAP"), known.map_hours),
        Fact(_("Social guidance until"), known.guidance_until),
        Fact(_("Financial unburdening until"), known.unburdening_until),
        *facts,
    ]


def talk_sentence(plan: TalkPlan) -> str:
    words = (
        _("every %(weeks)s weeks, as agreed")
        if plan.is_own_interval
        else _("every %(weeks)s weeks, as in the policy")
    )
    text = words % {"weeks": plan.weeks}
    if plan.due is None:
        return text
    return text + "; " + _("next before %(day)s") % {"day": day_text(plan.due)}


def person_actions(participant: Participant) -> list[Action]:
    """What a caseworker can do for the person beside the plan."""
    if participant.moved_out_date is not None:
        return []
    found = [
        Action(_("Intake and agreements"), reverse("agreements", args=[participant.uuid])),
        Action(_("Record a progress talk"), reverse("talk-new", args=[participant.uuid])),
        Action(_("Record what was completed"), reverse("completion-new", args=[participant.uuid])),
        Action(_("Moved to another municipality"), reverse("person-move", args=[participant.uuid])),
    ]
    current = participant.pips.filter(is_current=True).first()
    if current is not None and not pip_removal_violations(current, participant):
        found.append(Action(_("Take this PIP back"), reverse("pip-remove", args=[current.uuid])))
    if ParticipantMove.objects.filter(target=participant).exists():
        url = reverse("person-take-over", args=[participant.uuid])
        found.append(Action(_("Give your own reference"), url))
    return found


def person_tables(participant: Participant) -> list[Table]:
    """What DUO says, and what goes on at the previous municipality."""
    elsewhere = elsewhere_table(participant)
    return [*([elsewhere] if elsewhere else []), *duo_tables(participant)]


def elsewhere_table(participant: Participant) -> Table | None:
    """Places of the previous municipality that go on; None where nobody moved in with one."""
    places = running_elsewhere(participant)
    if not places:
        return None
    return table_of(
        (
            Column(
                "component",
                _("Component"),
                lambda one: Component(one.component).label,
                header=True,
            ),
            Column("course", _("Course"), lambda one: one.course),
            Column("provider", _("Provider"), lambda one: one.provider),
            Column("start", _("Start"), lambda one: one.start_date),
            Column("end", _("End"), lambda one: one.end_date),
        ),
        places,
        caption=_("Runs on at the previous municipality"),
    )


def talks_late(actor: Actor) -> Card | None:
    mine = actor.with_permission(Permission.MANAGE_PIPS)
    people = Participant.objects.filter(municipality__in=mine)
    number = with_talk_due(people, mine).filter(talk_due__lt=clock.today()).count()
    if not number:
        return None
    return Tile(
        _("Progress talks"), number, reverse("talks-due"), _("people whose talk is due"), "warning"
    )


register(CardEntry("talks", Permission.MANAGE_PIPS, talks_late, order=14))
