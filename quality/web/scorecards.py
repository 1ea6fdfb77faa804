"""Figures on screen: the list of providers, one provider's scorecard, and the indicator book."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from backend.organisations.permissions import Permission
from backend.web.filters import PageFilterSet, SearchFilter
from backend.web.pages import Crumb, DetailPage, Fact, ListPage, Page
from backend.web.tables import Column, Table, table_of
from backend.web.values import Link, Text, day_text
from providers.models import Provider
from quality import selectors
from quality.choices import ValueState
from quality.definitions import ATTENDANCE, CODES, FIRST_ATTEMPT, SATISFACTION
from quality.models import Indicator
from quality.suppression import Published, published
from quality.web import charts, figures

TITLES = {
    FIRST_ATTEMPT: gettext_lazy("Passed at the first attempt"),
    ATTENDANCE: gettext_lazy("Attendance"),
    SATISFACTION: gettext_lazy("Satisfaction of participants"),
}


def period_text(start: Any, end: Any) -> str:
    if start is None:
        return "–"
    return f"{day_text(start)} – {day_text(end)}"


def book_url(code: str) -> str:
    return reverse("indicator", args=[code])


class ScorecardFilters(PageFilterSet):
    search = SearchFilter(field_name="organisation__name", lookup_expr="icontains")


def _figure_column(code: str) -> Column:
    """One indicator: value and n on screen; value, interval, n and state in a download."""

    def figure(provider: Any) -> Any:
        return provider.figures.get(code)

    def shown(provider: Any) -> Published | None:
        row = figure(provider)
        return None if row is None else published(row)

    def on_screen(provider: Any) -> str:
        row = figure(provider)
        if row is None:
            return _("no data")
        face = published(row)
        text = figures.value_text(row.indicator, face)
        if face.state != ValueState.SHOWN:
            return text
        return f"{text} (n = {face.n_text})"

    title = TITLES[code]
    return Column(
        code,
        title,
        on_screen,
        export=(
            (title, lambda one: figures.plain_number(shown(one))),
            (
                gettext_lazy("Lower bound of the interval"),
                lambda one: face.low if (face := shown(one)) else None,
            ),
            (
                gettext_lazy("Upper bound of the interval"),
                lambda one: face.high if (face := shown(one)) else None,
            ),
            (gettext_lazy("Persons (n)"), lambda one: figures.count_text(shown(one))),
            (
                gettext_lazy("Status of the figure"),
                lambda one: (face.state if (face := shown(one)) else ValueState.NO_DATA).label,
            ),
            (gettext_lazy("Until"), lambda one: row.period_end if (row := figure(one)) else None),
        ),
    )


class ScorecardListPage(ListPage):
    """Providers in alphabetical order with their newest figures; no ranking and no total score."""

    permission = Permission.VIEW_QUALITY
    model = Provider
    title = gettext_lazy("Quality of providers")
    intro = gettext_lazy(
        "Newest figures per provider, with the number of persons behind them. Compare with care: "
        "the figures are not adjusted for who the participants are."
    )
    default_sort = "provider"
    filterset_class = ScorecardFilters
    export_name = "scorecards"
    empty_title = gettext_lazy("No providers yet")
    empty_text = gettext_lazy(
        "Providers appear here once you have a contract with them or people placed there."
    )
    columns = (
        Column(
            "provider",
            gettext_lazy("Provider"),
            lambda one: Link(one.organisation.name, reverse("scorecard", args=[one.uuid])),
            sort=("organisation__name",),
            header=True,
        ),
        *(_figure_column(code) for code in CODES),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return selectors.providers_of(self.actor)

    def prepare(self, objects: Sequence[Any]) -> Sequence[Any]:
        found = selectors.newest_figures(self.actor, [one.pk for one in objects])
        for one in objects:
            one.figures = found.get(one.pk, {})
        return objects


MONTH_COLUMNS = (
    Column("month", gettext_lazy("Month"), "month_text", header=True),
    Column("value", gettext_lazy("Attendance"), "value_text", numeric=True),
    Column("interval", gettext_lazy("Interval"), "interval_text", numeric=True),
    Column("n", gettext_lazy("Persons (n)"), "n_text", numeric=True),
)


class ScorecardPage(DetailPage):
    """One provider: each indicator with interval, n, norm and definition, and one chart."""

    permission = Permission.VIEW_QUALITY
    model = Provider
    template_name = "quality/scorecard.html"

    def get_queryset(self) -> QuerySet[Any]:
        return selectors.providers_of(self.actor)

    def get_title(self) -> Text:
        return _("Scorecard of %(provider)s") % {"provider": self.object.organisation.name}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Quality of providers"), reverse("scorecards")),)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        lines = [_line(one) for one in selectors.scorecard(self.actor, self.object)]
        return super().get_context(lines=lines, **self._chart(), **extra)

    def _chart(self) -> dict[str, Any]:
        months = selectors.attendance_by_month(self.actor, self.object)
        indicator = next(
            (one for one in selectors.current_indicators(self.actor) if one.code == ATTENDANCE),
            None,
        )
        if not months or indicator is None:
            return {"chart": None, "months": None}
        shown = sum(one.shown.state == ValueState.SHOWN for one in months)
        title = _("Attendance per month at %(provider)s") % {
            "provider": self.object.organisation.name
        }
        summary = _(
            "%(shown)s of %(all)s months are shown; the vertical lines are the intervals. The same "
            "figures are in the table below the chart."
        ) % {"shown": shown, "all": len(months)}
        return {
            "chart": charts.attendance_chart(
                months,
                norm=indicator.norm,
                language=get_language() or "nl",
                title=title,
                summary=summary,
            ),
            "months": _month_table(indicator, months, title),
        }


def _line(one: selectors.Figure) -> dict[str, Any]:
    return {
        "title": _(one.indicator.title),
        "code": one.indicator.code,
        "url": book_url(one.indicator.code),
        "value": figures.value_text(one.indicator, one.shown),
        "interval": figures.interval_text(one.indicator, one.shown),
        "n": figures.count_text(one.shown),
        "norm": figures.norm_text(one.indicator),
        "verdict": figures.verdict_badge(one.shown),
        "direction": figures.direction_text(one.indicator),
        "everybody": figures.value_text(one.indicator, one.everybody),
        "period": period_text(one.period_start, one.period_end),
        "response_rate": one.shown.response_rate if one.shown else None,
    }


def _month_table(
    indicator: Indicator, months: Sequence[selectors.MonthFigure], caption: str
) -> Table:
    rows = [
        {
            "month_text": date_format(one.month, "F Y"),
            "value_text": figures.value_text(indicator, one.shown),
            "interval_text": figures.interval_text(indicator, one.shown),
            "n_text": one.shown.n_text,
        }
        for one in months
    ]
    columns = [
        Column(one.key, one.label, _reader(str(one.value)), numeric=one.numeric, header=one.header)
        for one in MONTH_COLUMNS
    ]
    return table_of(columns, rows, caption=caption)


def _reader(key: str) -> Any:
    return lambda row: row[key]


class IndicatorBookPage(Page):
    """All definitions in force."""

    permission = Permission.VIEW_QUALITY
    title = gettext_lazy("Indicator book")
    intro = gettext_lazy("What each figure means, how it is made and what it cannot tell.")
    template_name = "quality/book.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        table = table_of(
            (
                Column(
                    "indicator",
                    _("Indicator"),
                    lambda one: Link(_(one.title), book_url(one.code)),
                    header=True,
                ),
                Column("code", _("Code"), "code"),
                Column("goal", _("Goal"), "get_goal_display"),
                Column("norm", _("Norm"), figures.norm_text, numeric=True),
            ),
            selectors.current_indicators(self.actor),
            caption=_("Indicators"),
            empty=_("Figures have not been computed yet."),
        )
        return super().get_context(table=table, **extra)


class IndicatorPage(DetailPage):
    """One definition: numerator, denominator, exclusions, norm, limits of use and version."""

    permission = Permission.VIEW_QUALITY
    model = Indicator

    def get_object(self) -> Indicator:
        for one in selectors.current_indicators(self.actor):
            if one.code == self.kwargs["code"]:
                return one
        raise Http404

    def get_title(self) -> Text:
        return f"{self.object.code} {_(self.object.title)}"

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Indicator book"), reverse("indicators")),)

    def get_facts(self) -> Sequence[Fact]:
        one = self.object
        return (
            Fact(_("Why it matters"), _(one.why_it_matters)),
            Fact(_("Numerator"), _(one.numerator_text)),
            Fact(_("Denominator"), _(one.denominator_text)),
            Fact(_("Does not count"), _(one.exclusions)),
            Fact(_("Limits of use"), _(one.limits)),
            Fact(_("Goal"), one.get_goal_display()),
            Fact(_("Period"), one.get_period_display()),
            Fact(_("Interval"), one.get_method_display()),
            Fact(_("Direction"), figures.direction_text(one)),
            Fact(_("Norm"), figures.norm_text(one)),
            Fact(_("Smallest group that is shown"), one.min_n),
            Fact(_("Version"), one.version),
            Fact(_("Valid from"), one.valid_from),
        )
