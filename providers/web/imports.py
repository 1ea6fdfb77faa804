"""Download the catalogue, change it in a spreadsheet, upload, look at the changes, publish (J5)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.common.errors import DomainError
from backend.common.spreadsheets import CSV_TYPE, LIMITS, XLSX_TYPE, megabytes
from backend.organisations.permissions import Permission
from backend.web.filters import ChoiceFilter, PageFilterSet, SearchFilter
from backend.web.pages import Action, Crumb, DetailPage, Fact, FormPage, ListPage, Page
from backend.web.tables import Column
from backend.web.values import Badge, Link, Text, Tone, Value
from backend.web.views import status_of
from providers.choices import ImportState
from providers.models import CatalogueImport, Provider
from providers.spreadsheets.background import catalogue_import_publish_soon
from providers.spreadsheets.exporting import catalogue_csv, catalogue_workbook
from providers.spreadsheets.services import (
    UploadedFile,
    catalogue_import_check,
    refuse_too_large,
)
from providers.spreadsheets.sheets import ENTITY_BY_NAME, SHEETS
from providers.web import import_report
from providers.web.own import own_providers

STATE_TONES: dict[str, Tone] = {
    ImportState.WAITING: "info",
    ImportState.FAULTY: "danger",
    ImportState.CHECKED: "warning",
    ImportState.WRITING: "info",
    ImportState.PUBLISHED: "success",
}
# What a list does not need, and what may be megabytes.
LARGE = ("changes", "preview", "faults", "skipped", "fingerprint")


def state_badge(report: CatalogueImport) -> Badge:
    return Badge(report.get_state_display(), STATE_TONES[report.state])


def report_link(report: CatalogueImport) -> Value:
    return Link(report.file_name, reverse("catalogue-import", args=[report.uuid]))


class ImportFilters(PageFilterSet):
    search = SearchFilter(field_name="file_name", lookup_expr="icontains")
    state = ChoiceFilter(label=gettext_lazy("Status"), choices=ImportState.choices)

    class Meta:
        model = CatalogueImport
        fields: tuple[str, ...] = ()


class ImportList(ListPage):
    """Every file that was uploaded, by whom, and what became of it."""

    permission = Permission.MANAGE_CATALOGUE
    model = CatalogueImport
    title = gettext_lazy("Update the catalogue by spreadsheet")
    intro = gettext_lazy(
        "Download your catalogue, change it in your spreadsheet program, and upload it again. "
        "You see what changes before anything is published."
    )
    filterset_class = ImportFilters
    default_sort = "-created"
    export_name = "catalogue-imports"
    empty_title = gettext_lazy("No file has been uploaded yet")
    empty_text = gettext_lazy("Download the template, fill it in and upload it.")
    columns = (
        Column("file", gettext_lazy("File"), report_link, sort=("file_name",), header=True),
        Column("created", gettext_lazy("Uploaded"), "created_at", sort=("created_at",)),
        Column("by", gettext_lazy("By"), "checked_by", sort=("checked_by",)),
        Column("state", gettext_lazy("Status"), state_badge, sort=("state",)),
        Column("rows", gettext_lazy("Rows"), "row_count", sort=("row_count",), numeric=True),
        Column("published", gettext_lazy("Published"), "published_at", sort=("published_at",)),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().defer(*LARGE)

    def get_actions(self) -> Sequence[Action]:
        return (
            Action(_("Upload a file"), reverse("catalogue-import-new"), primary=True),
            Action(_("Download template"), reverse("catalogue-template")),
        )


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Spreadsheet"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        # An empty file gets the sentence that says what to do.
        allow_empty_file=True,
        max_length=200,
    )

    def __init__(self, *args: Any, providers: Sequence[Provider], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.providers = providers
        self.fields["file"].help_text = _("An XLSX or CSV file of at most %(limit)s MB.") % {
            "limit": megabytes(LIMITS.file_bytes)
        }
        if len(providers) > 1:
            self.fields["provider"] = forms.ChoiceField(
                label=_("Provider"), choices=[(str(one.uuid), str(one)) for one in providers]
            )

    def provider(self) -> Provider:
        wanted = self.cleaned_data.get("provider", "")
        return next((one for one in self.providers if str(one.uuid) == wanted), self.providers[0])


class ImportNewPage(FormPage):
    """Upload a file to be checked; nothing is published yet."""

    permission = Permission.MANAGE_CATALOGUE
    template_name = "providers/catalogue_import_new.html"
    title = gettext_lazy("Upload a spreadsheet")
    form_class = UploadForm
    submit_label = gettext_lazy("Check")

    def prepare(self) -> None:
        self.providers = own_providers(self.actor)
        if not self.providers:
            raise Http404

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"providers": self.providers}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (_list_crumb(),)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return super().get_context(downloads=_downloads(self.providers), **extra)

    def perform(self, form: Any) -> CatalogueImport:
        file = form.cleaned_data["file"]
        refuse_too_large(file.size)
        return catalogue_import_check(
            actor=self.actor,
            provider=form.provider(),
            file=UploadedFile(file.name, file.read()),
        )

    def get_success_url(self, result: CatalogueImport) -> str:
        return reverse("catalogue-import", args=[result.uuid])


class ImportPage(DetailPage):
    """The report on one file: its faults, or what publishing it changes, or what it has changed."""

    permission = Permission.MANAGE_CATALOGUE
    model = CatalogueImport
    template_name = "providers/catalogue_import.html"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().defer("changes").select_related("provider__organisation")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (_list_crumb(),)

    def get_actions(self) -> Sequence[Action]:
        return (Action(_("Upload another file"), reverse("catalogue-import-new")),)

    def get_facts(self) -> Sequence[Fact]:
        report = self.object
        facts = [
            Fact(_("Status"), state_badge(report)),
            Fact(_("Provider"), str(report.provider)),
            Fact(_("Checked by"), report.checked_by),
            Fact(_("Checked"), report.checked_at),
            Fact(_("Rows"), report.row_count),
            Fact(_("Fingerprint of the file"), report.file_hash[:16]),
        ]
        if report.published_at:
            facts.append(Fact(_("Published by"), report.published_by))
            facts.append(Fact(_("Published"), report.published_at))
        return facts

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        return self._page()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Publishes; a refusal shows this page again with the reason."""
        self.object = self.get_object()
        try:
            self.object = catalogue_import_publish_soon(
                actor=self.actor,
                catalogue_import=self.object,
                skip=request.POST.getlist("skip"),
                remove_missing="remove_missing" in request.POST,
            )
        except DomainError as error:
            return self._page(status=status_of(error), refusal=str(error.message))
        if self.object.state == ImportState.PUBLISHED:
            messages.success(request, _("The catalogue has been published."))
        return HttpResponseRedirect(reverse("catalogue-import", args=[self.object.uuid]))

    def _page(self, *, status: int = 200, refusal: str = "") -> HttpResponse:
        report = self.object
        context = self.get_context(
            object=report,
            facts=self.get_facts(),
            refusal=refusal,
            waiting=report.state in {ImportState.WAITING, ImportState.WRITING},
            writing=report.state == ImportState.WRITING,
            faults=import_report.faults_table(report),
            counts=import_report.counts_table(report),
            changes=import_report.change_rows(report),
            shown=len(report.preview),
            total=import_report.total_changes(report),
            removed=import_report.total(report, "removed"),
            can_publish=report.state == ImportState.CHECKED,
            is_published=report.state == ImportState.PUBLISHED,
        )
        # While the file waits, htmx asks for the middle of the page only.
        name = "catalogue_import_state" if getattr(self.request, "htmx", False) else None
        template = f"providers/{name}.html" if name else self.template_name
        return render(self.request, template, context, status=status)


class TemplatePage(Page):
    """The catalogue as a file: `?format=csv&sheet=courses` for one sheet as CSV."""

    permission = Permission.MANAGE_CATALOGUE
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        provider = self._provider()
        name = f"passend-{provider.organisation.code}-{clock.today().isoformat()}"
        if request.GET.get("format", "xlsx") == "csv":
            entity = ENTITY_BY_NAME.get(request.GET.get("sheet", ""))
            if entity is None:
                raise Http404
            title = entity.sheet.title().lower()
            return _download(catalogue_csv(provider, entity.sheet), CSV_TYPE, f"{name}-{title}.csv")
        return _download(catalogue_workbook(provider), XLSX_TYPE, f"{name}.xlsx")

    def _provider(self) -> Provider:
        """The provider asked for, among one's own; without asking the first of them."""
        wanted = self.request.GET.get("provider")
        for one in own_providers(self.actor):
            if wanted in (None, str(one.uuid)):
                return one
        raise Http404


def _download(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _list_crumb() -> Crumb:
    return _("Update by spreadsheet"), reverse("catalogue-imports")


def _downloads(providers: Sequence[Provider]) -> list[tuple[Text, list[Link]]]:
    """Per provider the template as a workbook, and each sheet as CSV."""
    base = reverse("catalogue-template")
    return [
        (
            str(one) if len(providers) > 1 else "",
            [
                Link(_("Template with your catalogue (XLSX)"), f"{base}?provider={one.uuid}"),
                *(
                    Link(
                        _("%(sheet)s (CSV)") % {"sheet": sheet.title()},
                        f"{base}?provider={one.uuid}&format=csv&sheet={sheet.name}",
                    )
                    for sheet in SHEETS
                ),
            ],
        )
        for one in providers
    ]
