"""The own organisation on screen: how its people log in, and what it says about privacy."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.public import (
    Role,
    SignOn,
    redirect_url,
    single_sign_on_of,
    single_sign_on_remove,
    single_sign_on_set,
)
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.organisations.public import privacy_text_set, privacy_texts_of
from backend.web.account_forms import ReasonForm
from backend.web.account_pages import managed_organisations
from backend.web.navigation import NavigationEntry, register
from backend.web.opening_forms import PrivacyForm, SignOnForm, initial_of
from backend.web.pages import Action, Crumb, Fact, FormPage, Page
from backend.web.tables import Column, table_of
from backend.web.values import Lines, Link

MANAGER = Permission.MANAGE_ACCOUNTS
OWN: Crumb = (gettext_lazy("Our organisations"), "/our-organisations")
COLUMNS = (
    Column(
        "name",
        gettext_lazy("Name"),
        lambda one: Link(one.name, reverse("own-organisation", args=[one.uuid])),
        header=True,
    ),
    Column("kind", gettext_lazy("Kind"), lambda one: one.get_kind_display()),
    Column("code", gettext_lazy("Code"), "code"),
)


class OwnOrganisationsPage(Page):
    permission = MANAGER
    title = OWN[0]
    intro = gettext_lazy("How people log in, and what is said about personal details.")
    template_name = "web/pages/tables.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = managed_organisations(self.actor)
        return self.show(tables=(table_of(COLUMNS, rows, caption=self.title),))


class OneOrganisationMixin:
    """Loads an organisation whose accounts the administrator manages."""

    actor: Any
    kwargs: dict[str, Any]
    organisation: Organisation
    known: SignOn | None

    def prepare(self) -> None:
        found = managed_organisations(self.actor).filter(uuid=self.kwargs["uuid"]).first()
        if found is None:
            raise Http404
        self.organisation = found
        self.known = single_sign_on_of(actor=self.actor, organisation=found)

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (OWN, (self.organisation.name, self.get_success_url(None)))

    def get_success_url(self, result: Any) -> str:
        return reverse("own-organisation", args=[self.organisation.uuid])

    def privacy_text(self) -> str:
        found = privacy_texts_of([self.organisation.pk])
        return found[0][1] if found else ""


class OwnOrganisationPage(OneOrganisationMixin, Page):
    permission = MANAGER
    template_name = "web/pages/detail.html"

    def get_title(self) -> str:
        return self.organisation.name

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (OWN,)

    def get_actions(self) -> Sequence[Action]:
        at = [self.organisation.uuid]
        found = [
            Action(_("Change single sign-on"), reverse("single-sign-on", args=at), primary=True),
            Action(_("Change privacy text"), reverse("privacy-text", args=at)),
        ]
        if self.known is not None:
            found.append(Action(_("End single sign-on"), reverse("single-sign-on-end", args=at)))
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.prepare()
        facts = [Fact(_("Redirect URL for the identity provider"), redirect_url(self.organisation))]
        if self.known is None:
            facts.append(Fact(_("Single sign-on"), _("No: people log in with a password.")))
        else:
            groups = tuple(
                f"{group}: {Role(role).label}" for group, role in self.known.roles_by_group.items()
            )
            facts += [
                Fact(_("Single sign-on"), self.known.issuer),
                Fact(_("Client ID"), self.known.client_id),
                Fact(_("Client secret"), _("Kept sealed and never shown again.")),
                Fact(_("Roles by group"), Lines(groups) if groups else None),
            ]
        facts.append(Fact(_("Privacy text"), self.privacy_text() or None))
        return self.show(facts=facts, tables=())


class SignOnPage(OneOrganisationMixin, FormPage):
    permission = MANAGER
    title = gettext_lazy("Single sign-on")
    intro = gettext_lazy(
        "People of this organisation log in with their work account. Whoever is in a group below "
        "gets that role at the next log-in without an invitation, and loses it with the group."
    )
    form_class = SignOnForm
    error_fields = {"roles_by_group": "group_claim"}
    success_message = gettext_lazy("Single sign-on works from now on.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"at_provider": self.organisation.is_provider, "known": self.known}

    def get_initial(self) -> dict[str, Any]:
        return initial_of(self.known) if self.known else {}

    def perform(self, form: forms.BaseForm) -> SignOn:
        assert isinstance(form, SignOnForm)
        data = form.sign_on()
        assert data is not None  # both fields are required here
        return single_sign_on_set(actor=self.actor, organisation=self.organisation, data=data)


class SignOnEndPage(OneOrganisationMixin, FormPage):
    permission = MANAGER
    title = gettext_lazy("End single sign-on")
    intro = gettext_lazy("People then log in with a password and a second step.")
    form_class = ReasonForm
    submit_label = gettext_lazy("End single sign-on")
    success_message = gettext_lazy("Single sign-on has ended.")

    def perform(self, form: forms.BaseForm) -> None:
        single_sign_on_remove(actor=self.actor, organisation=self.organisation, **form.cleaned_data)


class PrivacyTextPage(OneOrganisationMixin, FormPage):
    permission = MANAGER
    title = gettext_lazy("Privacy text")
    form_class = PrivacyForm
    success_message = gettext_lazy("The privacy text has been saved.")

    def get_initial(self) -> dict[str, Any]:
        return {"privacy_text": self.privacy_text()}

    def perform(self, form: forms.BaseForm) -> None:
        text = form.cleaned_data["privacy_text"]
        privacy_text_set(actor=self.actor, organisation=self.organisation, text=text)


register(NavigationEntry("our-organisations", OWN[0], "our-organisations", MANAGER, order=91))
