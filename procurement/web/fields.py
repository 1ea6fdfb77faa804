"""Form fields that the pages of procurement share."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.web.forms import DateInput


def day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=DateInput(), help_text=help_text)


def reason() -> forms.CharField:
    return forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The other party can read this."),
    )


def money(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=required,
        min_value=Decimal(0),
        max_digits=12,
        decimal_places=2,
        localize=True,
        help_text=help_text,
    )


def number(label: Any, *, required: bool = False, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=required, min_value=0, max_value=1_000_000, help_text=help_text
    )


class OrganisationField(forms.ModelChoiceField):
    """A choice of organisations by name."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class OrganisationsField(forms.ModelMultipleChoiceField):
    """Several organisations by name, as boxes to tick."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.CheckboxSelectMultiple(), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class ProviderField(forms.ModelChoiceField):
    """A choice of providers by name and the numbers under which they are registered."""

    def label_from_instance(self, obj: Any) -> str:
        numbers = {"DUO": obj.duo_number, "KvK": obj.kvk_number, "BoW": obj.bow_number}
        known = ", ".join(f"{name} {number}" for name, number in numbers.items() if number)
        return f"{obj.organisation.name} ({known})" if known else str(obj.organisation.name)


class AreasField(forms.CharField):
    """Names of areas with commas between them."""

    def clean(self, value: Any) -> tuple[str, ...]:
        text = super().clean(value) or ""
        return tuple(one.strip() for one in text.split(",") if one.strip())

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value
