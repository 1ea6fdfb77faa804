"""The pages of the functional administrator: systems that use the API, and their keys."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.public import (
    ApiClient,
    Role,
    api_client_create,
    api_client_renew,
    api_client_revoke,
    api_clients_visible_to,
)
from backend.common import clock
from backend.organisations.permissions import Permission
from backend.web import account_forms
from backend.web.account_pages import managed_organisations
from backend.web.filters import PageFilterSet, SearchFilter
from backend.web.navigation import NavigationEntry, register
from backend.web.pages import Action, ConfirmPage, Crumb, DetailPage, Fact, FormPage, ListPage
from backend.web.tables import Column
from backend.web.values import Badge, Lines, Link, Text

CLIENTS: Crumb = (gettext_lazy("Systems"), "/api-clients")


def client_badge(one: ApiClient) -> Badge:
    if one.revoked_at is not None:
        return Badge(_("Revoked"), "neutral")
    if not one.works_at(clock.now()):
        return Badge(_("Expired"), "warning")
    return Badge(_("Works"), "success")


class ClientFilters(PageFilterSet):
    search = SearchFilter(label=gettext_lazy("Name"), field_name="name", lookup_expr="icontains")

    class Meta:
        model = ApiClient
        fields: list[str] = []


class ClientList(ListPage):
    permission = Permission.MANAGE_ACCOUNTS
    model = ApiClient
    title = CLIENTS[0]
    intro = gettext_lazy("Systems that use the API, each with a key of its own.")
    filterset_class = ClientFilters
    default_sort = "name"
    export_name = "api-clients"
    empty_title = gettext_lazy("No systems yet")
    empty_text = gettext_lazy("Add your own system; you see its key once.")
    columns = (
        Column(
            "name",
            gettext_lazy("Name"),
            lambda one: Link(one.name, reverse("api-client", args=[one.uuid])),
            sort=("name",),
            header=True,
        ),
        Column(
            "organisation",
            gettext_lazy("Organisation"),
            "organisation.name",
            sort=("organisation__name",),
        ),
        Column(
            "roles",
            gettext_lazy("Roles"),
            lambda one: Lines(tuple(str(Role(role).label) for role in one.roles)),
        ),
        Column("prefix", gettext_lazy("Key begins with"), "key_prefix"),
        Column("state", gettext_lazy("Status"), client_badge),
        Column("used", gettext_lazy("Last used"), "last_used_day", sort=("last_used_day",)),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return api_clients_visible_to(self.actor).select_related("organisation")

    def get_actions(self) -> Sequence[Action]:
        return (Action(_("Add a system"), reverse("api-client-new"), primary=True),)


class _KeyPage(FormPage):
    """Shows a new key in the answer itself: it is stored nowhere and cannot be shown again."""

    permission = Permission.MANAGE_ACCOUNTS
    key_template = "web/pages/new_key.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.new_keys: list[tuple[ApiClient, str]] = []
        answer = super().post(request, *args, **kwargs)
        if not self.new_keys:
            return answer
        self.template_name = self.key_template
        client, key = self.new_keys[0]
        shown = self.show(client=client, key=key, back=reverse("api-clients"))
        shown.headers["Cache-Control"] = "no-store"
        return shown

    def get_success_url(self, result: Any) -> str:
        self.new_keys.append(result)
        return reverse("api-clients")


class ClientNewPage(_KeyPage):
    title = gettext_lazy("Add a system")
    form_class = account_forms.ClientForm
    submit_label = gettext_lazy("Make the key")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (CLIENTS,)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"organisations": managed_organisations(self.actor)}

    def perform(self, form: forms.BaseForm) -> tuple[ApiClient, str]:
        assert isinstance(form, account_forms.ClientForm)
        data = form.cleaned_data
        return api_client_create(
            actor=self.actor,
            organisation=data["organisation"],
            name=data["name"],
            roles=[Role(one) for one in data["roles"]],
            expires_at=form.expires_at(),
        )


class ClientMixin:
    actor: Any
    kwargs: dict[str, Any]
    client: ApiClient

    def prepare(self) -> None:
        found = (
            api_clients_visible_to(self.actor)
            .select_related("organisation")
            .filter(uuid=self.kwargs["uuid"])
            .first()
        )
        if found is None:
            raise Http404
        self.client = found

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (CLIENTS, (self.client.name, reverse("api-client", args=[self.client.uuid])))


class ClientPage(DetailPage):
    permission = Permission.MANAGE_ACCOUNTS
    model = ApiClient
    object: ApiClient

    def get_queryset(self) -> QuerySet[Any]:
        return api_clients_visible_to(self.actor).select_related("organisation")

    def get_title(self) -> str:
        return self.object.name

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (CLIENTS,)

    def get_actions(self) -> Sequence[Action]:
        if self.object.revoked_at is not None:
            return ()
        at = [self.object.uuid]
        return (
            Action(_("New key"), reverse("api-client-renew", args=at)),
            Action(_("Revoke the key"), reverse("api-client-revoke", args=at)),
        )

    def get_facts(self) -> Sequence[Fact]:
        one = self.object
        return [
            Fact(_("Organisation"), one.organisation.name),
            Fact(_("Roles"), Lines(tuple(str(Role(role).label) for role in one.roles))),
            Fact(_("Key begins with"), one.key_prefix),
            Fact(_("Status"), client_badge(one)),
            Fact(_("Expires"), one.expires_at),
            Fact(_("Revoked"), one.revoked_at),
            Fact(_("Last used"), one.last_used_day),
        ]


class ClientRenewPage(ClientMixin, _KeyPage, ConfirmPage):
    title = gettext_lazy("Make a new key?")
    submit_label = gettext_lazy("Yes, make a new key")

    def get_consequences(self) -> Sequence[Text]:
        return [
            _("The old key stops working at once."),
            _("You see the new key once: put it in your system straight away."),
        ]

    def perform(self, form: forms.BaseForm) -> tuple[ApiClient, str]:
        return api_client_renew(actor=self.actor, client=self.client)


class ClientRevokePage(ClientMixin, FormPage):
    permission = Permission.MANAGE_ACCOUNTS
    title = gettext_lazy("Revoke the key")
    intro = gettext_lazy("The system cannot use the API any more, within seconds and for good.")
    form_class = account_forms.ReasonForm
    submit_label = gettext_lazy("Revoke the key")
    success_message = gettext_lazy("The key has been revoked.")

    def perform(self, form: forms.BaseForm) -> ApiClient:
        return api_client_revoke(actor=self.actor, client=self.client, **form.cleaned_data)

    def get_success_url(self, result: ApiClient) -> str:
        return reverse("api-client", args=[result.uuid])


register(NavigationEntry("api-clients", CLIENTS[0], "api-clients", Permission.MANAGE_ACCOUNTS, 91))
