"""Budgets on screen: the list, a municipality's year with its picture, and the forms."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.actor import Actor
from backend.common import clock
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.web.pages import Action, Crumb, FormPage, ListPage, Page
from backend.web.tables import Column, table_of
from backend.web.values import Badge, Link, Money, Text
from procurement.models import Budget
from procurement.money_choices import BudgetSource, SpendCategory
from procurement.selectors.budgets import (
    BudgetLine,
    budget_lines,
    months_of_payer,
    payers_of,
)
from procurement.services.budgets import budget_change, budget_set
from procurement.web import charts, fields
from procurement.web.common import MANAGER
from procurement.web.money_filters import BudgetFilters

FIRST_YEAR, LAST_YEAR = 2021, 2100
# Contracts run for some years; further on there is nothing to look at.
YEARS_AHEAD = 10
VIEWER = Permission.VIEW_CONTRACTS


def budget_year_url(municipality: Organisation, year: int) -> str:
    return reverse("budget-year", kwargs={"uuid": municipality.uuid, "year": year})


def own_municipalities(actor: Actor, permission: Permission) -> QuerySet[Organisation]:
    return own_payers(actor, permission).filter(kind="municipality")


def own_payers(actor: Actor, permission: Permission) -> QuerySet[Organisation]:
    """Who has a budget: municipalities, and a region that pays for its municipalities."""
    return Organisation.objects.filter(
        pk__in=actor.with_permission(permission), kind__in=["municipality", "region"]
    ).order_by("name")


class BudgetList(ListPage):
    permission = VIEWER
    model = Budget
    title = gettext_lazy("Budgets")
    filterset_class = BudgetFilters
    default_sort = "-year"
    export_name = "budgets"
    empty_title = gettext_lazy("No budgets yet")
    empty_text = gettext_lazy("Add what your municipality has for a category in a year.")
    columns = (
        Column(
            "municipality",
            gettext_lazy("Municipality"),
            lambda one: Link(one.municipality.name, budget_year_url(one.municipality, one.year)),
            sort=("municipality__name",),
            header=True,
        ),
        Column("year", gettext_lazy("Year"), lambda one: str(one.year), sort=("year",)),
        Column("category", gettext_lazy("Category"), "get_category_display", sort=("category",)),
        Column("source", gettext_lazy("Source"), "get_source_display", sort=("source",)),
        Column(
            "amount",
            gettext_lazy("Amount"),
            lambda one: Money(one.amount),
            sort=("amount",),
            numeric=True,
        ),
        Column("note", gettext_lazy("Note"), "note"),
        Column(
            "steps",
            gettext_lazy("Steps"),
            lambda one: Link(_("Change"), reverse("budget-change", args=[one.uuid])),
            export=(),
        ),
    )

    def get_columns(self) -> Sequence[Column]:
        changes = bool(self.actor.with_permission(MANAGER))
        return self.columns if changes else self.columns[:-1]

    def get_actions(self) -> Sequence[Action]:
        year = clock.today().year
        found = [Action(_("Accountability"), f"{reverse('accountability')}?year={year}")]
        if self.actor.with_permission(MANAGER):
            found.insert(0, Action(_("Add a budget"), reverse("budget-new"), primary=True))
            found.append(Action(_("Record an expense"), reverse("expense-new")))
        return found

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("municipality")


def _left(line: BudgetLine) -> Any:
    return Money(line.left)


def _state(line: BudgetLine) -> Badge:
    if line.budget == 0:
        return Badge(_("No budget"), "warning")
    share = 100 * line.committed / line.budget
    for threshold, tone in ((100, "danger"), (90, "warning"), (70, "info")):
        if share >= threshold:
            return Badge(f"{int(share)}%", tone)  # type: ignore[arg-type]
    return Badge(f"{int(share)}%", "success")


LINE_COLUMNS = (
    Column("category", gettext_lazy("Category"), "label", header=True),
    Column("spuk", gettext_lazy("SPUK"), lambda one: Money(one.spuk), numeric=True),
    Column("own", gettext_lazy("Own means"), lambda one: Money(one.own), numeric=True),
    Column("budget", gettext_lazy("Budget"), lambda one: Money(one.budget), numeric=True),
    Column("committed", gettext_lazy("Committed"), lambda one: Money(one.committed), numeric=True),
    Column("delivered", gettext_lazy("Delivered"), lambda one: Money(one.delivered), numeric=True),
    Column("claimed", gettext_lazy("Claimed"), lambda one: Money(one.claimed), numeric=True),
    Column("paid", gettext_lazy("Paid"), lambda one: Money(one.paid), numeric=True),
    Column("left", gettext_lazy("Left"), _left, numeric=True),
    Column("state", gettext_lazy("Share of the budget"), _state),
)
MONTH_COLUMNS = (
    Column("month", gettext_lazy("Month"), lambda one: one.month.strftime("%m-%Y"), header=True),
    Column("delivered", gettext_lazy("Delivered"), lambda one: Money(one.delivered), numeric=True),
    Column("expected", gettext_lazy("Expected"), lambda one: Money(one.expected), numeric=True),
)


def forecast_picture(months: Sequence[Any], label: Text) -> Any:
    """Delivered and expected per month, or nothing where there is nothing to draw."""
    if not months:
        return None
    groups = (gettext_lazy("Delivered"), gettext_lazy("Expected"))
    rows = [
        (one.month, group, amount)
        for one in months
        for group, amount in zip(groups, (one.delivered, one.expected), strict=True)
    ]
    return charts.monthly_bars(rows, groups, label)


class BudgetYearPage(Page):
    """A municipality's year: budget, committed, delivered and claimed per category."""

    permission = VIEWER
    template_name = "procurement/money.html"

    def prepare(self) -> None:
        found = payers_of(self.actor).filter(uuid=self.kwargs["uuid"]).first()
        self.year = int(self.kwargs["year"])
        if found is None or not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise Http404
        self.municipality = found

    def get_title(self) -> Text:
        return _("Budget of %(name)s, %(year)s") % {
            "name": self.municipality.name,
            "year": self.year,
        }

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Budgets"), reverse("budgets")),)

    def get_actions(self) -> Sequence[Action]:
        return (
            *self._years_beside(),
            Action(
                _("Ledger"),
                f"{reverse('ledger')}?search={self.municipality.name}"
                f"&month_from={self.year}-01-01&month_until={self.year}-12-31",
            ),
        )

    def _years_beside(self) -> Iterator[Action]:
        """The years before and after that can hold a budget: no way leads to a missing page."""
        if self.year > FIRST_YEAR:
            yield Action(_("Year before"), budget_year_url(self.municipality, self.year - 1))
        if self.year < clock.today().year + YEARS_AHEAD:
            yield Action(_("Year after"), budget_year_url(self.municipality, self.year + 1))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.prepare()
        lines = budget_lines(self.municipality.pk, self.year)
        months = [
            one for one in months_of_payer(self.municipality.pk) if one.month.year == self.year
        ]
        return self.show(parts=[_year_part(lines), _months_part(months)])


def _year_part(lines: Sequence[BudgetLine]) -> dict[str, Any]:
    groups = (
        gettext_lazy("Budget"),
        gettext_lazy("Committed"),
        gettext_lazy("Delivered"),
        gettext_lazy("Claimed"),
    )
    rows = [
        (line.label, group, amount)
        for line in lines
        for group, amount in zip(
            groups, (line.budget, line.committed, line.delivered, line.claimed), strict=True
        )
    ]
    title = _("Per category")
    return {
        "title": title,
        "text": _(
            "Committed is what was delivered this year and what is still expected on open"
            " call-offs. Paid are approved claims without what was taken back."
        ),
        "chart": charts.grouped_bars(rows, groups, title) if lines else None,
        "table": table_of(
            LINE_COLUMNS,
            lines,
            caption=title,
            empty=_("There is no budget and no money in this year. Add a budget first."),
        ),
    }


def _months_part(months: Sequence[Any]) -> dict[str, Any]:
    title = _("Per month")
    return {
        "title": title,
        "text": _("Expected: what is not delivered yet, spread over the days that are left."),
        "chart": forecast_picture(months, title),
        "table": table_of(
            MONTH_COLUMNS, months, caption=title, empty=_("Nothing was delivered or is expected.")
        ),
    }


class BudgetForm(forms.Form):
    municipality = fields.OrganisationField(
        label=gettext_lazy("Municipality"), queryset=Organisation.objects.none()
    )
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
    source = forms.ChoiceField(label=gettext_lazy("Source"), choices=BudgetSource.choices)
    category = forms.ChoiceField(label=gettext_lazy("Category"), choices=SpendCategory.choices)
    amount = fields.money(gettext_lazy("Amount in euros"))
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = own_payers(actor, MANAGER)  # type: ignore[attr-defined]


class BudgetNewPage(FormPage):
    permission = MANAGER
    title = gettext_lazy("Add a budget")
    form_class = BudgetForm
    success_message = gettext_lazy("The budget has been added.")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Budgets"), reverse("budgets")),)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"actor": self.actor}

    def get_initial(self) -> dict[str, Any]:
        first = own_payers(self.actor, MANAGER).first()
        return {"year": clock.today().year, "municipality": first}

    def perform(self, form: Any) -> Any:
        return budget_set(actor=self.actor, **form.cleaned_data)

    def get_success_url(self, result: Any) -> str:
        return budget_year_url(result.municipality, result.year)


class BudgetChangeForm(forms.Form):
    amount = fields.money(gettext_lazy("Amount in euros"))
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)
    reason = fields.reason()


class BudgetChangePage(FormPage):
    permission = MANAGER
    form_class = BudgetChangeForm
    success_message = gettext_lazy("The budget has been changed.")

    def prepare(self) -> None:
        found = (
            Budget.objects.visible_to(self.actor)
            .select_related("municipality")
            .filter(uuid=self.kwargs["uuid"])
            .first()
        )
        if found is None:
            raise Http404
        self.budget = found

    def get_title(self) -> Text:
        one = self.budget
        return f"{one.municipality.name} {one.year}: {one.get_category_display()}"

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Budgets"), reverse("budgets")),)

    def get_initial(self) -> dict[str, Any]:
        return {"amount": self.budget.amount, "note": self.budget.note}

    def perform(self, form: Any) -> Any:
        return budget_change(actor=self.actor, budget=self.budget, **form.cleaned_data)

    def get_success_url(self, result: Any) -> str:
        return budget_year_url(self.budget.municipality, self.budget.year)
