"""Proposals of a run on screen: the list, the reasons, and a caseworker's own decision."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.organisations.permissions import Permission
from backend.web.filters import ChoiceFilter, PageFilterSet, SearchFilter
from backend.web.pages import Action, Crumb, DetailPage, Fact, ListPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Link, Tone
from matching.choices import NeedState, ProposalDecisionKind
from matching.engine import CAUSE_LABELS
from matching.models import MatchProposal, MatchRun
from matching.web import texts
from matching.web.filters import TIERS
from matching.web.runs import RUNS
from providers.models import IntakeMoment

DECISION_TONES: dict[str, Tone] = {
    ProposalDecisionKind.ACCEPTED: "success",
    ProposalDecisionKind.OTHER: "success",
    ProposalDecisionKind.DECLINED: "neutral",
}
UNDECIDED = "open"


class ProposalFilters(PageFilterSet):
    search = SearchFilter(label=gettext_lazy("Reference"), method="find")
    outcome = ChoiceFilter(
        label=gettext_lazy("Outcome"),
        choices=[
            ("placed", gettext_lazy("Place proposed")),
            *((code, gettext_lazy(label)) for code, label in CAUSE_LABELS.items()),
        ],
        method="by_outcome",
    )
    tier = ChoiceFilter(label=gettext_lazy("Urgency"), choices=TIERS)
    decision = ChoiceFilter(
        label=gettext_lazy("Decision"),
        choices=[(UNDECIDED, gettext_lazy("Not decided yet")), *ProposalDecisionKind.choices],
        method="by_decision",
    )
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

    def by_decision(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == UNDECIDED:
            return queryset.filter(decision__isnull=True, intake_moment__isnull=False)
        return queryset.filter(decision__kind=value)

    def still_open(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return queryset.filter(need__state=NeedState.WAITING) if value else queryset


def outcome_of(proposal: Any) -> Link | str:
    """The place, with the way to decide for who may, or the cause with its reasons."""
    if proposal.intake_moment is None:
        return Link(
            texts.cause_label(proposal.cause), reverse("proposal-why", args=[proposal.uuid])
        )
    course: str = proposal.intake_moment.group.course.name
    if not proposal.open_to_me:
        return course
    return Link(course, reverse("proposal", args=[proposal.uuid]))


def decision_of(proposal: MatchProposal) -> Badge | None:
    decision = getattr(proposal, "decision", None)
    if decision is None:
        return None
    return Badge(ProposalDecisionKind(decision.kind).label, DECISION_TONES[decision.kind])


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
        Column("decision", gettext_lazy("Decision"), decision_of),
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
                "decision",
            )
        )

    def prepare(self, objects: Sequence[Any]) -> Sequence[Any]:
        mine = self.actor.with_permission(Permission.PLACE)
        for one in objects:
            one.open_to_me = one.need.municipality_id in mine
        return objects

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (RUNS, (_("Result"), reverse("match-run", args=[self.kwargs["uuid"]])))


ALTERNATIVE_NAMES = "group__course__provider__organisation", "group__location"


def place_text(intake: IntakeMoment) -> str:
    course = intake.group.course
    return f"{course.name} – {course.provider.organisation.name}, {intake.start_date:%d-%m-%Y}"


class ProposalWhyPage(DetailPage):
    """Why a run had no place for somebody: the rules in the way, and what nearly fitted."""

    permission = Permission.VIEW_PARTICIPANTS
    model = MatchProposal
    object: MatchProposal

    def get_queryset(self) -> QuerySet[Any]:
        return (
            super()
            .get_queryset()
            .filter(intake_moment__isnull=True)
            .select_related("run", "need__pip__participant")
        )

    def get_title(self) -> str:
        return _("Why there is no proposal for %(reference)s") % {
            "reference": self.object.need.pip.participant.reference
        }

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (RUNS, (_("Proposals"), reverse("proposals", args=[self.object.run.uuid])))

    def get_actions(self) -> Sequence[Action]:
        need = self.object.need
        if need.state != NeedState.WAITING or not self.actor.may(
            Permission.PLACE, need.municipality_id
        ):
            return ()
        return (Action(_("Look at this need"), reverse("need", args=[need.uuid])),)

    def get_facts(self) -> Sequence[Fact]:
        return [
            Fact(_("Waits for"), self.object.need.get_component_display()),
            Fact(_("Urgency"), texts.tier_badge(self.object.tier)),
            Fact(_("Cause"), texts.cause_label(self.object.cause)),
        ]

    def get_tables(self) -> Sequence[Table]:
        explained = self.object.explained
        wanted = [one["intakeMomentId"] for one in explained.near_misses]
        starts = {
            str(one.uuid): place_text(one)
            for one in IntakeMoment.objects.select_related(*ALTERNATIVE_NAMES).filter(
                uuid__in=wanted
            )
        }
        return (
            table_of(
                (
                    Column("rule", _("Rule"), lambda one: one[0], header=True),
                    Column("number", _("Starts it excludes"), lambda one: one[1], numeric=True),
                ),
                texts.reason_counts(explained.reasons),
                caption=_("What stood in the way"),
            ),
            table_of(
                (
                    Column(
                        "start",
                        _("Start"),
                        lambda one: starts.get(one["intakeMomentId"]),
                        header=True,
                    ),
                    Column(
                        "help",
                        _("What would help"),
                        lambda one: texts.near_miss(one["rule"], one["relax"]),
                    ),
                ),
                explained.near_misses,
                caption=_("Almost fitting"),
                empty=_("No start came near with one failed rule."),
            ),
        )
