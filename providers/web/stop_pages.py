"""Intake stops for both parties: ask, decide, impose, lift."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.web.filters import ChoiceFilter, PageFilterSet, SearchFilter
from backend.web.pages import Action, ConfirmPage, Crumb, DetailPage, Fact, FormPage, ListPage
from backend.web.tables import Column
from backend.web.values import Badge, Link, Text, Tone, day_text
from providers.choices import IMPOSED_GROUNDS, STOP_TRANSITIONS, StopGround, StopState
from providers.models import IntakeStop, Provider
from providers.policies import may_manage_catalogue
from providers.services.stops import (
    StopDraft,
    stop_decide,
    stop_impose,
    stop_lift,
    stop_request,
    stop_withdraw,
)
from providers.web.own import OwnProviderMixin, visible
from providers.web.stop_forms import NoteForm, StopImposeForm, StopRequestForm

PARTIES = (Permission.MANAGE_CATALOGUE, Permission.VIEW_CONTRACTS, Permission.PLACE)
STOP_TONES: dict[str, Tone] = {
    StopState.REQUESTED: "info",
    StopState.APPROVED: "warning",
    StopState.ACTIVE: "danger",
    StopState.LIFTED: "success",
}


def stop_url(stop: IntakeStop) -> str:
    return reverse("intake-stop", args=[stop.uuid])


def stop_badge(stop: IntakeStop) -> Badge:
    return Badge(stop.get_state_display(), STOP_TONES.get(stop.state, "neutral"))


def scope_text(stop: IntakeStop) -> str:
    """What is stopped, in words."""
    parts = []
    if stop.course is not None:
        parts.append(stop.course.name)
    elif stop.kind:
        parts.append(stop.get_kind_display())
    if stop.location is not None:
        parts.append(str(stop.location))
    return ", ".join(parts) or _("All courses")


class StopFilters(PageFilterSet):
    search = SearchFilter(method="find", label=gettext_lazy("Provider or municipality"))
    state = ChoiceFilter(label=gettext_lazy("Status"), choices=StopState.choices)
    ground = ChoiceFilter(label=gettext_lazy("Ground"), choices=StopGround.choices)

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(
            Q(provider__organisation__name__icontains=value)
            | Q(organisation__name__icontains=value)
        )


class StopList(ListPage):
    """The stops of one's own school, or those that touch one's own placements."""

    permission = PARTIES
    model = IntakeStop
    title = gettext_lazy("Intake stops")
    intro = gettext_lazy("Periods in which a provider takes in nobody from a municipality.")
    filterset_class = StopFilters
    default_sort = "-from"
    export_name = "intake-stops"
    empty_title = gettext_lazy("There are no intake stops")
    empty_text = gettext_lazy("A provider asks for one on its own page, two weeks ahead.")
    columns = (
        Column(
            "provider",
            gettext_lazy("Provider"),
            lambda one: Link(str(one.provider), stop_url(one)),
            sort=("provider__organisation__name",),
            header=True,
        ),
        Column("scope", gettext_lazy("What"), scope_text),
        Column(
            "organisation",
            gettext_lazy("Municipality or region"),
            "organisation.name",
            sort=("organisation__name",),
        ),
        Column("state", gettext_lazy("Status"), stop_badge, sort=("state",)),
        Column("from", gettext_lazy("First day"), "starts_on", sort=("starts_on",)),
        Column("to", gettext_lazy("Last day"), "ends_on", sort=("ends_on",)),
        Column("ground", gettext_lazy("Ground"), "get_ground_display", sort=("ground",)),
    )

    def get_queryset(self) -> QuerySet[Any]:
        related = ("provider__organisation", "organisation", "course", "location")
        return super().get_queryset().select_related(*related)

    def get_actions(self) -> Sequence[Action]:
        own = Provider.objects.managed_by(self.actor).order_by("pk").first()
        if own is None:
            return ()
        address = reverse("intake-stop-new", args=[own.uuid])
        return (Action(_("Ask for an intake stop"), address, primary=True),)


class StopPage(DetailPage):
    permission = PARTIES
    model = IntakeStop

    def get_queryset(self) -> QuerySet[Any]:
        related = ("provider__organisation", "organisation", "course", "location")
        return super().get_queryset().select_related(*related)

    def get_title(self) -> Text:
        return _("Intake stop of %(provider)s") % {"provider": self.object.provider}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Intake stops"), reverse("intake-stops")),)

    def get_actions(self) -> Sequence[Action]:
        stop = self.object
        follows = STOP_TRANSITIONS[StopState(stop.state)]
        decides = self.actor.may(Permission.MANAGE_CONTRACTS, stop.organisation_id)
        own = may_manage_catalogue(self.actor, stop.provider)
        steps = (
            (StopState.APPROVED, decides, _("Approve"), "intake-stop-approve"),
            (StopState.REFUSED, decides, _("Refuse"), "intake-stop-refuse"),
            (StopState.WITHDRAWN, own, _("Withdraw"), "intake-stop-withdraw"),
            (
                StopState.LIFTED,
                decides or (own and not stop.is_imposed),
                _("Lift the stop"),
                "intake-stop-lift",
            ),
        )
        return tuple(
            Action(label, reverse(name, args=[stop.uuid]), primary=state == StopState.APPROVED)
            for state, allowed, label, name in steps
            if allowed and state in follows
        )

    def get_facts(self) -> Sequence[Fact]:
        stop = self.object
        address = reverse("provider", args=[stop.provider.uuid])
        return (
            Fact(_("Status"), stop_badge(stop)),
            Fact(_("Provider"), Link(str(stop.provider), address)),
            Fact(_("Municipality or region"), stop.organisation.name),
            Fact(_("What"), scope_text(stop)),
            Fact(_("First day"), stop.starts_on),
            Fact(_("Last day"), stop.ends_on),
            Fact(_("Ground"), stop.get_ground_display()),
            Fact(_("Reason"), stop.reason),
            Fact(_("Alternatives for participants"), stop.alternatives),
            Fact(_("Imposed by the municipality"), stop.is_imposed),
            Fact(_("Requested"), stop.requested_at),
            Fact(_("Decided"), stop.decided_at),
            Fact(_("Explanation of the decision"), stop.decision_note),
            Fact(_("Lifted"), stop.lifted_at),
        )


class StopNewPage(OwnProviderMixin, FormPage):
    title = gettext_lazy("Ask for an intake stop")
    intro = gettext_lazy(
        "The municipality decides. Until the first day you keep taking in people; those who have a "
        "place keep it."
    )
    form_class = StopRequestForm
    submit_label = gettext_lazy("Send the request")
    success_message = gettext_lazy("The request has been sent to the municipality.")

    def get_form_kwargs(self) -> dict[str, Any]:
        bodies = Organisation.objects.filter(is_active=True).exclude(kind="provider")
        return {"provider": self.provider, "organisations": bodies.order_by("name")}

    def perform(self, form: Any) -> IntakeStop:
        draft = StopDraft(provider=self.provider, **form.cleaned_data)
        return stop_request(actor=self.actor, draft=draft)

    def get_success_url(self, result: IntakeStop) -> str:
        return stop_url(result)


class StopImposePage(OwnProviderMixin, FormPage):
    permission = Permission.MANAGE_CONTRACTS
    title = gettext_lazy("Impose an intake stop")
    intro = gettext_lazy(
        "From today nobody of your municipality is placed here. Only on signals about quality, "
        "safety or fraud. The provider is told at once."
    )
    form_class = StopImposeForm
    submit_label = gettext_lazy("Impose the stop now")
    success_message = gettext_lazy("The intake stop is in force. The provider has been told.")

    def prepare(self) -> None:
        self.provider = visible(self.actor, Provider, self.kwargs["uuid"], "organisation")

    def get_form_kwargs(self) -> dict[str, Any]:
        own = self.actor.with_permission(Permission.MANAGE_CONTRACTS)
        bodies = Organisation.objects.filter(pk__in=own).exclude(kind="provider")
        return {"provider": self.provider, "organisations": bodies.order_by("name")}

    def get_form(self, *, bound: bool) -> forms.BaseForm:
        form: Any = super().get_form(bound=bound)
        form.fields["ground"].choices = [
            (ground.value, ground.label) for ground in StopGround if ground in IMPOSED_GROUNDS
        ]
        return form

    def perform(self, form: Any) -> IntakeStop:
        draft = StopDraft(provider=self.provider, starts_on=clock.today(), **form.cleaned_data)
        return stop_impose(actor=self.actor, draft=draft)

    def get_success_url(self, result: IntakeStop) -> str:
        return stop_url(result)


class StopStepPage(ConfirmPage):
    """A step with one stop."""

    permission = PARTIES
    form_class: ClassVar[type[forms.Form]] = NoteForm
    danger = False
    stop: IntakeStop
    consequence: ClassVar[Text] = ""

    def prepare(self) -> None:
        self.stop = visible(
            self.actor, IntakeStop, self.kwargs["uuid"], "provider__organisation", "organisation"
        )

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Intake stops"), reverse("intake-stops")),
            (str(self.stop.provider), stop_url(self.stop)),
        )

    def get_consequences(self) -> Sequence[Text]:
        return [str(self.consequence) % {"day": day_text(self.stop.starts_on)}]

    def get_success_url(self, result: IntakeStop) -> str:
        return stop_url(result)


class StopApprovePage(StopStepPage):
    title = gettext_lazy("Approve this intake stop?")
    submit_label = gettext_lazy("Yes, approve")
    success_message = gettext_lazy("The intake stop is approved. The provider gets a message.")
    consequence = gettext_lazy("From %(day)s nobody can be placed here by you.")

    def perform(self, form: Any) -> IntakeStop:
        return stop_decide(actor=self.actor, stop=self.stop, approve=True, **form.cleaned_data)


class StopRefusePage(StopStepPage):
    title = gettext_lazy("Refuse this intake stop?")
    submit_label = gettext_lazy("Yes, refuse")
    success_message = gettext_lazy("The intake stop is refused. The provider gets a message.")
    consequence = gettext_lazy("The provider keeps taking in people after %(day)s.")

    def perform(self, form: Any) -> IntakeStop:
        return stop_decide(actor=self.actor, stop=self.stop, approve=False, **form.cleaned_data)


class StopWithdrawPage(StopStepPage):
    title = gettext_lazy("Withdraw this request?")
    form_class = forms.Form
    submit_label = gettext_lazy("Yes, withdraw")
    success_message = gettext_lazy("The request has been withdrawn.")
    consequence = gettext_lazy("You keep taking in people after %(day)s.")

    def perform(self, form: Any) -> IntakeStop:
        return stop_withdraw(actor=self.actor, stop=self.stop)


class StopLiftPage(StopStepPage):
    title = gettext_lazy("Lift this intake stop?")
    submit_label = gettext_lazy("Yes, lift the stop")
    success_message = gettext_lazy("The intake stop has ended. People can be placed again.")
    consequence = gettext_lazy("People can be placed again at once; the stop began on %(day)s.")

    def perform(self, form: Any) -> IntakeStop:
        return stop_lift(actor=self.actor, stop=self.stop, **form.cleaned_data)
