"""A claim from a file: upload, report with every mistake, send."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.spreadsheets import check_size
from backend.web.pages import ConfirmPage, Crumb, Fact, FormPage
from backend.web.tables import table_of
from backend.web.values import Lines, Money, Text
from procurement.models import Claim, ClaimSheet
from procurement.services.claim_sheets import claim_sheet_check, claim_sheet_send
from procurement.web.claim_entry import OWN, SHOWN, OfMonth, month_text
from procurement.web.claim_pages import claim_url
from procurement.web.sheets import FAULT_COLUMNS


class UploadForm(forms.Form):
    number = forms.CharField(label=gettext_lazy("Claim number"), max_length=40)
    file = forms.FileField(
        label=gettext_lazy("File"), help_text=gettext_lazy("A workbook (XLSX) or a CSV file.")
    )


class ClaimUploadPage(OfMonth, FormPage):
    permission = OWN
    title = gettext_lazy("Send a file with claim lines")
    intro = gettext_lazy(
        "Download the lines that follow from what was delivered, change them, and send them here."
        " First everything is checked; nothing is claimed until you send it."
    )
    form_class = UploadForm
    submit_label = gettext_lazy("Check the file")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        where = reverse("claim-prepare", args=self.where)
        return (*super().get_breadcrumbs(), (month_text(self.month), where))

    def get_initial(self) -> dict[str, Any]:
        return {"number": self.free_number()}

    def perform(self, form: forms.BaseForm) -> ClaimSheet:
        file = form.cleaned_data["file"]
        check_size(file.size or 0)
        return claim_sheet_check(
            actor=self.actor,
            contract=self.contract,
            municipality=self.municipality,
            number=form.cleaned_data["number"],
            month=self.month,
            file_name=file.name or "",
            content=file.read(),
        )

    def get_success_url(self, result: ClaimSheet) -> str:
        return reverse("claim-sheet", args=[result.uuid])


class ClaimSheetPage(ConfirmPage):
    """The report of a file with lines; without faults it can be sent."""

    permission = OWN
    template_name = "procurement/claim_sheet.html"
    submit_label = gettext_lazy("Send this claim")
    success_message = gettext_lazy("The claim has been sent.")
    danger = False
    sheet: ClaimSheet

    def prepare(self) -> None:
        found = (
            ClaimSheet.objects.visible_to(self.actor)
            .select_related("contract__provider", "municipality", "claim")
            .filter(uuid=self.kwargs["uuid"])
            .first()
        )
        if found is None:
            raise Http404
        self.sheet = found

    @property
    def again(self) -> str:
        one = self.sheet
        where = [one.contract.uuid, one.municipality.uuid, one.month.year, one.month.month]
        return reverse("claim-upload", args=where)

    def get_title(self) -> Text:
        return _("Check of %(file)s") % {"file": self.sheet.file_name}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Claims"), reverse("claims")),
            (_("Send a file with claim lines"), self.again),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        report, one = self.sheet.report, self.sheet
        faults = report["faults"]
        return super().get_context(
            sheet=one,
            again=self.again,
            total=len(faults),
            faults_table=table_of(FAULT_COLUMNS, faults[:SHOWN], caption=_("Mistakes in the file")),
            claim_link=claim_url(one.claim) if one.claim else "",
            facts=[
                Fact(_("Contract"), one.contract.number),
                Fact(_("Municipality"), one.municipality.name),
                Fact(_("Month"), month_text(one.month)),
                Fact(_("Claim number"), one.number),
                Fact(_("Lines of this claim"), report["lines"]),
                Fact(_("Amount of this claim"), Money(Decimal(report["amount"]))),
                Fact(
                    _("More than was reported as delivered"),
                    Lines(tuple(report["warnings"][:SHOWN])),
                ),
            ],
            **extra,
        )

    def perform(self, form: forms.BaseForm) -> Claim:
        return claim_sheet_send(actor=self.actor, sheet=self.sheet)

    def get_success_url(self, result: Claim) -> str:
        return claim_url(result)
