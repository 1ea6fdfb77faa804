"""How long people wait, clock by clock, with those who still wait counted in."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.actor import Actor
from backend.common import clock
from backend.common.codes import Component, LearningRoute
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.web.charts import COLOURS, grouped_bars
from backend.web.pages import Crumb, Fact
from backend.web.tables import Column, table_of
from backend.web.values import Text, Value
from matching.choices import PipLevel
from matching.selectors.waiting_times import (
    Scope,
    WaitingLine,
    waiting_lines,
)
from matching.waiting_times import (
    CLOCKS,
    DEFINITION_VERSION,
    Figure,
)
from matching.web.figure_pages import ActorForm, FigurePage, Part, part

ALL = [("", gettext_lazy("All"))]
GROUPS = [
    ("", gettext_lazy("Everybody together")),
    ("municipality", gettext_lazy("Municipality")),
    ("route", gettext_lazy("Learning route")),
    ("level", gettext_lazy("Level")),
    ("provider", gettext_lazy("Provider")),
]


def municipalities_of(actor: Actor) -> QuerySet[Organisation]:
    keys = actor.with_permission(Permission.VIEW_PARTICIPANTS)
    return Organisation.objects.filter(pk__in=keys, kind="municipality").order_by("name")


class MunicipalityChoice(forms.ModelChoiceField):
    """One of the municipalities of the actor, named by its CBS code in the address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=Organisation.objects.none(),
            label=gettext_lazy("Municipality"),
            required=False,
            to_field_name="code",
            empty_label=gettext_lazy("All"),
            **kwargs,
        )


class WaitingTimesForm(ActorForm):
    by = forms.ChoiceField(label=gettext_lazy("Compare by"), choices=GROUPS, required=False)
    municipality = MunicipalityChoice()
    component = forms.ChoiceField(
        label=gettext_lazy("Component"), choices=[*ALL, *Component.choices], required=False
    )
    route = forms.ChoiceField(
        label=gettext_lazy("Learning route"),
        choices=[*ALL, *LearningRoute.choices],
        required=False,
    )
    level = forms.ChoiceField(
        label=gettext_lazy("Level"), choices=[*ALL, *PipLevel.choices], required=False
    )

    def choose(self, actor: Actor) -> None:
        self.fields["municipality"].queryset = municipalities_of(actor)  # type: ignore[attr-defined]


def scope_of(chosen: Mapping[str, Any]) -> Scope:
    town = chosen["municipality"]
    return Scope(
        municipality_id=town.pk if town else None,
        component=chosen["component"],
        route=chosen["route"],
        level=chosen["level"],
    )


def _reached(figure: Figure, days: int | None) -> Value:
    """A number of days, or in words why there is none."""
    if not figure.people:
        return None
    if not figure.is_enough:
        return _("too few data")
    return _("not reached yet") if days is None else days


def _interval(line: WaitingLine) -> Value:
    figure = line.figure
    if figure.median_low is None:
        return None
    if figure.median_high is None:
        return _("from %(low)s") % {"low": figure.median_low}
    return _("%(low)s to %(high)s") % {"low": figure.median_low, "high": figure.median_high}


COLUMNS = (
    Column("clock", gettext_lazy("Clock"), "clock.label", header=True),
    Column(
        "group",
        gettext_lazy("Group"),
        lambda line: line.group or _("Everybody"),
        export=((gettext_lazy("Group"), "group"),),
    ),
    Column("people", gettext_lazy("People"), "figure.people", numeric=True),
    Column("running", gettext_lazy("Still waiting"), "figure.running", numeric=True),
    Column(
        "median",
        gettext_lazy("Median in days"),
        lambda line: _reached(line.figure, line.figure.median),
        numeric=True,
        export=(
            (gettext_lazy("Median in days"), "figure.median"),
            (gettext_lazy("Median, lower bound"), "figure.median_low"),
            (gettext_lazy("Median, upper bound"), "figure.median_high"),
        ),
    ),
    Column("interval", gettext_lazy("95% interval"), _interval, export=()),
    Column(
        "p90",
        gettext_lazy("P90 in days"),
        lambda line: _reached(line.figure, line.figure.p90),
        numeric=True,
        export=((gettext_lazy("P90 in days"), "figure.p90"),),
    ),
)


class WaitingTimesPage(FigurePage):
    """The waiting-time ledger: never one number, and never without those who still wait."""

    permission = Permission.VIEW_PARTICIPANTS
    title = gettext_lazy("Waiting times")
    intro = gettext_lazy(
        "How long people wait at each step from registration to the first lesson. People who have "
        "not arrived yet count as waiting until today, so that a long queue does not look short."
    )
    form_class = WaitingTimesForm
    export_name = "waiting-times"
    export_columns = COLUMNS

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Waiting list"), reverse("work-list")),)

    def rows(self, chosen: Mapping[str, Any]) -> Sequence[WaitingLine]:
        return waiting_lines(self.actor, scope_of(chosen), by=chosen["by"])

    def facts(self, rows: Sequence[Any], chosen: Mapping[str, Any]) -> Sequence[Fact]:
        return (
            Fact(_("Definition"), _("version %(version)s") % {"version": DEFINITION_VERSION}),
            Fact(_("Read on"), clock.today()),
        )

    def parts(self, rows: Sequence[WaitingLine], chosen: Mapping[str, Any]) -> Sequence[Part]:
        title = _("Days per clock")
        return (
            part(
                title,
                table_of(COLUMNS, rows, caption=title, empty=_("Nothing is known yet.")),
                text=_(
                    "Half of the people wait at most the median, nine out of ten at most P90 "
                    "(product-limit estimate of Kaplan and Meier). “Not reached yet” means that "
                    "too few people have arrived to say it; “too few data” that the group has "
                    "fewer than %(minimum)s people."
                )
                % {"minimum": settings.MINIMUM_GROUP},
                chart=_chart(rows, chosen["by"]),
            ),
            part(
                _("What the clocks measure"),
                table_of(DEFINITION_COLUMNS, CLOCKS, caption=_("What the clocks measure")),
            ),
        )


DEFINITION_COLUMNS = (
    Column("clock", gettext_lazy("Clock"), "label", header=True),
    Column("start", gettext_lazy("From"), lambda one: one.start.label),
    Column("end", gettext_lazy("To"), lambda one: one.end.label),
)


def _chart(rows: Sequence[WaitingLine], by: str) -> Any:
    if by:
        sizes = Counter[str]()
        for line in rows:
            sizes[line.group] += line.figure.people
        groups = [name for name, _size in sizes.most_common(len(COLOURS)) if name]
        bars = [
            (line.clock.label, line.group, float(line.figure.median))
            for line in rows
            if line.group in groups and line.figure.median is not None
        ]
        label: Text = _("Median in days, for the largest groups")
    else:
        groups = [str(_("Median")), str(_("P90"))]
        bars = [
            (line.clock.label, group, float(days))
            for line in rows
            for group, days in zip(groups, (line.figure.median, line.figure.p90), strict=True)
            if days is not None
        ]
        label = _("Median and P90 in days per clock")
    return grouped_bars(bars, groups, _("Days"), label) if bars else None
