"""Options, KPI and documents: the forms behind the page of a contract."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from backend.web.pages import FormPage
from procurement.choices import DocumentKind
from procurement.models import ContractDocument, ContractVersion, ExtensionOption
from procurement.services.documents import DocumentDraft, document_change, documents_add
from procurement.services.kpis import KpiDraft, kpi_agreements_set
from procurement.services.options import option_add, option_decline, option_exercise
from procurement.web import award_rows, fields
from procurement.web.common import MANAGER, OfContract
from procurement.web.status_steps import ReasonForm
from procurement.web.term_steps import OnVersion

KPI_ROWS = 10


class OptionForm(forms.Form):
    end_date = fields.day(gettext_lazy("Extend to"))
    notice_date = fields.day(gettext_lazy("Decide before or on"))


class OptionNewPage(OfContract, FormPage):
    permission = MANAGER
    anchor = "options"
    title = gettext_lazy("Add an option to extend")
    form_class = OptionForm
    success_message = gettext_lazy("The option has been added.")

    def perform(self, form: forms.BaseForm) -> ExtensionOption:
        return option_add(actor=self.actor, contract=self.contract, **form.cleaned_data)


class _OnOption(OfContract, FormPage):
    permission = MANAGER
    anchor = "options"
    form_class = ReasonForm
    option: ExtensionOption

    def prepare(self) -> None:
        self.option = self.load(
            ExtensionOption, "contract__buyer", "contract__provider__organisation"
        )
        self.contract = self.option.contract


class ExercisePage(_OnOption):
    title = gettext_lazy("Extend this contract with the option")
    intro = gettext_lazy("This cannot be undone. The contract runs on to the end of the option.")
    submit_label = gettext_lazy("Extend the contract")
    success_message = gettext_lazy("The contract has been extended. Check the tariffs.")

    def perform(self, form: forms.BaseForm) -> ContractVersion:
        return option_exercise(actor=self.actor, option=self.option, **form.cleaned_data)


class DeclinePage(_OnOption):
    title = gettext_lazy("Do not extend this contract")
    intro = gettext_lazy("This cannot be undone. The option is lost and the contract ends.")
    submit_label = gettext_lazy("Do not extend")
    success_message = gettext_lazy("The option will not be used.")

    def perform(self, form: forms.BaseForm) -> ExtensionOption:
        return option_decline(actor=self.actor, option=self.option, **form.cleaned_data)


class KpiForm(forms.Form):
    """One row per agreement: indicator, norm, weight, smallest number; empty rows do not count."""

    def __init__(self, *args: Any, rows: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.starts = [f"kpi_{row}_" for row in range(1, rows + 1)]
        for row in range(1, rows + 1):
            self.fields |= award_rows.kpi_fields(row)

    @property
    def rows(self) -> list[list[Any]]:
        return [[self[start + name] for name in award_rows.KPI] for start in self.starts]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.used = award_rows.used_rows(self, self.starts, award_rows.KPI, award_rows.KPI_NEEDS)
        return data

    def drafts(self) -> list[KpiDraft]:
        return [award_rows.kpi_draft(self.cleaned_data, start) for start in self.used]


class KpiPage(OnVersion, FormPage):
    permission = MANAGER
    anchor = "kpi"
    title = gettext_lazy("KPI of this version")
    intro = gettext_lazy("The weights add up to 100. Empty rows do not count.")
    template_name = "procurement/kpis.html"
    form_class = KpiForm
    success_message = gettext_lazy("The KPI have been saved.")

    def prepare(self) -> None:
        super().prepare()
        self.present = list(self.version.kpi_agreements.all())

    def get_form_kwargs(self) -> dict[str, Any]:
        # What is there always fits, with room for more.
        return {"rows": max(KPI_ROWS, len(self.present) + 3)}

    def get_initial(self) -> dict[str, Any]:
        return {
            f"kpi_{row}_{name}": getattr(one, name)
            for row, one in enumerate(self.present, start=1)
            for name in award_rows.KPI
        }

    @property
    def error_fields(self) -> Mapping[str, str]:  # type: ignore[override]
        """From `kpi_agreements.<n>.norm` to the row of the form that it came from."""
        return {
            f"kpi_agreements.{number}.{name}": start + name
            for number, start in enumerate(getattr(self, "used_rows", []))
            for name in award_rows.KPI
        }

    def perform(self, form: Any) -> Any:
        self.used_rows = form.used
        return kpi_agreements_set(actor=self.actor, version=self.version, drafts=form.drafts())


class DocumentForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=DocumentKind.choices)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=160)
    issued_date = fields.day(
        gettext_lazy("Date of the document"),
        required=False,
        help_text=gettext_lazy("Leave empty while the document is still to come."),
    )
    maximum_age_months = fields.number(gettext_lazy("May be this many months old"))
    location = forms.CharField(
        label=gettext_lazy("Where it is kept"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("For example the case number in your own archive."),
    )
    required = forms.BooleanField(
        label=gettext_lazy("The contract cannot be in force without it"), required=False
    )

    def draft(self) -> DocumentDraft:
        return DocumentDraft(**self.cleaned_data)


class DocumentNewPage(OfContract, FormPage):
    permission = MANAGER
    anchor = "documents"
    title = gettext_lazy("Add a document")
    form_class = DocumentForm
    success_message = gettext_lazy("The document has been added.")

    def get_initial(self) -> dict[str, Any]:
        return {"required": True}

    def perform(self, form: Any) -> Any:
        return documents_add(actor=self.actor, contract=self.contract, drafts=[form.draft()])


class DocumentChangePage(OfContract, FormPage):
    permission = MANAGER
    anchor = "documents"
    title = gettext_lazy("Change this document")
    form_class = DocumentForm
    success_message = gettext_lazy("The document has been changed.")

    def prepare(self) -> None:
        self.document = self.load(
            ContractDocument, "contract__buyer", "contract__provider__organisation"
        )
        self.contract = self.document.contract

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.document, name) for name in DocumentForm.base_fields}

    def perform(self, form: Any) -> Any:
        return document_change(actor=self.actor, document=self.document, draft=form.draft())
