"""Opening Passend for an organisation (journey J12), and the health of the system."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.models import ApiClient
from backend.accounts.public import (
    Role,
    User,
    organisation_onboard,
    organisations_to_open,
    regions_that_onboard,
    users_visible_to,
)
from backend.accounts.selectors import api_clients_visible_to
from backend.api.health import readiness
from backend.common import clock
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.outbox.choices import MessageState
from backend.outbox.models import OutboxMessage
from backend.web.forms import DateInput
from backend.web.navigation import NavigationEntry, register
from backend.web.pages import Action, Crumb, FormPage, Page
from backend.web.tables import Column, table_of
from backend.web.values import Badge, Text

MANAGER = Permission.MANAGE_ACCOUNTS
KEY_WARNING_DAYS = 30


class NamedChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.get_kind_display()}, {obj.code})"


class OnboardForm(forms.Form):
    organisation = NamedChoice(
        label=gettext_lazy("Organisation"),
        queryset=Organisation.objects.none(),
        help_text=gettext_lazy(
            "Municipalities and providers without an administrator. A provider comes in with the "
            "list of institutions."
        ),
    )
    full_name = forms.CharField(label=gettext_lazy("Name of the administrator"), max_length=150)
    email = forms.EmailField(label=gettext_lazy("E-mail address"))
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Other roles of this person"),
        required=False,
        choices=[one for one in Role.choices if one[0] != Role.FUNCTIONAL_ADMINISTRATOR],
        widget=forms.CheckboxSelectMultiple(),
    )
    member_from = forms.DateField(
        label=gettext_lazy("Joins the region from"),
        required=False,
        widget=DateInput(),
        help_text=gettext_lazy("Only for a municipality that buys together with the region."),
    )
    region = NamedChoice(label=gettext_lazy("Region"), queryset=Organisation.objects.none())
    field_order = ("region", "organisation")

    def __init__(self, *args: Any, regions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations_to_open()  # type: ignore[attr-defined]
        self.fields["region"].queryset = regions  # type: ignore[attr-defined]


class OnboardPage(FormPage):
    """From nothing to a first administrator who does the rest, in one form."""

    permission = MANAGER
    title = gettext_lazy("Open Passend for an organisation")
    intro = gettext_lazy(
        "The first administrator gets a mail with a link, and invites the colleagues. From then on "
        "the accounts of the organisation are its own."
    )
    form_class = OnboardForm
    submit_label = gettext_lazy("Open and invite")
    success_message = gettext_lazy("The organisation is open. The administrator has been invited.")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Health of the system"), reverse("health-page")),)

    def prepare(self) -> None:
        self.regions = regions_that_onboard(self.actor)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"regions": self.regions}

    def get_initial(self) -> dict[str, Any]:
        return {"region": self.regions.first()}

    def perform(self, form: forms.BaseForm) -> User:
        return organisation_onboard(actor=self.actor, **form.cleaned_data)

    def get_success_url(self, result: User) -> str:
        return reverse("users")


HEALTH_COLUMNS = (
    Column("what", gettext_lazy("What"), lambda one: one[0], header=True),
    Column("state", gettext_lazy("Status"), lambda one: one[1]),
    Column("advice", gettext_lazy("What to do"), lambda one: one[2]),
)


class HealthPage(Page):
    """Whether people can work: the machine first, then what only an administrator can mend."""

    permission = MANAGER
    title = gettext_lazy("Health of the system")
    template_name = "web/pages/tables.html"

    def get_actions(self) -> Sequence[Action]:
        if not regions_that_onboard(self.actor).exists():
            return ()
        return (Action(_("Open for an organisation"), reverse("onboard"), primary=True),)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        table = table_of(HEALTH_COLUMNS, self.rows(), caption=self.title)
        return self.show(tables=(table,))

    def rows(self) -> list[tuple[Text, Badge, Text]]:
        ready = readiness()
        words = {
            "database": (_("Database"), _("Ask the technical administrator.")),
            "migrations": (_("Tables up to date"), _("Run the migrations of this version.")),
            "outbox": (_("Background work goes on"), _("Start the worker.")),
        }
        found = [self._row(words[name][0], good, words[name][1]) for name, good in ready.items()]
        failed = OutboxMessage.objects.filter(state=MessageState.FAILED).count()
        found.append(
            self._row(
                _("Mail and messages that failed: %(number)s") % {"number": failed},
                failed == 0,
                _("Ask the technical administrator to look at the messages."),
            )
        )
        waiting = users_visible_to(self.actor).filter(is_active=True, last_login__isnull=True)
        found.append(
            self._row(
                _("Invited and never logged in: %(number)s") % {"number": waiting.count()},
                not waiting.exists(),
                _("Ask these people, or close their accounts."),
            )
        )
        return [*found, self._row(_("Keys of systems"), *self._keys())]

    def _keys(self) -> tuple[bool, Text]:
        soon = clock.now() + timedelta(days=KEY_WARNING_DAYS)
        ending: QuerySet[ApiClient] = api_clients_visible_to(self.actor).filter(
            revoked_at__isnull=True, expires_at__lte=soon
        )
        names = ", ".join(ending.order_by("name").values_list("name", flat=True))
        return not names, _("Make new keys before these end: %(names)s.") % {"names": names}

    def _row(self, what: Text, good: bool, advice: Text) -> tuple[Text, Badge, Text]:
        badge = Badge(_("In order"), "success") if good else Badge(_("Look at this"), "danger")
        return what, badge, "" if good else advice


register(
    NavigationEntry(
        "health", gettext_lazy("Health of the system"), "health-page", MANAGER, order=95
    )
)
