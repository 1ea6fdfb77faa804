"""Rows of a form that come as often as needed: options, KPI, documents of the check list, prices.

Fields are named after their row, such as `kpi_2_norm`. An empty row does not count; a row that is
filled in half is refused at the field that it lacks.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.codes import Component
from procurement.choices import DocumentKind, TariffUnit
from procurement.kpi_codes import KPI_CODES
from procurement.services.documents import DocumentDraft
from procurement.services.kpis import KpiDraft
from procurement.services.registration_plan import OptionPlan
from procurement.services.tariffs import TariffDraft
from procurement.web import fields

Row = dict[str, forms.Field]
# What makes a row count, and, of those, what it cannot do without.
OPTION = ("end_date", "notice_date")
OPTION_NEEDS = {"end_date": gettext_lazy("Enter the last day, or leave the whole row empty.")}
KPI = ("indicator", "norm", "weight", "minimum_n")
KPI_NEEDS = {
    "indicator": gettext_lazy("Choose an indicator, or leave the whole row empty."),
    "norm": gettext_lazy("Fill this in, or leave the row out."),
    "weight": gettext_lazy("Fill this in, or leave the row out."),
}
DOCUMENT = ("kind", "title", "issued_date", "maximum_age_months", "location")
DOCUMENT_NEEDS = {"kind": gettext_lazy("Choose a kind, or leave the whole row empty.")}
PRICE = ("component", "unit", "detail", "amount", "valid_from", "valid_to")
PRICE_NEEDS = {"amount": gettext_lazy("Enter the amount, or leave the whole row empty.")}


def used_rows(
    form: forms.Form, starts: Iterable[str], names: Iterable[str], needs: Mapping[str, Any]
) -> list[str]:
    """The starts of the rows in which something stands; faults of half rows are put on the form."""
    data = form.cleaned_data

    def stands(name: str) -> bool:
        value = data.get(name)
        # A norm or price of 0 does stand there.
        return name in form.errors or not (value is None or value == "")

    used = [one for one in starts if any(stands(one + name) for name in names)]
    for one in used:
        for name, message in needs.items():
            if not stands(one + name):
                form.add_error(one + name, message)
    return used


def _optional(label: str) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, localize=True, min_value=Decimal(0))


def option_fields(row: int) -> Row:
    """A right to extend the contracts, in the order in which they can be used."""
    name = {"row": row}
    return {
        f"option_{row}_end_date": fields.day(_("Option %(row)s: extend to") % name, required=False),
        f"option_{row}_notice_date": fields.day(
            _("Option %(row)s: decide by") % name,
            required=False,
            help_text=_("Left empty: the last day of the term before it."),
        ),
    }


def option_plans(data: Mapping[str, Any], starts: Iterable[str]) -> tuple[OptionPlan, ...]:
    """The options of the rows that are used, each after the one before."""
    found = []
    last = data["end_date"]
    for one in starts:
        end = data[f"{one}end_date"]
        found.append(OptionPlan(end, data[f"{one}notice_date"] or last))
        last = end
    return tuple(found)


def kpi_fields(row: int) -> Row:
    """Indicator, norm, weight and smallest number of a KPI."""
    name = {"row": row}
    codes = [("", _("none"))]
    codes += [(one.code, f"{one.code} {one.title}") for one in KPI_CODES.values()]
    found: Row = {
        "indicator": forms.ChoiceField(
            label=_("Indicator %(row)s") % name, choices=codes, required=False
        ),
        "norm": _optional(_("Norm %(row)s") % name),
        "weight": _optional(_("Weight %(row)s") % name),
        "minimum_n": fields.number(_("Smallest number %(row)s") % name),
    }
    return {f"kpi_{row}_{name}": field for name, field in found.items()}


def kpi_draft(data: Mapping[str, Any], start: str) -> KpiDraft:
    given = {name: data[start + name] for name in KPI}
    return KpiDraft(**{name: one for name, one in given.items() if one is not None})


def document_fields(row: int) -> Row:
    """A document of the check list of every contract."""
    found: Row = {
        "kind": forms.ChoiceField(
            label=_("Kind"), choices=[("", _("none")), *DocumentKind.choices], required=False
        ),
        "title": forms.CharField(
            label=_("Title"),
            max_length=160,
            required=False,
            help_text=_("Left empty: the name of the kind."),
        ),
        "issued_date": fields.day(
            _("Date of the document"),
            required=False,
            help_text=_("Leave empty while the document is still to come."),
        ),
        "maximum_age_months": fields.number(_("May be this many months old")),
        "location": forms.CharField(
            label=_("Where it is kept"),
            max_length=300,
            required=False,
            help_text=_("For example the case number in your own archive."),
        ),
        "required": forms.BooleanField(
            label=_("The contract cannot be in force without it"), required=False, initial=True
        ),
    }
    return {f"document_{row}_{name}": field for name, field in found.items()}


def document_draft(data: Mapping[str, Any], start: str) -> DocumentDraft:
    given = {name: data[start + name] for name in (*DOCUMENT, "required")}
    return DocumentDraft(
        **given | {"title": given["title"] or str(DocumentKind(given["kind"]).label)}
    )


def price_fields(provider: int, row: int, lots: Iterable[int]) -> Row:
    """One more price of a provider: for another component, unit, phase or period."""
    found: Row = {
        "lot": forms.TypedChoiceField(
            label=_("Lot"),
            choices=[(one, _("Lot %(number)s") % {"number": one}) for one in lots],
            coerce=int,
        ),
        "component": forms.ChoiceField(
            label=_("Component"),
            choices=[("", _("every component of the lot")), *Component.choices],
            required=False,
        ),
        "unit": forms.ChoiceField(
            label=_("Unit"),
            choices=[("", _("the unit of the lot")), *TariffUnit.choices],
            required=False,
        ),
        "detail": forms.CharField(
            label=_("For"),
            max_length=60,
            required=False,
            help_text=_("Only with several prices of one unit: which module or phase."),
        ),
        "amount": fields.money(_("Amount excluding VAT"), required=False),
        "valid_from": fields.day(
            _("Valid from"), required=False, help_text=_("Left empty: the start of the contracts.")
        ),
        "valid_to": fields.day(_("Valid to"), required=False),
    }
    return {f"price_{provider}_{row}_{name}": field for name, field in found.items()}


def price_places(data: Mapping[str, Any], provider: int, lot: int) -> list[str]:
    """Where prices of the provider for the lot stand: a field, or the start of a row."""
    first = f"provider_{provider}_price_{lot}"
    rows = [
        name.removesuffix("amount")
        for name, amount in data.items()
        if name.startswith(f"price_{provider}_") and name.endswith("_amount") and amount is not None
    ]
    found = [one for one in rows if data.get(f"{one}lot") == lot]
    return found if data.get(first) is None else [first, *found]


def prices_of(data: Mapping[str, Any], provider: int, lot: int) -> list[tuple[str, TariffDraft]]:
    """The prices of a provider for a lot, each with where it stands (see `price_places`)."""
    return [
        (place, draft)
        for place in price_places(data, provider, lot)
        for draft in _prices_at(data, place, lot)
    ]


def _prices_at(data: Mapping[str, Any], place: str, lot: int) -> list[TariffDraft]:
    components, unit, start = (
        data[f"lot_{lot}_components"],
        data[f"lot_{lot}_unit"],
        data["start_date"],
    )
    if not place.endswith("_"):
        return [TariffDraft(one, unit, data[place], start) for one in components]
    chosen = data[f"{place}component"]
    return [
        TariffDraft(
            component=one,
            unit=data[f"{place}unit"] or unit,
            amount=data[f"{place}amount"],
            valid_from=data[f"{place}valid_from"] or start,
            valid_to=data[f"{place}valid_to"],
            detail=data[f"{place}detail"],
        )
        for one in ([chosen] if chosen else components)
    ]
