from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from backend.feed.services.subscriptions import CHOOSABLE_KINDS
from backend.organisations.public import Organisation

LONGEST_URL = 500


class SubscriptionForm(forms.Form):
    """Where to send what."""

    url = forms.CharField(
        label=_("Address"),
        max_length=LONGEST_URL,
        help_text=_("Where your system listens. It must begin with https:// and be public."),
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Events"),
        choices=[(one.value, one.label) for one in CHOOSABLE_KINDS],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Messages hold ids only, no personal data."),
    )


class NewSubscriptionForm(SubscriptionForm):
    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=Organisation.objects.none(),
        to_field_name="uuid",
        empty_label=None,
    )

    field_order = ["organisation", "url", "kinds"]

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]
