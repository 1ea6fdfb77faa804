"""Batch runs on screen: ask for one, watch it, read its result, decide per person."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.web.filters import ChoiceFilter, PageFilterSet, SearchFilter
from backend.web.pages import Action, Crumb, DetailPage, Fact, FormPage, ListPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Link, Tone
from matching.choices import NeedState, RunState
from matching.engine import CAUSE_LABELS, TIER_LABELS
from matching.models import MatchProposal, MatchRun, Placement
from matching.public import match_run_request, proposal_accept
from matching.web import texts
from matching.web.records import ChooseForm, points_of

RUN_TONES: dict[str, Tone] = {
    RunState.QUEUED: "neutral",
    RunState.RUNNING: "info",
    RunState.DONE: "success",
    RunState.FAILED: "danger",
}
RUNS: Crumb = (gettext_lazy("Routing"), "/match-runs")


def run_badge(run: MatchRun) -> Badge:
    return Badge(RunState(run.state).label, RUN_TONES[run.state])


class RunList(ListPage):
    permission = Permission.VIEW_PARTICIPANTS
    model = MatchRun
    title = gettext_lazy("Routing")
    intro = gettext_lazy(
        "A run looks at everybody who waits at once and proposes the best places for all. "
        "Nobody is placed by it: a caseworker decides per person."
    )
    default_sort = "-asked"
    export_name = "match-runs"
    empty_title = gettext_lazy("No run yet")
    empty_text = gettext_lazy("A regional coordinator can start the first run.")
    columns = (
        Column(
            "asked",
            gettext_lazy("Asked on"),
            lambda run: Link(
                f"{run.created_at:%d-%m-%Y %H:%M}", reverse("match-run", args=[run.uuid])
            ),
            sort=("created_at",),
            header=True,
        ),
        Column(
            "organisation", gettext_lazy("For"), "organisation.name", sort=("organisation__name",)
        ),
        Column("by", gettext_lazy("By"), "requested_by_label"),
        Column("state", gettext_lazy("Status"), run_badge, sort=("state",)),
        Column("needs", gettext_lazy("Needs"), lambda run: run.summary.get("needs"), numeric=True),
        Column(
            "placed",
            gettext_lazy("Place proposed"),
            lambda run: run.summary.get("placed"),
            numeric=True,
        ),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def get_actions(self) -> Sequence[Action]:
        if not self.actor.with_permission(Permission.RUN_BATCH):
            return ()
        return (Action(_("Start a run"), reverse("match-run-new"), primary=True),)


class RunForm(forms.Form):
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("For whom?"),
        help_text=gettext_lazy("A region routes the people of all its municipalities together."),
        queryset=Organisation.objects.none(),
        to_field_name="code",
        empty_label=None,
    )

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]


class RunNewPage(FormPage):
    permission = Permission.RUN_BATCH
    title = gettext_lazy("Start a run")
    intro = gettext_lazy("The run works on the waiting list and the open seats of this moment.")
    form_class = RunForm
    submit_label = gettext_lazy("Start the run")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (RUNS,)

    def get_form_kwargs(self) -> dict[str, Any]:
        mine = self.actor.with_permission(Permission.RUN_BATCH)
        return {
            "organisations": Organisation.objects.filter(pk__in=mine)
            .exclude(kind="provider")
            .order_by("-kind", "name")
        }

    def perform(self, form: forms.BaseForm) -> MatchRun:
        return match_run_request(actor=self.actor, organisation=form.cleaned_data["organisation"])

    def get_success_url(self, result: MatchRun) -> str:
        return reverse("match-run", args=[result.uuid])


class RunPage(DetailPage):
    """Progress while it runs; the result in numbers when it is done."""

    permission = Permission.VIEW_PARTICIPANTS
    model = MatchRun
    template_name = "matching/run.html"
    object: MatchRun

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.headers.get("HX-Request"):
            self.object = self.get_object()
            context = self.get_context(object=self.object, facts=(), tables=self.get_tables())
            return render(request, "matching/run_state.html", context)
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("organisation", "policy")

    def get_title(self) -> str:
        return _("Run for %(organisation)s") % {"organisation": self.object.organisation.name}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (RUNS,)

    def get_actions(self) -> Sequence[Action]:
        if self.object.state != RunState.DONE:
            return ()
        return (
            Action(_("See all proposals"), reverse("proposals", args=[self.object.uuid]), True),
        )

    def get_facts(self) -> Sequence[Fact]:
        run = self.object
        return [
            Fact(_("Asked on"), run.created_at),
            Fact(_("By"), run.requested_by_label),
            Fact(_("Policy"), _("version %(version)s") % {"version": run.policy.version}),
        ]

    def get_tables(self) -> Sequence[Table]:
        summary = self.object.summary
        if not summary:
            return ()
        tiers = [
            {
                "label": _(TIER_LABELS[tier]),
                "people": summary["needsByTier"][tier - 1],
                "placed": summary["placedByTier"][tier - 1],
            }
            for tier in TIER_LABELS
        ]
        causes = [
            {"label": texts.cause_label(code), "number": number}
            for code, number in summary["unplacedByCause"].items()
        ]
        rules = [
            {"label": texts.rule_label(code), "number": number}
            for code, number in summary["failedRules"].items()
        ]
        return (
            table_of(
                (
                    Column("label", _("Urgency"), lambda one: one["label"], header=True),
                    Column("people", _("Needs"), lambda one: one["people"], numeric=True),
                    Column("placed", _("Place proposed"), lambda one: one["placed"], numeric=True),
                ),
                tiers,
                caption=_("Proposed per urgency"),
            ),
            _counts(
                causes, _("Cause"), _("Why others have no proposal"), _("Everybody has a proposal.")
            ),
            _counts(
                rules,
                _("Rule"),
                _("What stood in the way of the nearest start"),
                _("No start came near with one failed rule."),
            ),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return super().get_context(
            busy=self.object.state in {RunState.QUEUED, RunState.RUNNING},
            failed=self.object.state == RunState.FAILED,
            badge=run_badge(self.object),
            headline=self._headline(),
            **extra,
        )

    def _headline(self) -> str:
        summary = self.object.summary
        if not summary:
            return ""
        share = round(100 * summary["placed"] / summary["needs"]) if summary["needs"] else 0
        first_come = ngettext(
            "%(number)d need is worse off than under first come first served.",
            "%(number)d needs are worse off than under first come first served.",
            summary["worseThanFirstCome"],
        ) % {"number": summary["worseThanFirstCome"]}
        return (
            _("For %(placed)s of %(needs)s needs (%(share)s%%) there is a fitting place.")
            % {"placed": summary["placed"], "needs": summary["needs"], "share": share}
            + f" {first_come}"
        )


def _counts(rows: list[dict[str, Any]], label: str, caption: str, empty: str) -> Table:
    return table_of(
        (
            Column("label", label, lambda one: one["label"], header=True),
            Column("number", _("Needs"), lambda one: one["number"], numeric=True),
        ),
        rows,
        caption=caption,
        empty=empty,
    )


class ProposalFilters(PageFilterSet):
    search = SearchFilter(label=gettext_lazy("Reference"), method="find")
    outcome = ChoiceFilter(
        label=gettext_lazy("Outcome"),
        choices=[("placed", gettext_lazy("Place proposed")), *CAUSE_LABELS.items()],
        method="by_outcome",
    )
    tier = ChoiceFilter(label=gettext_lazy("Urgency"), choices=list(TIER_LABELS.items()))
    open = django_filters.BooleanFilter(
        label=gettext_lazy("Only needs that still wait"),
        widget=forms.CheckboxInput,
        method="still_open",
    )

    class Meta:
        model = MatchProposal
        fields: list[str] = []

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(need__pip__participant__reference__icontains=value)

    def by_outcome(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(cause="" if value == "placed" else value)

    def still_open(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return queryset.filter(need__state=NeedState.WAITING) if value else queryset


def outcome_of(proposal: MatchProposal) -> Badge | Link:
    if proposal.intake_moment is None:
        return Badge(texts.cause_label(proposal.cause), "warning")
    return Link(proposal.intake_moment.group.course.name, reverse("proposal", args=[proposal.uuid]))


class ProposalList(ListPage):
    permission = Permission.VIEW_PARTICIPANTS
    model = MatchProposal
    title = gettext_lazy("Proposals")
    filterset_class = ProposalFilters
    default_sort = "urgency"
    export_name = "proposals"
    empty_title = gettext_lazy("No proposals")
    empty_text = gettext_lazy("Nobody was waiting when this run was made.")
    columns = (
        Column(
            "reference",
            gettext_lazy("Reference"),
            lambda one: Link(
                one.need.pip.participant.reference, reverse("need", args=[one.need.uuid])
            ),
            sort=("need__pip__participant__reference",),
            header=True,
        ),
        Column("component", gettext_lazy("Waits for"), "need.get_component_display"),
        Column(
            "urgency",
            gettext_lazy("Urgency"),
            lambda one: texts.tier_badge(one.tier),
            sort=("tier", "need__waiting_since"),
        ),
        Column("outcome", gettext_lazy("Proposal"), outcome_of),
        Column(
            "provider",
            gettext_lazy("Provider"),
            "intake_moment.group.course.provider.organisation.name",
        ),
        Column(
            "start",
            gettext_lazy("Start"),
            "intake_moment.start_date",
            sort=("intake_moment__start_date",),
        ),
        Column("score", gettext_lazy("Points"), "score", sort=("score",), numeric=True),
        Column("state", gettext_lazy("Status"), lambda one: texts.need_badge(one.need.state)),
    )

    def get_queryset(self) -> QuerySet[Any]:
        if not MatchRun.objects.visible_to(self.actor).filter(uuid=self.kwargs["uuid"]).exists():
            raise Http404
        return (
            super()
            .get_queryset()
            .filter(run__uuid=self.kwargs["uuid"])
            .select_related(
                "need__pip__participant",
                "intake_moment__group__course__provider__organisation",
            )
        )

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (RUNS, (_("Result"), reverse("match-run", args=[self.kwargs["uuid"]])))


class ProposalPage(FormPage):
    """The reasons of one proposal, and the caseworker's own decision on it."""

    permission = Permission.PLACE
    title = gettext_lazy("Decide on this proposal")
    template_name = "matching/choose.html"
    submit_label = gettext_lazy("Offer this place")
    success_message = gettext_lazy("The place has been offered. The provider has been notified.")

    class form_class(forms.Form):  # noqa: N801 - the name is FormPage's
        motivation = ChooseForm.base_fields["motivation"]

    def prepare(self) -> None:
        found = (
            MatchProposal.objects.visible_to(self.actor)
            .select_related(
                "run__policy",
                "need__pip__participant",
                "intake_moment__group__course__provider__organisation",
                "intake_moment__group__location",
            )
            .filter(uuid=self.kwargs["uuid"], intake_moment__isnull=False)
            .first()
        )
        if found is None:
            raise Http404
        self.proposal = found

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (RUNS, (_("Proposals"), reverse("proposals", args=[self.proposal.run.uuid])))

    def get_context(self, **extra: Any) -> dict[str, Any]:
        proposal = self.proposal
        intake = proposal.intake_moment
        assert intake is not None
        group = intake.group
        facts = [
            Fact(_("For"), proposal.need.pip.participant.reference),
            Fact(_("Urgency"), texts.tier_badge(proposal.tier)),
            Fact(_("Course"), group.course.name),
            Fact(_("Provider"), group.course.provider.organisation.name),
            Fact(_("Place"), str(group.location)),
            Fact(_("Start"), intake.start_date),
            Fact(_("Points"), proposal.score),
        ]
        points = points_of(proposal.explained.factors, proposal.run.policy.weights)
        return super().get_context(facts=facts, points=points, **extra)

    def perform(self, form: forms.BaseForm) -> Placement:
        return proposal_accept(
            actor=self.actor,
            proposal=self.proposal,
            motivation=form.cleaned_data["motivation"],
        )

    def get_success_url(self, result: Placement) -> str:
        return reverse("placement", args=[result.uuid])
