"""The forms of a lot: its terms, and a new one with the municipalities that take part."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from backend.common.codes import Component, TargetGroup
from backend.organisations.models import Organisation
from procurement.choices import AllocationKey
from procurement.selectors.buyers import municipalities_for, payers_for
from procurement.services.lots import LotTerms
from procurement.web import fields


class LotChangeForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=160)
    components = forms.MultipleChoiceField(
        label=gettext_lazy("Components"),
        choices=Component.choices,
        widget=forms.CheckboxSelectMultiple(),
    )
    target_groups = forms.MultipleChoiceField(
        label=gettext_lazy("Target groups"),
        choices=TargetGroup.choices,
        widget=forms.CheckboxSelectMultiple(),
    )
    areas = fields.AreasField(
        label=gettext_lazy("Areas"),
        required=False,
        help_text=gettext_lazy("With commas between them."),
    )
    volume_min = fields.number(gettext_lazy("Lowest number of participants a year"))
    volume_max = fields.number(gettext_lazy("Highest number of participants a year"))
    ceiling_amount = fields.money(gettext_lazy("Ceiling in euros"), required=False)
    contractors = fields.number(gettext_lazy("Number of contractors"))
    allocation = forms.ChoiceField(
        label=gettext_lazy("Allocation key"), choices=AllocationKey.choices
    )


class LotForm(LotChangeForm):
    """A new lot: its code, which stays, and who takes part from when."""

    code = forms.CharField(label=gettext_lazy("Lot code"), max_length=40)
    field_order = ("code",)
    municipalities = fields.OrganisationsField(
        label=gettext_lazy("Participating municipalities"), queryset=Organisation.objects.none()
    )
    valid_from = fields.day(gettext_lazy("Takes part from"))
    payer = fields.OrganisationField(
        label=gettext_lazy("Paid by"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=gettext_lazy("each municipality itself"),
    )

    def __init__(self, *args: Any, buyer: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipalities"].queryset = municipalities_for(buyer)  # type: ignore[attr-defined]
        self.fields["payer"].queryset = payers_for(buyer)  # type: ignore[attr-defined]

    def terms(self) -> LotTerms:
        names = ("areas", "volume_min", "volume_max", "ceiling_amount", "contractors")
        return LotTerms(
            **{name: self.cleaned_data[name] for name in names},
            allocation=self.cleaned_data["allocation"],
        )
