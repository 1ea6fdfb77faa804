"""Entering a PIP, a new version of one, and the list of people whose PIP is due."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backend.common import clock
from backend.common.codes import Component
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.web.filters import PageFilterSet, SearchFilter
from backend.web.forms import add_domain_error
from backend.web.pages import Action, Crumb, Fact, FormPage, ListPage
from backend.web.tables import Column
from backend.web.two_steps import TwoStepPage
from backend.web.values import Link, Text
from backend.web.views import ActorRequiredMixin
from matching import policies
from matching.errors import OpenOfferError, PipInvalidError
from matching.models import Need, Participant, Pip
from matching.selectors.clocks import pip_clock
from matching.services.participants import participant_check_given, participant_register
from matching.services.pip_changes import Consequence, Effect, pip_consequences
from matching.services.pip_rules import PipData
from matching.services.pips import pip_check_given, pip_register, pips_check
from matching.web.clocks import person_clocks, pip_bar
from matching.web.people import identity_of
from matching.web.pip_forms import NewPipForm, PlanForm, place_sentence, plan_of, usual_plan

WORK_LIST: Crumb = (gettext_lazy("Waiting list"), "/work-list")
PURPOSE = "casework"
EFFECT_SENTENCES: dict[Effect, Text] = {
    Effect.KEEPS_QUEUE: gettext_lazy("%(component)s: keeps waiting, with the same waiting time."),
    Effect.GOES_ALONG: gettext_lazy(
        "%(component)s: the place that was offered or accepted stays and goes along."
    ),
    Effect.IS_NEW: gettext_lazy("%(component)s: is new and comes on the waiting list."),
    Effect.CLOSES: gettext_lazy("%(component)s: no longer needed and leaves the waiting list."),
    Effect.STAYS: gettext_lazy(
        "%(component)s: no longer in the plan. The running place stays until you end it."
    ),
    Effect.BLOCKS: gettext_lazy(
        "%(component)s: a place is offered. Withdraw it before you save this version."
    ),
}


def municipalities_of(page: FormPage) -> QuerySet[Organisation]:
    mine = page.actor.with_permission(Permission.MANAGE_PIPS)
    return Organisation.objects.filter(pk__in=mine, kind="municipality").order_by("name")


def route_need_url(pip: Pip) -> str:
    """The need of the leerroute: from there the search for a place is one click."""
    need = Need.objects.get(pip=pip, component=pip.route)
    return reverse("need", args=[need.uuid])


def tell_saved(request: HttpRequest, pip: Pip) -> None:
    number = pip.needs.count()
    messages.success(
        request,
        ngettext(
            "The PIP has been saved. There is %(number)d need to find a place for.",
            "The PIP has been saved. There are %(number)d needs to find a place for.",
            number,
        )
        % {"number": number},
    )


class PipNewPage(FormPage):
    """A person with the first PIP here, in one form; all faults at once."""

    permission = Permission.MANAGE_PIPS
    title = gettext_lazy("New PIP")
    intro = gettext_lazy(
        "For a person who is not in Passend yet. Is the person already known? "
        "Then open the list of people whose PIP is due."
    )
    template_name = "matching/pip_form.html"
    form_class = NewPipForm
    submit_label = gettext_lazy("Save the PIP")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (WORK_LIST,)

    def get_actions(self) -> Sequence[Action]:
        return (Action(_("People whose PIP is due"), reverse("pips-due")),)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"municipalities": municipalities_of(self)}

    def get_initial(self) -> dict[str, Any]:
        return usual_plan()

    def judge_rest(self, form: forms.BaseForm) -> None:
        faults = [
            *participant_check_given(form.cleaned_data, set(form.errors)),
            *pip_check_given(None, form.cleaned_data, set(form.errors)),
        ]
        if faults:
            add_domain_error(form, PipInvalidError(violations=faults))

    def perform(self, form: forms.BaseForm) -> Pip:
        assert isinstance(form, NewPipForm)
        participant = participant_register(
            actor=self.actor,
            municipality_id=form.cleaned_data["municipality"].pk,
            data=form.person(),
            identity=form.identity(),
        )
        return pip_register(actor=self.actor, participant=participant, data=form.plan())

    def get_success_url(self, result: Pip) -> str:
        tell_saved(self.request, result)
        return route_need_url(result)


class PipVersionPage(TwoStepPage):
    """A new version of the PIP of a known person, or the first one of somebody DUO announced."""

    permission = Permission.MANAGE_PIPS
    template_name = "matching/pip_form.html"
    form_class = PlanForm
    look_label = gettext_lazy("Look at the consequences")
    submit_label = gettext_lazy("Save this version")
    participant: Participant
    current: Pip | None

    def prepare(self) -> None:
        found = (
            Participant.objects.visible_to(self.actor)
            .select_related("municipality")
            .filter(uuid=self.kwargs["uuid"])
            .first()
        )
        if found is None:
            raise Http404
        policies.require_manage_pips(self.actor, found.municipality_id)
        self.participant = found
        self.current = found.pips.filter(is_current=True).first()

    def get_title(self) -> str:
        words = _("First PIP of %(reference)s")
        if self.current is not None:
            words = _("New version of the PIP of %(reference)s")
        return words % {"reference": self.participant.reference}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        if self.current is None:
            return (WORK_LIST, (_("People whose PIP is due"), reverse("pips-due")))
        pip_title = _("PIP of %(reference)s") % {"reference": self.participant.reference}
        return (WORK_LIST, (pip_title, reverse("pip", args=[self.current.uuid])))

    def get_initial(self) -> dict[str, Any]:
        return usual_plan() if self.current is None else plan_of(self.current)

    def judge_rest(self, form: forms.BaseForm) -> None:
        faults = pip_check_given(self.participant, form.cleaned_data, set(form.errors))
        if faults:
            add_domain_error(form, PipInvalidError(violations=faults))

    def effect(self, form: forms.BaseForm) -> dict[str, Any]:
        assert isinstance(form, PlanForm)
        plan = self._plan(form)
        faults = pips_check([(self.participant, plan)])[0]
        if faults:
            raise PipInvalidError(violations=faults)
        if self.current is None:
            return {"consequences": [self._term_sentence()]}
        found = pip_consequences(self.current, plan.route)
        if any(one.effect is Effect.BLOCKS for one in found):
            raise OpenOfferError
        return {"consequences": [consequence_text(one) for one in found]}

    def perform(self, form: forms.BaseForm) -> Pip:
        assert isinstance(form, PlanForm)
        return pip_register(actor=self.actor, participant=self.participant, data=self._plan(form))

    def get_success_url(self, result: Pip) -> str:
        tell_saved(self.request, result)
        return route_need_url(result)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        identity = identity_of(self.actor, self.participant, purpose=PURPOSE)
        facts = [Fact(_("Reference"), self.participant.reference)]
        if identity is not None:
            facts.append(Fact(_("Name"), identity.full_name))
        return super().get_context(facts=[*facts, *person_clocks(self.participant)], **extra)

    def _term_sentence(self) -> str:
        if self.participant.term_start_date is not None:
            return _("The integration term stays as DUO delivered it.")
        return _("The integration term of three years starts the day after the date of decision.")

    def _plan(self, form: PlanForm) -> PipData:
        plan = form.plan()
        before = self.current
        if before is not None and plan.postcode4 == before.postcode4:
            # A point that came from elsewhere is more precise than the middle of a postcode.
            return replace(plan, latitude=before.latitude, longitude=before.longitude)
        return plan


def consequence_text(one: Consequence) -> str:
    return str(EFFECT_SENTENCES[one.effect]) % {"component": Component(one.component).label}


class DueFilters(PageFilterSet):
    search = SearchFilter(label=gettext_lazy("Reference"), method="find")

    class Meta:
        model = Participant
        fields: list[str] = []

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(reference__icontains=value)


class PipsDuePage(ListPage):
    """Everybody whom DUO announced and who has no PIP yet; the oldest notification first."""

    permission = Permission.VIEW_PARTICIPANTS
    model = Participant
    title = gettext_lazy("People whose PIP is due")
    intro = gettext_lazy(
        "The PIP must be there within 10 weeks after the notification by DUO, or after the "
        "registration in the municipality when that was later."
    )
    filterset_class = DueFilters
    default_sort = "notified"
    export_name = "pips-due"
    empty_title = gettext_lazy("Nobody waits for a PIP")
    empty_text = gettext_lazy("Everybody in Passend has a PIP. New notifications appear here.")
    columns = (
        Column(
            "reference",
            gettext_lazy("Reference"),
            lambda one: Link(one.reference, reverse("pip-version-new", args=[one.uuid])),
            sort=("reference",),
            header=True,
        ),
        Column(
            "municipality",
            gettext_lazy("Municipality"),
            "municipality.name",
            sort=("municipality__name",),
        ),
        Column("notified", gettext_lazy("Clock started on"), "clock_start", sort=("clock_start",)),
        Column(
            "clock",
            gettext_lazy("Time for the PIP (10 weeks)"),
            lambda one: pip_bar(pip_clock(one, clock.today())),
            export=(
                (
                    gettext_lazy("Last day"),
                    lambda one: pip_clock(one, clock.today()).deadline,
                ),
                (gettext_lazy("Days left"), lambda one: pip_clock(one, clock.today()).left),
            ),
        ),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return (
            super()
            .get_queryset()
            .filter(pips__isnull=True)
            .select_related("municipality")
            .annotate(clock_start=Greatest(F("notified_at_date"), F("settlement_date")))
        )

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (WORK_LIST,)

    def get_actions(self) -> Sequence[Action]:
        return new_pip_actions(self)


class PostcodePlace(ActorRequiredMixin):
    """The place of a postcode, as a fragment beside the field."""

    permission = Permission.MANAGE_PIPS
    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(escape(place_sentence(request.GET.get("postcode4", "")[:4])))


def new_pip_actions(page: Any) -> tuple[Action, ...]:
    """The button for those who may enter PIPs somewhere."""
    if not page.actor.with_permission(Permission.MANAGE_PIPS):
        return ()
    return (Action(_("New PIP"), reverse("pip-new"), primary=True),)
