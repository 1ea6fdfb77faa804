"""Options, KPI and documents: the forms behind the page of a contract."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.web.pages import FormPage
from procurement.choices import DocumentKind
from procurement.kpi_codes import KPI_CODES
from procurement.models import ContractDocument, ContractVersion, ExtensionOption
from procurement.services.documents import DocumentDraft, document_change, documents_add
from procurement.services.kpis import KpiDraft, kpi_agreements_set
from procurement.services.options import option_add, option_decline, option_exercise
from procurement.web import fields
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


def _decimal(label: str) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, localize=True, min_value=Decimal(0))


class KpiForm(forms.Form):
    """One row per agreement: indicator, norm, weight, smallest number; empty rows do not count."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = [("", _("none"))]
        codes += [(one.code, f"{one.code} {one.title}") for one in KPI_CODES.values()]
        for row in range(1, KPI_ROWS + 1):
            name = {"row": row}
            self.fields[f"indicator_{row}"] = forms.ChoiceField(
                label=_("Indicator %(row)s") % name, choices=codes, required=False
            )
            self.fields[f"norm_{row}"] = _decimal(_("Norm %(row)s") % name)
            self.fields[f"weight_{row}"] = _decimal(_("Weight %(row)s") % name)
            self.fields[f"minimum_n_{row}"] = fields.number(_("Smallest number %(row)s") % name)

    @property
    def rows(self) -> list[list[Any]]:
        names = ("indicator", "norm", "weight", "minimum_n")
        return [[self[f"{name}_{row}"] for name in names] for row in range(1, KPI_ROWS + 1)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.used = [row for row in range(1, KPI_ROWS + 1) if data.get(f"indicator_{row}")]
        for row in self.used:
            for name in ("norm", "weight"):
                if data.get(f"{name}_{row}") is None and f"{name}_{row}" not in self.errors:
                    self.add_error(f"{name}_{row}", _("Fill this in, or leave the row out."))
        return data

    def drafts(self) -> list[KpiDraft]:
        data = self.cleaned_data
        return [
            KpiDraft(
                data[f"indicator_{row}"],
                data[f"norm_{row}"],
                data[f"weight_{row}"],
                data[f"minimum_n_{row}"] or 10,
            )
            for row in self.used
        ]


class KpiPage(OnVersion, FormPage):
    permission = MANAGER
    anchor = "kpi"
    title = gettext_lazy("KPI of this version")
    intro = gettext_lazy("The weights add up to 100. Rows without an indicator do not count.")
    template_name = "procurement/kpis.html"
    form_class = KpiForm
    success_message = gettext_lazy("The KPI have been saved.")

    def get_initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = {}
        for row, one in enumerate(self.version.kpi_agreements.all(), start=1):
            initial |= {
                f"indicator_{row}": one.indicator,
                f"norm_{row}": one.norm,
                f"weight_{row}": one.weight,
                f"minimum_n_{row}": one.minimum_n,
            }
        return initial

    @property
    def error_fields(self) -> Mapping[str, str]:  # type: ignore[override]
        """From `kpi_agreements.<n>.norm` to the row of the form that it came from."""
        return {
            f"kpi_agreements.{number}.{name}": f"{name}_{row}"
            for number, row in enumerate(getattr(self, "used_rows", []))
            for name in ("indicator", "norm", "weight", "minimum_n")
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
