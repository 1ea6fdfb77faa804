"""Taking over a sheet of contracts: template, check, preview, commit."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.spreadsheets import CSV_TYPE, XLSX_TYPE, check_size, write_csv, write_xlsx
from backend.organisations.models import Organisation
from backend.web.pages import Action, ConfirmPage, Crumb, Fact, FormPage, Page
from backend.web.tables import Column, table_of
from backend.web.values import Lines
from procurement.models import ContractSheet
from procurement.selectors.buyers import buyers_for
from procurement.services.contract_sheet_columns import CONTRACTS
from procurement.services.contract_sheets import contract_sheet_check, contract_sheet_commit
from procurement.web import fields
from procurement.web.common import MANAGER

SHOWN = 200
FAULT_COLUMNS = (
    Column("row", gettext_lazy("Row"), lambda one: one["row"] or None, numeric=True, header=True),
    Column("column", gettext_lazy("Column"), lambda one: one["column"]),
    Column("value", gettext_lazy("Value"), lambda one: one["value"]),
    Column("message", gettext_lazy("What is wrong"), lambda one: one["message"]),
    Column("advice", gettext_lazy("What to do"), lambda one: one["advice"]),
)


class SheetForm(forms.Form):
    buyer = fields.OrganisationField(
        label=gettext_lazy("Buyer"), queryset=Organisation.objects.none()
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("A workbook (XLSX) or a CSV file."),
        # An empty file gets the sentence that says what to do.
        allow_empty_file=True,
    )

    def __init__(self, *args: Any, buyers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["buyer"].queryset = buyers  # type: ignore[attr-defined]


class SheetNewPage(FormPage):
    permission = MANAGER
    title = gettext_lazy("Import contracts")
    intro = gettext_lazy(
        "Put your contracts in the template, or give the columns of your own sheet its headings. "
        "First everything is checked; nothing changes until you take it over."
    )
    form_class = SheetForm
    submit_label = gettext_lazy("Check the file")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Contracts"), reverse("contracts")),)

    def get_actions(self) -> Sequence[Action]:
        return (
            Action(_("Template (Excel)"), reverse("contract-sheet-template", args=["xlsx"])),
            Action(_("Template (CSV)"), reverse("contract-sheet-template", args=["csv"])),
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"buyers": buyers_for(self.actor)}

    def get_initial(self) -> dict[str, Any]:
        return {"buyer": buyers_for(self.actor).first()}

    def perform(self, form: forms.BaseForm) -> ContractSheet:
        file = form.cleaned_data["file"]
        check_size(file.size or 0)
        return contract_sheet_check(
            actor=self.actor,
            buyer=form.cleaned_data["buyer"],
            file_name=file.name or "",
            content=file.read(),
        )

    def get_success_url(self, result: ContractSheet) -> str:
        return reverse("contract-sheet", args=[result.uuid])


class SheetTemplate(Page):
    permission = MANAGER

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        ending = self.kwargs["ending"]
        content, kind = (
            (write_xlsx([(CONTRACTS, [])]), XLSX_TYPE)
            if ending == "xlsx"
            else (write_csv(CONTRACTS, []), CSV_TYPE)
        )
        response = HttpResponse(content, content_type=kind)
        response["Content-Disposition"] = f'attachment; filename="contracten.{ending}"'
        return response


class SheetPage(ConfirmPage):
    """The report of a sheet; without faults it can be taken over."""

    permission = MANAGER
    template_name = "procurement/sheet.html"
    submit_label = gettext_lazy("Take over these contracts")
    success_message = gettext_lazy(
        "The contracts have been taken over as drafts. Check each one and bring it into force."
    )
    danger = False
    sheet: ContractSheet

    def prepare(self) -> None:
        found = (
            ContractSheet.objects.visible_to(self.actor)
            .select_related("buyer")
            .defer("content")
            .filter(uuid=self.kwargs["uuid"])
            .first()
        )
        if found is None:
            raise Http404
        self.sheet = found

    def get_title(self) -> str:
        return _("Check of %(file)s") % {"file": self.sheet.file_name}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Contracts"), reverse("contracts")),
            (_("Import contracts"), reverse("contract-sheet-new")),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        report = self.sheet.report
        faults = report["faults"]
        names = (
            (_("New contracts"), "new"),
            (_("Changed contracts"), "changed"),
            (_("Unchanged contracts"), "unchanged"),
            (_("Not in the file (they stay as they are)"), "missing"),
        )
        return super().get_context(
            sheet=self.sheet,
            total=len(faults),
            faults_table=table_of(FAULT_COLUMNS, faults[:SHOWN], caption=_("Mistakes in the file")),
            facts=[
                *(Fact(label, Lines(tuple(report[name][:SHOWN]))) for label, name in names),
                Fact(_("New prices"), report["prices"]),
            ],
            nothing=not (report["new"] or report["changed"]),
            **extra,
        )

    def perform(self, form: forms.BaseForm) -> Any:
        return contract_sheet_commit(actor=self.actor, sheet=self.sheet)

    def get_success_url(self, result: Any) -> str:
        return reverse("contracts") + "?status=draft"
