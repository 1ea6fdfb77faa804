"""Forms of opening an organisation: who it is, who administers it, how people log in."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.public import Role, SignOn, SignOnData, role_fits
from backend.organisations.choices import OrganisationKind
from backend.organisations.models import Organisation
from backend.web.forms import DateInput

KINDS = [
    (one.value, one.label) for one in (OrganisationKind.MUNICIPALITY, OrganisationKind.PROVIDER)
]
GROUP = "groups_"
SIGN_ON = ("issuer", "client_id", "secret", "trusts_email", "group_claim")


class NumberForm(forms.Form):
    """Which organisation: its kind and the number by which everybody knows it."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of organisation"), choices=KINDS, widget=forms.RadioSelect
    )
    number = forms.CharField(
        label=gettext_lazy("Number"),
        max_length=12,
        help_text=gettext_lazy(
            "Municipality: the CBS code, four digits. Provider: the Blik op Werk number or the "
            "KvK number."
        ),
    )


class SignOnForm(forms.Form):
    """How people of the organisation log in at home; a secret is never shown again."""

    issuer = forms.CharField(
        label=gettext_lazy("Address of the identity provider (issuer)"),
        max_length=300,
        help_text=gettext_lazy("For example https://login.gemeente.nl. It is looked up at once."),
    )
    client_id = forms.CharField(label=gettext_lazy("Client ID"), max_length=190)
    secret = forms.CharField(
        label=gettext_lazy("Client secret"),
        max_length=300,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Kept sealed and never shown again."),
    )
    trusts_email = forms.BooleanField(
        label=gettext_lazy("The organisation itself gives out the e-mail addresses"),
        required=False,
        help_text=gettext_lazy("Tick this when the log-in never marks an address as verified."),
    )
    group_claim = forms.CharField(
        label=gettext_lazy("Name of the claim with groups"),
        max_length=60,
        required=False,
        initial="groups",
    )

    def __init__(
        self, *args: Any, at_provider: bool, known: SignOn | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for role in Role:
            if role_fits(role, at_provider=at_provider):
                self.fields[f"{GROUP}{role.value}"] = forms.CharField(
                    label=_("Group for: %(role)s") % {"role": role.label},
                    max_length=200,
                    required=False,
                )
        if known is not None:
            self.fields["secret"].required = False
            self.fields["secret"].help_text = _("Empty: the secret that is known stays.")

    def sign_on(self) -> SignOnData | None:
        """What was filled in; nothing when no address was given."""
        data = self.cleaned_data
        if not data["issuer"] and not data["client_id"]:
            return None
        return SignOnData(
            **{name: data[name] for name in SIGN_ON}, roles_by_group=self._groups(data)
        )

    def _groups(self, data: Mapping[str, Any]) -> dict[str, str]:
        return {
            value.strip(): name.removeprefix(GROUP)
            for name, value in data.items()
            if name.startswith(GROUP) and value.strip()
        }


def initial_of(known: SignOn) -> dict[str, Any]:
    """The fields as they were filled in; the secret stays empty."""
    groups = {f"{GROUP}{role}": group for group, role in known.roles_by_group.items()}
    plain = {name: getattr(known, name) for name in SIGN_ON if name != "secret"}
    return {**plain, **groups}


def privacy_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Privacy text"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "In Dutch. Users read it under Privacy, and inburgeraars on their personal page."
        ),
    )


class OnboardForm(SignOnForm):
    """Everything that the first working day needs, on one page."""

    def __init__(
        self, *args: Any, regions: Any, is_known: bool, at_provider: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, at_provider=at_provider, **kwargs)
        own = {
            "name": forms.CharField(label=gettext_lazy("Name of the organisation"), max_length=200),
            "full_name": forms.CharField(
                label=gettext_lazy("Name of the administrator"), max_length=150
            ),
            "email": forms.EmailField(label=gettext_lazy("E-mail address")),
            "language": forms.ChoiceField(
                label=gettext_lazy("Language"), choices=settings.LANGUAGES
            ),
            "roles": forms.MultipleChoiceField(
                label=gettext_lazy("Other roles of this person"),
                required=False,
                choices=[
                    (role.value, role.label)
                    for role in Role
                    if role is not Role.FUNCTIONAL_ADMINISTRATOR
                    and role_fits(role, at_provider=at_provider)
                ],
                widget=forms.CheckboxSelectMultiple(),
            ),
            "member_from": forms.DateField(
                label=gettext_lazy("Joins the region from"), required=False, widget=DateInput()
            ),
            "region": RegionField(label=gettext_lazy("Region"), queryset=regions),
            "privacy_text": privacy_field(),
        }
        if at_provider:
            del own["member_from"]
        own["name"].disabled = is_known
        for name in ("issuer", "client_id", "secret"):
            self.fields[name].required = False
        self.fields = {**own, **self.fields}

    def opening(self) -> dict[str, Any]:
        """The arguments of `organisation_open` that this form fills."""
        data = self.cleaned_data
        names = (
            "region", "name", "full_name", "email", "language", "roles", "member_from",
            "privacy_text",
        )  # fmt: skip
        return {name: data[name] for name in names if name in data} | {"sign_on": self.sign_on()}

    def _part(self, names: Any) -> list[Any]:
        return [self[name] for name in names if name in self.fields]

    def organisation_fields(self) -> list[Any]:
        return self._part(("region", "name", "member_from"))

    def person_fields(self) -> list[Any]:
        return self._part(("full_name", "email", "language", "roles"))

    def sign_on_fields(self) -> list[Any]:
        return self._part([*SIGN_ON, *(name for name in self.fields if name.startswith(GROUP))])

    def privacy_fields(self) -> list[Any]:
        return self._part(("privacy_text",))


class RegionField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Organisation) -> str:
        return obj.name


class PrivacyForm(forms.Form):
    privacy_text = privacy_field()
