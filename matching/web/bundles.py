"""A proposal for all components of one person: the week, the term, and what stays open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.codes import Component
from backend.organisations.permissions import Permission
from backend.web.pages import Crumb, DetailPage, Fact, FormPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Lines, Link
from matching.models import MatchBundle, Need, Pip
from matching.services.bundles import bundle_propose
from matching.web import texts
from matching.web.clocks import last_day_of_term
from matching.web.needs import person_facts
from matching.web.pictures import Span, timeline
from matching.web.pip_pages import WORK_LIST
from matching.web.week import Week, week_of

MODULES = frozenset({Component.KNM, Component.MAP, Component.PVT})


def component(code: str) -> str:
    return str(Component(code).label)


def short(code: str) -> str:
    """The name that fits in a day-part or beside a bar: KNM, MAP and PVT are known as that."""
    return code if code in MODULES else component(code)


def pip_crumb(pip: Pip) -> Crumb:
    return (
        _("PIP of %(reference)s") % {"reference": pip.participant.reference},
        reverse("pip", args=[pip.uuid]),
    )


class BundleNewPage(FormPage):
    """Asks for a proposal for everything that one PIP still needs."""

    permission = Permission.PLACE
    title = gettext_lazy("All components together")
    intro = gettext_lazy(
        "Searches for every component that waits, and combines places whose lessons do not "
        "overlap. Nothing is held or offered: you choose per component, in your own words."
    )
    form_class = forms.Form
    submit_label = gettext_lazy("Combine places")

    def prepare(self) -> None:
        found = (
            Pip.objects.visible_to(self.actor)
            .select_related("participant__municipality")
            .filter(uuid=self.kwargs["uuid"])
            .first()
        )
        if found is None:
            raise Http404
        self.pip: Pip = found

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (WORK_LIST, pip_crumb(self.pip))

    def perform(self, form: forms.BaseForm) -> MatchBundle:
        return bundle_propose(actor=self.actor, pip=self.pip)

    def get_success_url(self, result: MatchBundle) -> str:
        return reverse("bundle", args=[result.uuid])


@dataclass(frozen=True)
class Part:
    """A component with its place, or the place it has already."""

    component: str
    data: dict[str, Any]
    choose_url: str

    @property
    def period(self) -> str:
        days = (date.fromisoformat(self.data[key]) for key in ("startDate", "endDate"))
        return " – ".join(f"{day:%d-%m-%Y}" for day in days)

    @property
    def place(self) -> Lines:
        lines = [self.data.get("provider"), self.data.get("location"), self.data.get("place")]
        return Lines(tuple(one for one in lines if one))


@dataclass(frozen=True)
class Proposal:
    """One combination, ready to be shown."""

    title: str
    facts: Sequence[Fact]
    week: Week
    picture: SafeString | None
    table: Table
    open_parts: Sequence[tuple[str, Sequence[str]]]
    warnings: Sequence[str]


PART_COLUMNS = (
    Column("component", gettext_lazy("Component"), "component", header=True),
    Column("course", gettext_lazy("Course"), lambda one: one.data["course"]),
    Column("where", gettext_lazy("Place"), lambda one: one.place),
    Column("period", gettext_lazy("Period"), "period"),
    Column("lessons", gettext_lazy("Lessons"), lambda one: texts.slot_labels(one.data["slots"])),
    Column("hours", gettext_lazy("Hours per week"), lambda one: one.data["hoursPerWeek"]),
    Column(
        "km",
        gettext_lazy("Distance"),
        lambda one: texts.kilometres(one.data["km"]) if "km" in one.data else None,
    ),
    Column("points", gettext_lazy("Points"), lambda one: one.data.get("score"), numeric=True),
    Column(
        "choose",
        gettext_lazy("Decision"),
        lambda one: (
            Link(_("Read the reasons and choose"), one.choose_url)
            if one.choose_url
            else Badge(_("has a place"), "success")
            if "score" not in one.data
            else None
        ),
    ),
)


class BundlePage(DetailPage):
    """The stored proposal: ranked combinations, each with its week and its term."""

    permission = Permission.VIEW_PARTICIPANTS
    model = MatchBundle
    template_name = "matching/bundle.html"
    object: MatchBundle

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("pip__participant__municipality", "policy")

    def get_title(self) -> str:
        return _("All components of %(reference)s together") % {
            "reference": self.object.pip.participant.reference
        }

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (WORK_LIST, pip_crumb(self.object.pip))

    def get_facts(self) -> Sequence[Fact]:
        pip = self.object.pip
        return [
            *person_facts(self, pip),
            Fact(_("Searched on"), self.object.created_at),
            Fact(_("By"), self.object.actor_label),
            Fact(_("Policy"), _("version %(version)s") % {"version": self.object.policy.version}),
            Fact(_("Last day of the integration term"), last_day_of_term(pip.participant)),
        ]

    def get_context(self, **extra: Any) -> dict[str, Any]:
        result = self.object.result
        waits = {one["component"]: one for one in result["waiting"]}
        current = set(
            Need.objects.waiting()
            .filter(pip=self.object.pip_id)
            .values_list("component", flat=True)
        )
        may_choose = self.actor.may(Permission.PLACE, self.object.pip.participant.municipality_id)
        self.choosable = current if may_choose else set()
        return super().get_context(
            proposals=[self._proposal(one, waits) for one in result["proposals"]],
            limit=result["optionsPerComponent"],
            **extra,
        )

    def _proposal(self, one: dict[str, Any], waits: dict[str, Any]) -> Proposal:
        parts = [
            Part(component(data["component"]), data, self._choose_url(data))
            for data in one["parts"]
        ]
        running = [
            Part(component(data["component"]), data, "") for data in self.object.result["running"]
        ]
        together = [*running, *parts]
        pip = self.object.pip
        title = _("Proposal %(rank)s") % {"rank": one["rank"]}
        name = {"title": title.lower()}
        return Proposal(
            title=title,
            facts=[
                Fact(
                    _("Components with a place"),
                    _("%(placed)s of %(all)s") % {"placed": len(parts), "all": len(waits)},
                ),
                Fact(_("Points together"), one["score"]),
                Fact(
                    _("Most course hours in one week"),
                    number_format(one["peakHoursPerWeek"], decimal_pos=1),
                ),
            ],
            week=week_of(
                _("Week of %(title)s") % name,
                pip.availability,
                {short(one.data["component"]): one.data["slots"] for one in together},
            ),
            picture=timeline(
                [
                    Span(
                        short(part.data["component"]),
                        _("has a place") if part in running else _("proposed"),
                        date.fromisoformat(part.data["startDate"]),
                        date.fromisoformat(part.data["endDate"]),
                    )
                    for part in together
                ],
                _("When each component runs in %(title)s") % name,
                pip.participant.term_end_date,
            )
            if together
            else None,
            table=table_of(PART_COLUMNS, together, caption=_("Places of %(title)s") % name),
            open_parts=[
                (component(left["component"]), self._why(left, waits[left["component"]]))
                for left in one["open"]
            ],
            warnings=[
                _("%(component)s begins before the learning route.")
                % {"component": component(code)}
                for code in one["outOfOrder"]
            ],
        )

    def _choose_url(self, data: dict[str, Any]) -> str:
        if data["component"] not in self.choosable:
            return ""
        return reverse("choose-place", args=[data["matchRecordId"], data["intakeMomentId"]])

    def _why(self, left: dict[str, Any], waits: dict[str, Any]) -> Sequence[str]:
        """Why a component stays open, the clash first."""
        clashes = [
            _("A place that fits has lessons on %(slots)s, at the same time as %(component)s.")
            % {
                "slots": texts.slot_labels(one["slots"]),
                "component": component(one["component"]),
            }
            for one in left["overlaps"]
        ]
        if clashes:
            return clashes
        reasons = texts.reason_counts(waits["reasons"])[:3]
        if not reasons:
            return [_("There is no open start for this component.")]
        return [
            _("%(reason)s: %(number)s starts.") % {"reason": label, "number": number}
            for label, number in reasons
        ]
