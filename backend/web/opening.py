"""Opening Passend for an organisation (journey J12), and the health of the system."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.errors import OrganisationOpenError
from backend.accounts.models import ApiClient
from backend.accounts.public import (
    Found,
    User,
    organisation_lookup,
    organisation_open,
    redirect_url,
    regions_that_onboard,
    users_visible_to,
)
from backend.accounts.selectors import api_clients_visible_to
from backend.api.health import readiness
from backend.common import clock
from backend.common.errors import DomainError
from backend.organisations.choices import OrganisationKind
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.outbox.choices import MessageState
from backend.outbox.models import OutboxMessage
from backend.web.navigation import NavigationEntry, register
from backend.web.opening_forms import NumberForm, OnboardForm
from backend.web.pages import Action, Crumb, FormPage, Page
from backend.web.tables import Column, table_of
from backend.web.values import Badge, Text

MANAGER = Permission.MANAGE_ACCOUNTS
KEY_WARNING_DAYS = 30
INVITATION_DAYS = 14


class NumberPage(FormPage):
    """First the number: what is known of it fills the next page."""

    permission = MANAGER
    title = gettext_lazy("Open Passend for an organisation")
    intro = gettext_lazy("Step 1 of 2: which organisation. What is known of it is filled in.")
    form_class = NumberForm
    submit_label = gettext_lazy("Look up")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Health of the system"), reverse("health-page")),)

    def get_initial(self) -> dict[str, Any]:
        return {"kind": "municipality"}

    def perform(self, form: forms.BaseForm) -> Found:
        found = organisation_lookup(actor=self.actor, **form.cleaned_data)
        if found.is_open:
            raise OrganisationOpenError
        return found

    def get_success_url(self, result: Found) -> str:
        return reverse("onboard-number", args=[result.kind, result.number])


class OnboardPage(FormPage):
    """From nothing to a first administrator who does the rest, in one form."""

    permission = MANAGER
    title = gettext_lazy("Open Passend for an organisation")
    intro = gettext_lazy(
        "Step 2 of 2. The first administrator gets a mail with a link, and invites the colleagues. "
        "From then on the accounts of the organisation are its own."
    )
    template_name = "web/pages/onboard.html"
    form_class = OnboardForm
    submit_label = gettext_lazy("Open and invite")
    success_message = gettext_lazy("The organisation is open. The administrator has been invited.")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Health of the system"), reverse("health-page")),
            (_("Which organisation"), reverse("onboard")),
        )

    def prepare(self) -> None:
        self.regions = regions_that_onboard(self.actor)
        try:
            self.found = organisation_lookup(
                actor=self.actor, kind=self.kwargs["kind"], number=self.kwargs["number"]
            )
        except DomainError:
            raise Http404 from None

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return super().get_context(found=self.found, redirect_url=self._redirect_url(), **extra)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            "regions": self.regions,
            "is_known": bool(self.found.name),
            "at_provider": self.found.kind == OrganisationKind.PROVIDER,
        }

    def get_initial(self) -> dict[str, Any]:
        return {"region": self.regions.first(), "name": self.found.name}

    def perform(self, form: forms.BaseForm) -> User:
        assert isinstance(form, OnboardForm)
        return organisation_open(
            actor=self.actor, kind=self.found.kind, number=self.found.number, **form.opening()
        )

    def get_success_url(self, result: User) -> str:
        return reverse("health-page")

    def _redirect_url(self) -> str:
        """Known beforehand where the organisation is; its administrator sees it always."""
        if self.found.organisation is not None:
            return redirect_url(self.found.organisation)
        code = self.found.number
        if self.found.kind == OrganisationKind.MUNICIPALITY:
            return redirect_url(Organisation(kind=self.found.kind, code=code))
        return ""


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
        found = [
            Action(_("What will be removed, and when"), reverse("retention")),
            Action(_("Code lists"), reverse("code-lists")),
        ]
        if regions_that_onboard(self.actor).exists():
            found.insert(0, Action(_("Open for an organisation"), reverse("onboard"), primary=True))
        return found

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
        long_ago = clock.now() - timedelta(days=INVITATION_DAYS)
        waiting = users_visible_to(self.actor).filter(
            is_active=True, last_login__isnull=True, created_at__lt=long_ago
        )
        found.append(
            self._row(
                _("Invited over two weeks ago and never logged in: %(number)s")
                % {"number": waiting.count()},
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
