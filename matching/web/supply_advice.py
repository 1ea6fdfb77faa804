"""Where one more place, evening or group helps most: the advice, its groups and its seats."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.common.codes import Component, DayPart, Literacy
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.web.pages import Action, Crumb, DetailPage, Fact, FormPage, ListPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Lines, Link, Tone, Value
from matching.choices import RunState
from matching.models import SupplyAdvice
from matching.services.supply_advice import supply_advice_request
from matching.web import texts

LIST: Crumb = (gettext_lazy("Advice on supply"), "/supply-advices")
TONES: dict[str, Tone] = {
    RunState.QUEUED: "info",
    RunState.RUNNING: "info",
    RunState.DONE: "success",
    RunState.FAILED: "danger",
}


def state_badge(advice: SupplyAdvice) -> Badge:
    return Badge(RunState(advice.state).label, TONES[advice.state])


class AdviceList(ListPage):
    permission = Permission.VIEW_PARTICIPANTS
    model = SupplyAdvice
    title = gettext_lazy("Advice on supply")
    intro = gettext_lazy(
        "Which groups could be started for people without a place, and where one more seat helps "
        "most. It is computed with the same optimum as the routing."
    )
    default_sort = "-day"
    export_name = "supply-advice"
    empty_title = gettext_lazy("No advice yet")
    empty_text = gettext_lazy("Ask for an advice on the waiting list of today.")
    columns = (
        Column(
            "day",
            gettext_lazy("Day"),
            lambda one: Link(
                f"{clock.local_day(one.created_at):%d-%m-%Y}",
                reverse("supply-advice", args=[one.uuid]),
            ),
            sort=("created_at",),
            header=True,
        ),
        Column(
            "organisation",
            gettext_lazy("Organisation"),
            "organisation.name",
            sort=("organisation__name",),
        ),
        Column(
            "unplaced",
            gettext_lazy("People without a place"),
            lambda one: one.result.get("unplaced"),
            numeric=True,
        ),
        Column(
            "groups",
            gettext_lazy("Possible groups"),
            lambda one: one.result.get("clustersFound"),
            numeric=True,
        ),
        Column("by", gettext_lazy("Asked by"), "requested_by_label"),
        Column("state", gettext_lazy("Status"), state_badge, sort=("state",)),
    )

    def get_actions(self) -> Sequence[Action]:
        found = [Action(_("Requests for groups"), reverse("group-requests"))]
        if self.actor.with_permission(Permission.RUN_BATCH):
            new = Action(_("Ask for an advice"), reverse("supply-advice-new"), primary=True)
            found.insert(0, new)
        return found

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("organisation")


class AdviceForm(forms.Form):
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Municipality or region"),
        queryset=Organisation.objects.none(),
        to_field_name="code",
        empty_label=None,
    )

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A region comes first: it sees most.
        self.fields["organisation"].queryset = Organisation.objects.filter(  # type: ignore[attr-defined]
            pk__in=actor.with_permission(Permission.RUN_BATCH)
        ).order_by("-kind", "name")


class AdviceNewPage(FormPage):
    permission = Permission.RUN_BATCH
    title = gettext_lazy("Ask for an advice")
    intro = gettext_lazy("The advice is about everybody who waits today. It changes nothing.")
    form_class = AdviceForm
    submit_label = gettext_lazy("Compute the advice")
    success_message = gettext_lazy("The advice is being computed. Look again in a moment.")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (LIST,)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"actor": self.actor}

    def perform(self, form: Any) -> SupplyAdvice:
        return supply_advice_request(
            actor=self.actor, organisation=form.cleaned_data["organisation"]
        )

    def get_success_url(self, result: SupplyAdvice) -> str:
        return reverse("supply-advice", args=[result.uuid])


def _level(row: dict[str, Any]) -> Value:
    levels = f"{row['level']} → {row['targetLevel']}"
    if row["literacy"] == Literacy.NOT_APPLICABLE:
        return levels
    return f"{levels}, {Literacy(row['literacy']).label}"


def _homes(row: dict[str, Any]) -> Value:
    return Lines(tuple(f"{name}: {number}" for name, number in row["byMunicipality"].items()))


def _extra(row: dict[str, Any]) -> Value:
    extra = row["extraPlaced"]
    return _("not solved") if extra is None else extra


CLUSTER_COLUMNS = (
    Column("place", gettext_lazy("Near"), "place_text", header=True),
    Column("component", gettext_lazy("Component"), "component_text"),
    Column("level", gettext_lazy("Level"), "level_text"),
    Column("part", gettext_lazy("Day-part"), "part_text"),
    Column("slots", gettext_lazy("Lessons on"), "slots_text"),
    Column("people", gettext_lazy("People"), "people", numeric=True),
    Column("extra", gettext_lazy("More people placed"), "extra", numeric=True),
    Column("homes", gettext_lazy("Municipalities"), "homes"),
    Column("ask", gettext_lazy("Steps"), "ask", export=()),
)


class ClusterRow:
    """One possible group, as the table shows it."""

    def __init__(self, row: dict[str, Any], ask: Value) -> None:
        self.place_text = row["place"]
        self.component_text = Component(row["component"]).label
        self.level_text = _level(row)
        self.part_text = DayPart(row["dayPart"]).label
        self.slots_text = texts.slot_labels(row["slots"])
        self.people, self.extra, self.homes = row["people"], _extra(row), _homes(row)
        self.ask = ask


SEAT_COLUMNS = (
    Column(
        "course",
        gettext_lazy("Course"),
        lambda row: Link(row["course"], reverse("intake-moment", args=[row["intakeMoment"]])),
        header=True,
    ),
    Column("component", gettext_lazy("Component"), lambda row: Component(row["component"]).label),
    Column("provider", gettext_lazy("Provider"), lambda row: row["provider"]),
    Column("place", gettext_lazy("Place"), lambda row: row["place"]),
    Column("start", gettext_lazy("Start"), lambda row: _date(row["startDate"])),
    Column("steps", gettext_lazy("Steps of priority"), lambda row: row["steps"], numeric=True),
    Column("score", gettext_lazy("Points"), lambda row: row["score"], numeric=True),
)


RULE_COLUMNS = (
    Column("rule", gettext_lazy("Rule"), lambda one: texts.rule_label(one[0]), header=True),
    Column("people", gettext_lazy("People"), lambda one: one[1], numeric=True),
)


def _date(text: str) -> Value:
    return date.fromisoformat(text)


class AdvicePage(DetailPage):
    """The advice of one day: groups that could start, and what one more seat is worth."""

    permission = Permission.VIEW_PARTICIPANTS
    model = SupplyAdvice
    object: SupplyAdvice

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("organisation", "policy")

    def get_title(self) -> str:
        return _("Advice on supply for %(name)s") % {"name": self.object.organisation.name}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (LIST,)

    def get_facts(self) -> Sequence[Fact]:
        result = self.object.result
        policy = self.object.policy
        return (
            Fact(_("Waiting list of"), self.object.as_of),
            Fact(_("Status"), state_badge(self.object)),
            Fact(_("People who wait"), result.get("needs")),
            Fact(_("A place within reach"), result.get("placed")),
            Fact(_("People without a place"), result.get("unplaced")),
            Fact(_("Proven optimum"), result.get("isOptimal")),
            Fact(
                _("Policy"),
                Link(
                    _("version %(version)s") % {"version": policy.version},
                    reverse("policy", args=[policy.uuid]),
                ),
            ),
        )

    def get_tables(self) -> Sequence[Table]:
        result = self.object.result
        if self.object.state != RunState.DONE:
            return ()
        rows = [ClusterRow(one, self._ask(n)) for n, one in enumerate(result["clusters"])]
        return (
            table_of(
                CLUSTER_COLUMNS,
                rows,
                caption=_("Groups that could be started"),
                empty=_("There are not enough people without a place who fit in one group."),
            ),
            table_of(
                SEAT_COLUMNS,
                result["seats"],
                caption=_("Where one more seat helps most"),
                empty=_("One more seat at an existing start would help nobody."),
            ),
            table_of(
                RULE_COLUMNS,
                sorted(result.get("rules", {}).items(), key=lambda one: (-one[1], one[0])),
                caption=_("What alone stands in the way of a place"),
                empty=_("No single rule stands in the way of a place."),
            ),
        )

    def _ask(self, number: int) -> Value:
        if not self.actor.may(Permission.RUN_BATCH, self.object.organisation_id):
            return None
        url = reverse("group-request-new", args=[self.object.uuid, number])
        return Link(_("Ask for this group"), url)
