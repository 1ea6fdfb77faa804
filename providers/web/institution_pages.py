"""DUO's list of institutions: fetch or upload, look at what changes, then import."""

from operator import itemgetter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.common.errors import NotAllowedError
from backend.common.imports import ImportFaultsError, Preview
from backend.organisations.permissions import Permission
from backend.web.pages import FormPage
from backend.web.tables import Column, table_of
from backend.web.values import Lines
from providers.models import Provider
from providers.policies import may_register_providers
from providers.services.institution_list import (
    MAX_BYTES,
    institution_list_fetch,
    institution_list_read,
)
from providers.services.institutions import MARKS, institutions_check, institutions_import, parse
from providers.web.forms import InstitutionsForm

SESSION_KEY = "institutions"
FAULT_COLUMNS = (
    Column("where", gettext_lazy("Where"), "field", header=True),
    Column("what", gettext_lazy("What is wrong"), "message"),
)
CHANGE_COLUMNS = (
    Column("name", gettext_lazy("Institution"), "name", header=True),
    Column("number", gettext_lazy("DUO number"), "number"),
    Column("fields", gettext_lazy("What changes"), "fields"),
)


class InstitutionsPage(FormPage):
    """Two steps: the preview says what is new, changed, missing and lost; then it is imported."""

    permission = (Permission.MANAGE_CONTRACTS, Permission.MANAGE_ACCOUNTS)
    template_name = "providers/institutions.html"
    title = gettext_lazy("List of institutions of DUO")
    intro = gettext_lazy(
        "Schools at which DUO accepts offers, with their recognition. You first see what changes."
    )
    form_class = InstitutionsForm

    def prepare(self) -> None:
        if not may_register_providers(self.actor):
            raise NotAllowedError

    def get_breadcrumbs(self) -> Any:
        return ((_("Providers"), reverse("providers")),)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "import" in request.POST:
            return self._import(request)
        return super().post(request, *args, **kwargs)

    def perform(self, form: Any) -> object:
        upload = form.cleaned_data["file"]
        if upload is None:
            document = institution_list_fetch(actor=self.actor)
        else:
            document = institution_list_read(upload.read(MAX_BYTES + 1))
        self.request.session[SESSION_KEY] = document
        return document

    def get_success_url(self, result: object) -> str:
        return reverse("institutions") + "?step=preview"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("step") == "preview" and SESSION_KEY in request.session:
            self.prepare()
            return self._preview(request.session[SESSION_KEY])
        return super().get(request, *args, **kwargs)

    def _preview(self, document: object, status: int = 200) -> HttpResponse:
        preview = institutions_check(actor=self.actor, document=document, on=clock.today())
        return self.show(status=status, preview=preview, **self._tables(document, preview))

    def _tables(self, document: object, preview: Preview) -> dict[str, Any]:
        if preview.faults:
            faults = table_of(
                FAULT_COLUMNS, preview.faults, caption=_("Mistakes in the list"),
                caption_visible=True,
            )  # fmt: skip
            return {"faults_table": faults}
        rows, _faults = parse(document)
        listed = {one.number: one for one in rows}
        changed = [
            {
                "name": listed[one.key].name,
                "number": one.key,
                "fields": Lines(tuple(_in_words(field, listed[one.key]) for field in one.fields)),
            }
            for one in preview.changed
        ]
        lost = [
            row["name"]
            for row, one in zip(changed, preview.changed, strict=True)
            if listed[one.key].lost_marks(one.fields)
        ]
        missing = Provider.objects.filter(duo_number__in=preview.missing)
        new = [listed[number] for number in preview.new]
        return {
            "lost": ", ".join(map(str, lost)),
            "changed_table": table_of(
                _read_keys(CHANGE_COLUMNS), changed, caption=_("Changed institutions"),
                empty=_("Nothing changes at known institutions."),
            ),
            "new_table": table_of(
                NEW_COLUMNS, new, caption=_("New institutions"), empty=_("No new institutions.")
            ),
            "missing": ", ".join(
                str(one) for one in missing.select_related("organisation").order_by("pk")
            ),
        }  # fmt: skip

    def _import(self, request: HttpRequest) -> HttpResponse:
        self.prepare()
        document = request.session.get(SESSION_KEY)
        if document is None:
            return HttpResponseRedirect(reverse("institutions"))
        try:
            institutions_import(actor=self.actor, document=document, on=clock.today())
        except ImportFaultsError:
            return self._preview(document, status=400)
        del request.session[SESSION_KEY]
        messages.success(request, _("The list has been imported."))
        return HttpResponseRedirect(reverse("providers"))


def _in_words(field: str, row: Any) -> str:
    if field in MARKS:
        mark = _("Quality mark") if field == "indicatieBowKeurmerk" else _("TST")
        words = _("%(mark)s falls away") if row.lost_marks((field,)) else _("%(mark)s is new")
        return words % {"mark": mark}
    return {
        "naam": _("Name"),
        "bow": _("Blik op Werk number"),
        "brin": _("BRIN"),
        "adres": _("Address"),
    }.get(field, field)


def _read_keys(columns: Any) -> tuple[Column, ...]:
    """Columns of rows that are dictionaries."""
    return tuple(
        Column(one.key, one.label, itemgetter(one.value), header=one.header) for one in columns
    )


NEW_COLUMNS = (
    Column("name", gettext_lazy("Institution"), "name", header=True),
    Column("number", gettext_lazy("DUO number"), "number"),
    Column("place", gettext_lazy("Place"), "place"),
    Column("keurmerk", gettext_lazy("Quality mark"), "has_keurmerk"),
    Column("tst", gettext_lazy("TST"), "has_tst"),
)
