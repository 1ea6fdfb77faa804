"""The provider file on screen: who it is, its recognition, contacts and documents."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.common.errors import NotAllowedError
from backend.organisations.permissions import Permission
from backend.web.links import tables_about
from backend.web.pages import Action, ConfirmPage, Crumb, DetailPage, Fact, FormPage
from backend.web.tables import Table, table_of
from backend.web.values import Link, Text
from backend.web.views import Wanted
from providers.models import (
    Location,
    Provider,
    ProviderContact,
    ProviderDocument,
    QualityMark,
)
from providers.policies import may_manage_catalogue, may_register_providers
from providers.ports import SupplierFigures, supplier_figures
from providers.querysets import CONTACT_READERS
from providers.services.document_files import may_read_files
from providers.services.files import contact_remove, contact_save, document_add, document_remove
from providers.services.provider import provider_update, quality_mark_record
from providers.web.forms import (
    ContactForm,
    DocumentForm,
    MarkForm,
    ProviderForm,
    RegisteredProviderForm,
)
from providers.web.own import OwnProviderMixin, visible
from providers.web.provider_columns import (
    CONTACT_COLUMNS,
    DOCUMENT_COLUMNS,
    DOCUMENT_FILE,
    FINDINGS_LABEL,
    LOCATION_COLUMNS,
    MARK_COLUMNS,
    OWN_CONTACT,
    OWN_DOCUMENT,
    PLACES_LABEL,
    figure_link,
    provider_url,
)
from providers.web.provider_tables import provider_tables

REGISTRARS = (Permission.MANAGE_CONTRACTS, Permission.MANAGE_ACCOUNTS)


class ProviderPage(DetailPage):
    """One provider with what is on file; changing it is for those whom the policies allow."""

    permission = Permission.VIEW_CATALOGUE
    model = Provider
    template_name = "providers/provider.html"

    @cached_property
    def figures(self) -> SupplierFigures:
        return supplier_figures(self.actor)

    def get_queryset(self) -> QuerySet[Any]:
        found = super().get_queryset().select_related("organisation")
        if not self.actor.with_permission(Permission.VIEW_CONTRACTS):
            return found
        return found.annotate(
            open_findings=self.figures.findings, running_places=self.figures.places
        )

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Providers"), reverse("providers")),)

    def get_actions(self) -> Sequence[Action]:
        address = [self.object.uuid]
        actions = []
        own = may_manage_catalogue(self.actor, self.object)
        registrar = may_register_providers(self.actor)
        if own or registrar:
            actions.append(Action(_("Change details"), reverse("provider-edit", args=address)))
        if own:
            actions += [
                Action(_("Add contact"), reverse("provider-contact-new", args=address)),
                Action(_("Add document"), reverse("provider-document-new", args=address)),
                Action(_("Ask for an intake stop"), reverse("intake-stop-new", args=address)),
            ]
        if own or self.actor.with_permission(Permission.VIEW_PARTICIPANTS):
            actions.append(
                Action(_("Who has a place here"), reverse("provider-people", args=address))
            )
        if registrar:
            actions.append(Action(_("Record recognition"), reverse("mark-new", args=address)))
        if self.actor.with_permission(Permission.MANAGE_CONTRACTS):
            actions.append(
                Action(_("Impose an intake stop"), reverse("intake-stop-impose", args=address))
            )
        return actions

    def get_facts(self) -> Sequence[Fact]:
        one = self.object
        return (
            Fact(_("KvK number"), one.kvk_number),
            Fact(_("DUO number"), one.duo_number),
            Fact(_("Blik op Werk number"), one.bow_number),
            Fact(_("BRIN"), one.brin),
            Fact(_("E-mail"), one.email),
            Fact(_("Telephone"), one.phone),
            Fact(_("Website"), Link(one.website, one.website) if one.website else ""),
            *self._supplier_facts(),
        )

    def _supplier_facts(self) -> tuple[Fact, ...]:
        """What a contract manager talks about with the provider (J2), each with its rows."""
        one = self.object
        if not hasattr(one, "open_findings"):
            return ()
        places = figure_link(one, "running_places", self.figures.places_path)
        findings = figure_link(one, "open_findings", self.figures.findings_path)
        return (
            Fact(PLACES_LABEL, places or 0),
            Fact(FINDINGS_LABEL, findings or 0),
            Fact(
                _("Published starts"),
                Link(
                    _("In the catalogue"),
                    f"{reverse('catalogue')}?search={quote(one.organisation.name)}",
                ),
            ),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        expired = [
            document.title
            for document in ProviderDocument.objects.visible_to(self.actor).filter(
                provider=self.object, is_current=True, valid_until__lt=clock.today()
            )
        ]
        return super().get_context(expired_documents=", ".join(expired), **extra)

    def get_tables(self) -> Sequence[Table]:
        one = self.object
        own = may_manage_catalogue(self.actor, one)
        tables = [
            table_of(
                MARK_COLUMNS,
                QualityMark.objects.visible_to(self.actor)
                .filter(provider=one)
                .order_by("kind", "-valid_from"),
                caption=_("Recognition over time"),
                empty=_("No recognition has been recorded."),
            ),
            table_of(
                LOCATION_COLUMNS,
                Location.objects.visible_to(self.actor).filter(provider=one).order_by("name"),
                caption=_("Locations"),
                empty=_("No locations yet."),
            ),
            *provider_tables(self.actor, one),
            *tables_about("provider", self.actor, one),
        ]
        if own or any(self.actor.with_permission(one) for one in CONTACT_READERS):
            tables.append(
                table_of(
                    CONTACT_COLUMNS + (OWN_CONTACT if own else ()),
                    ProviderContact.objects.visible_to(self.actor).filter(provider=one),
                    caption=_("Contacts"),
                    empty=_("No contacts yet."),
                )
            )
        if own or self.actor.with_permission(Permission.VIEW_CONTRACTS):
            tables.append(
                table_of(
                    DOCUMENT_COLUMNS
                    + DOCUMENT_FILE * may_read_files(self.actor, one)
                    + (OWN_DOCUMENT if own else ()),
                    ProviderDocument.objects.visible_to(self.actor).filter(provider=one),
                    caption=_("Documents"),
                    empty=_("No documents yet."),
                )
            )
        return tables


class ProviderEditPage(FormPage):
    """Contact details by the provider; name and numbers by those who register providers."""

    permission: Wanted | None = (Permission.MANAGE_CATALOGUE, *REGISTRARS)
    title = gettext_lazy("Change details of the provider")
    success_message = gettext_lazy("The details have been saved.")
    provider: Provider

    def prepare(self) -> None:
        self.provider = visible(self.actor, Provider, self.kwargs["uuid"], "organisation")
        self.registrar = may_register_providers(self.actor)
        if not (self.registrar or may_manage_catalogue(self.actor, self.provider)):
            raise NotAllowedError(_("This belongs to another provider. You can look, not change."))

    def get_form(self, *, bound: bool) -> forms.BaseForm:
        self.form_class = RegisteredProviderForm if self.registrar else ProviderForm  # type: ignore[misc]
        return super().get_form(bound=bound)

    def get_initial(self) -> dict[str, Any]:
        names = ("kvk_number", "duo_number", "bow_number", "brin", "email", "phone", "website")
        return {
            "name": self.provider.organisation.name,
            **{name: getattr(self.provider, name) for name in names},
        }

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Providers"), reverse("providers")),
            (str(self.provider), provider_url(self.provider)),
        )

    def perform(self, form: Any) -> Provider:
        return provider_update(actor=self.actor, provider=self.provider, **form.cleaned_data)

    def get_success_url(self, result: Provider) -> str:
        return provider_url(result)


class MarkNewPage(ProviderEditPage):
    """A recognition from a day on; the period before it ends the day before."""

    permission = REGISTRARS
    title = gettext_lazy("Record recognition")
    intro = gettext_lazy(
        "From the first day on, the recognition has this status. Without a valid recognition on "
        "the start date nobody can be placed (R-KEU-1, R-KEU-2)."
    )
    success_message = gettext_lazy("The recognition has been recorded.")

    def prepare(self) -> None:
        super().prepare()
        if not self.registrar:
            raise NotAllowedError

    def get_form(self, *, bound: bool) -> forms.BaseForm:
        kwargs: dict[str, Any] = {"initial": {"valid_from": clock.today()}}
        if bound:
            kwargs["data"] = self.request.POST
        return MarkForm(**kwargs)

    def perform(self, form: Any) -> Provider:
        quality_mark_record(actor=self.actor, provider=self.provider, **form.cleaned_data)
        return self.provider


class ContactNewPage(OwnProviderMixin, FormPage):
    title = gettext_lazy("Add contact")
    form_class = ContactForm
    success_message = gettext_lazy("The contact has been saved.")

    def perform(self, form: Any) -> Any:
        return contact_save(actor=self.actor, provider=self.provider, **form.cleaned_data)


class OwnRow(OwnProviderMixin):
    """A row of the file, loaded by its own address."""

    model: type[ProviderContact] | type[ProviderDocument]
    row: Any

    def prepare(self) -> None:
        self.row = visible(self.actor, self.model, self.kwargs["uuid"], "provider__organisation")
        self.provider = self.row.provider
        if not may_manage_catalogue(self.actor, self.provider):
            raise NotAllowedError(_("This belongs to another provider. You can look, not change."))


class ContactEditPage(OwnRow, FormPage):
    model = ProviderContact
    title = gettext_lazy("Change contact")
    form_class = ContactForm
    success_message = gettext_lazy("The contact has been saved.")

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.row, name) for name in ("name", "role", "email", "phone")}

    def perform(self, form: Any) -> Any:
        return contact_save(
            actor=self.actor, provider=self.provider, contact=self.row, **form.cleaned_data
        )


class ContactRemovePage(OwnRow, ConfirmPage):
    model = ProviderContact
    title = gettext_lazy("Remove this contact?")
    submit_label = gettext_lazy("Yes, remove")
    success_message = gettext_lazy("The contact has been removed.")

    def get_consequences(self) -> Sequence[Text]:
        return [_("“%(name)s” no longer stands at your school.") % {"name": self.row.name}]

    def perform(self, form: Any) -> None:
        contact_remove(actor=self.actor, contact=self.row)


class DocumentNewPage(OwnProviderMixin, FormPage):
    title = gettext_lazy("Add document")
    intro = gettext_lazy(
        "A document takes the place of the one before it of the same kind. "
        "Some kinds expire by themselves, such as an extract of the Chamber of Commerce."
    )
    form_class = DocumentForm
    success_message = gettext_lazy("The document has been added.")

    def perform(self, form: Any) -> Any:
        return document_add(actor=self.actor, provider=self.provider, **form.cleaned_data)


class DocumentRemovePage(OwnRow, ConfirmPage):
    model = ProviderDocument
    title = gettext_lazy("Remove this document?")
    submit_label = gettext_lazy("Yes, remove")
    success_message = gettext_lazy("The document has been removed.")

    def get_consequences(self) -> Sequence[Text]:
        return [
            _("“%(title)s” is off the file; an older one of its kind counts again.")
            % {"title": self.row.title}
        ]

    def perform(self, form: Any) -> None:
        document_remove(actor=self.actor, document=self.row)
