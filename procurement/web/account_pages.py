"""Expenses outside any contract, and the accountability per reference, year and category."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.actor import Actor
from backend.common import clock
from backend.organisations.models import Organisation
from backend.web.computed import ComputedListPage, SearchForm
from backend.web.pages import Crumb, FormPage
from backend.web.tables import Column, table_of
from backend.web.values import Money
from procurement.models import Expense
from procurement.money_choices import SpendCategory
from procurement.selectors.budgets import (
    ACCOUNTS_SEARCHED,
    PersonYear,
    accountability,
    accountable_entries,
)
from procurement.services.budgets import expense_record
from procurement.web import fields
from procurement.web.budget_pages import (
    FIRST_YEAR,
    LAST_YEAR,
    VIEWER,
    budget_year_url,
    own_municipalities,
)
from procurement.web.common import MANAGER


class ExpenseForm(forms.Form):
    municipality = fields.OrganisationField(
        label=gettext_lazy("Municipality"), queryset=Organisation.objects.none()
    )
    reference = forms.UUIDField(
        label=gettext_lazy("Reference (UUID)"),
        help_text=gettext_lazy("The key by which your municipality finds the file. No BSN."),
    )
    category = forms.ChoiceField(
        label=gettext_lazy("Category"),
        choices=SpendCategory.choices,
        initial=SpendCategory.INTERPRETER,
    )
    spent_date = fields.day(gettext_lazy("Date"))
    amount = fields.money(gettext_lazy("Amount in euros"))
    description = forms.CharField(label=gettext_lazy("Description"), max_length=160)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = own_municipalities(actor, MANAGER)  # type: ignore[attr-defined]


class ExpenseNewPage(FormPage):
    permission = MANAGER
    title = gettext_lazy("Record an expense")
    intro = gettext_lazy(
        "For costs outside any contract, such as an interpreter. It cannot be changed afterwards."
    )
    form_class = ExpenseForm
    success_message = gettext_lazy("The expense has been recorded.")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Budgets"), reverse("budgets")),)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"actor": self.actor}

    def get_initial(self) -> dict[str, Any]:
        return {"municipality": own_municipalities(self.actor, MANAGER).first()}

    def perform(self, form: Any) -> Any:
        return expense_record(actor=self.actor, **form.cleaned_data)

    def get_success_url(self, result: Expense) -> str:
        return budget_year_url(result.municipality, result.spent_date.year)


ACCOUNT_COLUMNS = (
    Column(
        "municipality",
        gettext_lazy("Municipality"),
        "municipality",
        header=True,
        sort=("municipality", "category", "reference", "payer"),
    ),
    Column("payer", gettext_lazy("Paid by"), "payer", sort=("payer", "reference")),
    Column("reference", gettext_lazy("Reference"), "reference", sort=("reference", "category")),
    Column("year", gettext_lazy("Year"), lambda one: str(one.year), screen=False),
    Column("category", gettext_lazy("Category"), "label", sort=("label", "reference")),
    Column(
        "education",
        gettext_lazy("Education route"),
        lambda one: _("yes") if one.is_education_route else _("no"),
        screen=False,
    ),
    Column(
        "quantity",
        gettext_lazy("Delivered quantity"),
        "quantity",
        numeric=True,
        sort=("quantity", "reference"),
    ),
    *(
        Column(
            name,
            label,
            lambda one, name=name: Money(getattr(one, name)),  # type: ignore[misc]
            numeric=True,
            sort=(name, "reference"),
        )
        for name, label in (
            ("delivered", gettext_lazy("Delivered")),
            ("claimed", gettext_lazy("Claimed")),
            ("paid", gettext_lazy("Paid")),
        )
    ),
)
TOTAL_COLUMNS = (
    Column("category", gettext_lazy("Category"), lambda one: one["label"], header=True),
    Column("persons", gettext_lazy("References"), lambda one: one["persons"], numeric=True),
    Column(
        "delivered", gettext_lazy("Delivered"), lambda one: Money(one["delivered"]), numeric=True
    ),
    Column("paid", gettext_lazy("Paid"), lambda one: Money(one["paid"]), numeric=True),
)


class AccountForm(SearchForm):
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("All")), *SpendCategory.choices]
        self.fields["category"].choices = choices  # type: ignore[attr-defined]


class AccountabilityPage(ComputedListPage):
    """Spend per reference, year and category, to download for the annual accounts (SiSa)."""

    permission = VIEWER
    title = gettext_lazy("Accountability")
    intro = gettext_lazy(
        "One row per reference and category, without names. Your municipality can trace a reference"
        " to a person; Passend cannot."
    )
    template_name = "procurement/accountability.html"
    columns = ACCOUNT_COLUMNS
    form_class = AccountForm
    searched = ACCOUNTS_SEARCHED
    default_sort = "municipality"
    export_name = "accountability"
    most_shown = 200
    empty = gettext_lazy("Nothing was delivered or claimed in this year.")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Budgets"), reverse("budgets")),)

    def defaults(self) -> Mapping[str, Any]:
        return {"year": clock.today().year}

    def lines(self, asked: Mapping[str, Any]) -> Sequence[PersonYear]:
        found = accountability(accountable_entries(self.actor), asked["year"])
        return [one for one in found if asked["category"] in ("", one.category)]

    def more(self, lines: Sequence[PersonYear], asked: Mapping[str, Any]) -> dict[str, Any]:
        totals = table_of(
            TOTAL_COLUMNS,
            _totals(lines),
            caption=_("Spend in %(year)s") % {"year": asked["year"]},
        )
        return {"totals": totals if lines else None}


def _totals(rows: Sequence[Any]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in rows:
        total = found.setdefault(
            one.category,
            {"label": one.label, "references": set(), "delivered": Decimal(0), "paid": Decimal(0)},
        )
        total["references"].add(one.reference)
        total["delivered"] += one.delivered
        total["paid"] += one.paid
    for total in found.values():
        total["persons"] = len(total["references"])
    return list(found.values())
