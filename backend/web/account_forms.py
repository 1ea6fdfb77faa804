"""Forms with which the functional administrator manages people and machine clients."""

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import LANGUAGES
from backend.accounts.public import Role
from backend.common import clock
from backend.organisations.models import Organisation
from backend.web.forms import DateInput


class AtOrganisationForm(forms.Form):
    """Offers only the organisations whose accounts this administrator manages."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=Organisation.objects.none(),
        to_field_name="uuid",
        empty_label=None,
    )

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(label=label, widget=DateInput(), required=False, help_text=help_text)


class RoleForm(AtOrganisationForm):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    valid_from = _day(_("From"), _("Empty: from today."))
    valid_to = _day(_("Last day"), _("Empty: until you end it."))


class InviteForm(RoleForm):
    email = forms.EmailField(label=_("E-mail address"))
    full_name = forms.CharField(label=_("Name"), max_length=150)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)

    field_order = ["email", "full_name", "language", "organisation", "role"]


class ReasonForm(forms.Form):
    """For whoever reads the history later."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 2})
    )


class EndRoleForm(ReasonForm):
    last_day = _day(_("Last day"), _("Empty: the role ends at once."))

    field_order = ["last_day", "reason"]


class ExtraRightForm(AtOrganisationForm, ReasonForm):
    """The one right that no role carries."""

    step = forms.ChoiceField(
        label=_("What do you want to do?"),
        choices=[("give", _("Give the right")), ("take", _("Take the right back"))],
        widget=forms.RadioSelect,
        initial="give",
    )

    field_order = ["organisation", "step", "reason"]


class ClientForm(AtOrganisationForm):
    name = forms.CharField(
        label=_("Name of the system"), max_length=100, help_text=_("So that you recognise it.")
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The system may do what these roles may, at this organisation."),
    )
    last_day = _day(_("Last day of the key"), _("Empty: the key does not expire."))

    field_order = ["name", "organisation", "roles", "last_day"]

    def expires_at(self) -> datetime | None:
        """The end of the last day in the Netherlands."""
        last = self.cleaned_data["last_day"]
        if last is None:
            return None
        end = datetime.combine(last, time(23, 59, 59), tzinfo=clock.NETHERLANDS)
        return end.astimezone(UTC)
