"""The provider file on screen: who it is, its recognition, contacts and documents."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.common.errors import NotAllowedError
from backend.organisations.permissions import Permission
from backend.organisations.querysets import holds_on
from backend.web.filters import ChoiceFilter, PageFilterSet, SearchFilter
from backend.web.pages import Action, ConfirmPage, Crumb, DetailPage, Fact, FormPage, ListPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Lines, Link, Text, Value
from backend.web.views import Wanted
from providers.choices import MARK_STATUSES_IN_FORCE, MarkKind
from providers.models import (
    Location,
    Provider,
    ProviderContact,
    ProviderDocument,
    QualityMark,
)
from providers.policies import may_manage_catalogue, may_register_providers
from providers.ports import OpenFindings, open_findings
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
    LOCATION_COLUMNS,
    MARK_COLUMNS,
    OWN_CONTACT,
    OWN_DOCUMENT,
    findings_column,
    mark_badge,
)
from providers.web.provider_tables import provider_tables

REGISTRARS = (Permission.MANAGE_CONTRACTS, Permission.MANAGE_ACCOUNTS)


def provider_url(provider: Provider) -> str:
    return reverse("provider", args=[provider.uuid])


class ProviderFilters(PageFilterSet):
    search = SearchFilter(method="find", label=gettext_lazy("Name or number"))
    mark = ChoiceFilter(
        label=gettext_lazy("Recognised today"), choices=MarkKind.choices, method="recognised"
    )

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(
            Q(organisation__name__icontains=value)
            | Q(duo_number=value)
            | Q(bow_number=value)
            | Q(kvk_number=value)
            | Q(brin__iexact=value)
        )

    def recognised(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        marks = QualityMark.objects.filter(
            holds_on(clock.today()), kind=value, status__in=MARK_STATUSES_IN_FORCE
        )
        return queryset.filter(pk__in=marks.values("provider"))


class ProviderList(ListPage):
    """All providers, with the recognition they hold today."""

    permission = Permission.VIEW_CATALOGUE
    model = Provider
    title = gettext_lazy("Providers")
    intro = gettext_lazy("Language schools and other providers, with their recognition of today.")
    filterset_class = ProviderFilters
    default_sort = "name"
    export_name = "providers"
    empty_title = gettext_lazy("No providers yet")
    empty_text = gettext_lazy("Fetch the list of institutions from DUO, or register a provider.")
    columns = (
        Column(
            "name",
            gettext_lazy("Name"),
            lambda one: Link(str(one), provider_url(one)),
            sort=("organisation__name",),
            header=True,
        ),
        Column("marks", gettext_lazy("Recognition"), lambda one: Lines(one.marks_today)),
        Column("kvk", gettext_lazy("KvK number"), "kvk_number", sort=("kvk_number",)),
        Column("duo", gettext_lazy("DUO number"), "duo_number", sort=("duo_number",)),
        Column("bow", gettext_lazy("Blik op Werk number"), "bow_number", sort=("bow_number",)),
        Column(
            "courses",
            gettext_lazy("Courses offered"),
            "active_courses",
            sort=("active_courses",),
            numeric=True,
        ),
    )

    @cached_property
    def findings(self) -> OpenFindings | None:
        """For those who manage contracts the list begins where most waits (J2)."""
        if not self.actor.with_permission(Permission.VIEW_CONTRACTS):
            return None
        return open_findings(self.actor)

    def get_columns(self) -> Sequence[Column]:
        if self.findings is None:
            return self.columns
        return (*self.columns, findings_column(self.findings))

    def get_queryset(self) -> QuerySet[Any]:
        found = super().get_queryset().select_related("organisation")
        found = found.annotate(active_courses=Count("courses", filter=Q(courses__is_active=True)))
        if self.findings is None:
            return found
        self.default_sort = "-findings"  # type: ignore[misc]
        return found.annotate(open_findings=self.findings.number)

    def prepare(self, objects: Sequence[Any]) -> Sequence[Any]:
        marks: dict[int, list[Value]] = {}
        today = QualityMark.objects.filter(holds_on(clock.today()), provider__in=objects)
        for mark in today.order_by("kind"):
            marks.setdefault(mark.provider_id, []).append(mark_badge(mark))
        for one in objects:
            one.marks_today = tuple(marks.get(one.pk, ()))
        return objects

    def get_actions(self) -> Sequence[Action]:
        if not may_register_providers(self.actor):
            return ()
        return (Action(_("List of institutions of DUO"), reverse("institutions")),)


class ProviderPage(DetailPage):
    """One provider with what is on file; changing it is for those whom the policies allow."""

    permission = Permission.VIEW_CATALOGUE
    model = Provider
    template_name = "providers/provider.html"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("organisation")

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
