"""Supply and demand: expected needs against published seats, and where the gaps are."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair
from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.actor import Actor
from backend.common.codes import Component, Level
from backend.organisations.permissions import Permission
from backend.web.charts import COLOURS, HEIGHT, WIDTH, picture
from backend.web.pages import Action, Fact
from backend.web.tables import Column, table_of
from backend.web.values import Badge
from matching.selectors.supply_demand import (
    GapLine,
    MonthLine,
    SupplyDemand,
    SupplyScope,
    supply_demand,
)
from matching.web.figure_pages import ActorForm, FigurePage, Part, part
from matching.web.waiting_times import ALL, MunicipalityChoice, municipalities_of


class SupplyDemandForm(ActorForm):
    component = forms.ChoiceField(
        label=gettext_lazy("Component"), choices=[*ALL, *Component.choices], required=False
    )
    level = forms.ChoiceField(
        label=gettext_lazy("Level"), choices=[*ALL, *Level.choices], required=False
    )
    municipality = MunicipalityChoice()

    def choose(self, actor: Actor) -> None:
        self.fields["municipality"].queryset = municipalities_of(actor)  # type: ignore[attr-defined]


MONTH_COLUMNS = (
    Column(
        "month",
        gettext_lazy("Month"),
        lambda one: one.month.strftime("%m-%Y"),
        header=True,
        whole=True,
        export=((gettext_lazy("Month"), "month"),),
    ),
    Column("expected", gettext_lazy("Expected needs"), "expected.mean", numeric=True),
    Column("low", gettext_lazy("At least (8 of 10 months)"), "expected.low", numeric=True),
    Column("high", gettext_lazy("At most (8 of 10 months)"), "expected.high", numeric=True),
    Column("due", gettext_lazy("PIPs due"), "pips_due", numeric=True),
    Column("starts", gettext_lazy("Published starts"), "starts", numeric=True),
    Column("seats", gettext_lazy("Free seats"), "seats", numeric=True),
    Column("after", gettext_lazy("Still waiting after it"), "waiting_after", numeric=True),
)


def _gap_badge(line: GapLine) -> Badge:
    if line.gap:
        return Badge(_("%(number)s short") % {"number": line.gap}, "danger")
    return Badge(_("covered"), "neutral")


GAP_COLUMNS = (
    Column(
        "component",
        gettext_lazy("Component"),
        lambda one: Component(one.component).label,
        header=True,
    ),
    Column("level", gettext_lazy("Level"), lambda one: Level(one.level).label, whole=True),
    Column("waiting", gettext_lazy("Waiting now"), "waiting", numeric=True),
    Column("expected", gettext_lazy("Expected in three months"), "expected", numeric=True),
    Column("seats", gettext_lazy("Free seats in three months"), "seats", numeric=True),
    Column("gap", gettext_lazy("Gap"), _gap_badge, whole=True),
)
SPREAD = (
    Column("starts", gettext_lazy("Starts"), "starts", numeric=True),
    Column("seats", gettext_lazy("Free seats"), "seats", numeric=True),
)


class SupplyDemandPage(FigurePage):
    """What will be needed, what is published, and where and when too little starts."""

    permission = Permission.VIEW_PARTICIPANTS
    title = gettext_lazy("Supply and demand")
    intro = gettext_lazy(
        "Needs that are expected, against the free seats of published starts. A gap is a reason to "
        "look at the advice and to ask for a group."
    )
    form_class = SupplyDemandForm
    export_name = "supply-demand"
    export_columns = MONTH_COLUMNS

    def get_actions(self) -> Sequence[Action]:
        found = [
            Action(_("Advice on supply"), reverse("supply-advices"), primary=True),
            Action(_("Requests for groups"), reverse("group-requests")),
        ]
        if self.actor.with_permission(Permission.VIEW_CONTRACTS):
            found.append(Action(_("Shared lots"), reverse("lot-pools")))
        return found

    def rows(self, chosen: Mapping[str, Any]) -> Sequence[MonthLine]:
        town = chosen["municipality"]
        self.found = supply_demand(
            self.actor,
            SupplyScope(
                component=chosen["component"],
                level=chosen["level"],
                municipality_id=town.pk if town else None,
            ),
        )
        return self.found.months

    found: SupplyDemand

    def facts(self, rows: Sequence[Any], chosen: Mapping[str, Any]) -> Sequence[Fact]:
        return (
            Fact(_("Waiting now"), self.found.waiting),
            Fact(_("Months behind the expectation"), self.found.learned_months),
        )

    def parts(self, rows: Sequence[MonthLine], chosen: Mapping[str, Any]) -> Sequence[Part]:
        found = self.found
        months, gaps = _("Per month"), _("Gaps per component and level")
        parts_, places = _("Spread over the day"), _("Spread over places")
        return (
            part(
                months,
                table_of(MONTH_COLUMNS, rows, caption=months),
                text=_(
                    "The expectation is the average of the past months; eight out of ten months "
                    "lie inside the band (Poisson with an uncertain rate). PIPs due are people "
                    "that DUO has notified and who have no PIP yet, and part of the expectation."
                ),
                chart=_chart(rows),
            ),
            part(
                gaps,
                table_of(
                    GAP_COLUMNS, found.gaps, caption=gaps, empty=_("Nobody waits or is expected.")
                ),
                text=_(
                    "A start for several levels counts at each of them, so that a gap is at "
                    "least as large as it looks."
                ),
            ),
            part(
                parts_,
                table_of(
                    (Column("name", _("Day-part"), "name", header=True), *SPREAD),
                    found.day_parts,
                    caption=parts_,
                ),
            ),
            part(
                places,
                table_of(
                    (Column("name", _("Place"), "name", header=True), *SPREAD),
                    found.places,
                    caption=places,
                    empty=_("No starts are published."),
                ),
            ),
        )


def _chart(rows: Sequence[MonthLine]) -> Any:
    """Free seats as bars, the expectation as a line in its band."""
    values = [
        {
            "month": f"{one.month:%Y-%m}",
            "seats": one.seats,
            "mean": one.expected.mean,
            "low": one.expected.low,
            "high": one.expected.high,
        }
        for one in rows
    ]
    names = [_("Free seats"), _("Expected needs")]
    base = altair.Chart(altair.Data(values=values))
    x = altair.X("month:O", title=None, axis=altair.Axis(labelAngle=-60))
    y_title = _("People and seats")
    legend = altair.Color(
        "group:N",
        scale=altair.Scale(domain=names, range=[COLOURS[0], COLOURS[2]]),
        legend=altair.Legend(title=None, orient="top"),
    )
    bars = (
        base.transform_calculate(group=f"{names[0]!r}")
        .mark_bar(opacity=0.75)
        .encode(x=x, y=altair.Y("seats:Q", title=y_title), color=legend)
    )
    band = base.mark_area(color=COLOURS[2], opacity=0.25).encode(
        x=x, y=altair.Y("low:Q"), y2="high:Q"
    )
    line = (
        base.transform_calculate(group=f"{names[1]!r}")
        .mark_line(point=True)
        .encode(x=x, y="mean:Q", color=legend)
    )
    chart = altair.layer(bars, band, line).properties(width=WIDTH, height=HEIGHT)
    return picture(chart, _("Free seats and expected needs per month"))
