"""Bringing a contract into force, suspending it, ending it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.errors import Violation
from backend.web.pages import ConfirmPage, FormPage
from backend.web.values import Text
from procurement.models import Contract
from procurement.selectors.completeness import contract_gaps, contract_warnings
from procurement.services.contracts import (
    contract_activate,
    contract_change,
    contract_end,
    contract_suspend,
)
from procurement.web import fields
from procurement.web.common import MANAGER, OfContract, contract_url

# Where on the page of the contract a gap is filled.
PLACES = {
    "courses": "lots",
    "participations": "lots",
    "tariffs": "tariffs",
    "kpi_agreements": "kpi",
    "documents": "documents",
}


class ActivatePage(OfContract, ConfirmPage):
    """Brings the contract into force, or lists everything that it still lacks."""

    permission = MANAGER
    title = gettext_lazy("Bring this contract into force?")
    template_name = "procurement/activate.html"
    submit_label = gettext_lazy("Yes, bring into force")
    success_message = gettext_lazy("The contract is in force. Its version is locked.")
    danger = False

    def get_consequences(self) -> Sequence[Text]:
        return [
            _("Municipalities can place people under it from its first day."),
            _("Dates, ceilings and KPI only change by an amendment from now on."),
            _("The provider sees the contract as in force."),
        ]

    def get_context(self, **extra: Any) -> dict[str, Any]:
        gaps = contract_gaps(self.contract)
        return super().get_context(
            gaps=[self._gap(one) for one in gaps],
            warnings=[one.message for one in contract_warnings(self.contract)],
            **extra,
        )

    def _gap(self, gap: Violation) -> dict[str, Text]:
        named = [PLACES[part] for part in gap.field.split(".") if part in PLACES]
        anchor = named[0] if named else "lots"
        return {"text": gap.message, "url": f"{contract_url(self.contract)}#{anchor}"}

    def perform(self, form: forms.BaseForm) -> Contract:
        return contract_activate(actor=self.actor, contract=self.contract)


class ReasonForm(forms.Form):
    reason = fields.reason()


class SuspendPage(OfContract, FormPage):
    permission = MANAGER
    title = gettext_lazy("Suspend this contract")
    intro = gettext_lazy("No new places can be offered under it. What runs goes on.")
    form_class = ReasonForm
    submit_label = gettext_lazy("Suspend")
    success_message = gettext_lazy("The contract is suspended.")

    def perform(self, form: forms.BaseForm) -> Contract:
        return contract_suspend(actor=self.actor, contract=self.contract, **form.cleaned_data)


class EndPage(OfContract, FormPage):
    permission = MANAGER
    title = gettext_lazy("End this contract")
    intro = gettext_lazy("This cannot be undone. What runs goes on until it is finished.")
    form_class = ReasonForm
    submit_label = gettext_lazy("End the contract")
    success_message = gettext_lazy("The contract has ended.")

    def perform(self, form: forms.BaseForm) -> Contract:
        return contract_end(actor=self.actor, contract=self.contract, **form.cleaned_data)


class ContractChangeForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=160)
    start_date = fields.day(gettext_lazy("Start date"))
    end_date = fields.day(gettext_lazy("End date"))


class ContractChangePage(OfContract, FormPage):
    permission = MANAGER
    title = gettext_lazy("Change this draft")
    form_class = ContractChangeForm
    success_message = gettext_lazy("The contract has been changed.")

    def get_initial(self) -> dict[str, Any]:
        contract = self.contract
        return {
            "title": contract.title,
            "start_date": contract.start_date,
            "end_date": contract.end_date,
        }

    def perform(self, form: forms.BaseForm) -> Contract:
        return contract_change(actor=self.actor, contract=self.contract, **form.cleaned_data)
