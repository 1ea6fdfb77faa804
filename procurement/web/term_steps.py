"""Amendments and corrections: the forms behind the versions of a contract."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.web.pages import ConfirmPage, FormPage
from backend.web.values import Text
from procurement.models import ContractVersion
from procurement.services.versions import (
    CeilingTerms,
    VersionTerms,
    contract_amend,
    version_confirm,
    version_correct,
    version_withdraw,
)
from procurement.web import fields
from procurement.web.common import MANAGER, OfContract


class TermsForm(forms.Form):
    """What a new version says; the ceilings of each lot are added when the form is made."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=160)
    end_date = fields.day(gettext_lazy("End date of the contract"))
    notice_months = fields.number(gettext_lazy("Notice period in months"), required=True)
    payment_days = fields.number(gettext_lazy("Payment term in days"), required=True)
    reason = fields.reason()

    def __init__(self, *args: Any, contract_lots: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contract_lots = contract_lots
        for one in contract_lots:
            name = {"code": one.lot.code}
            self.fields[f"places_{one.pk}"] = fields.number(
                _("Maximum number of places of lot %(code)s") % name
            )
            self.fields[f"amount_{one.pk}"] = fields.money(
                _("Maximum amount of lot %(code)s in euros") % name, required=False
            )
        self.order_fields([name for name in self.fields if name != "reason"])

    def terms(self) -> VersionTerms:
        data = self.cleaned_data
        return VersionTerms(
            title=data["title"],
            end_date=data["end_date"],
            notice_months=data["notice_months"],
            payment_days=data["payment_days"],
            ceilings={
                one.pk: CeilingTerms(data[f"places_{one.pk}"], data[f"amount_{one.pk}"])
                for one in self.contract_lots
            },
        )


class AmendForm(TermsForm):
    effective_date = fields.day(gettext_lazy("Takes effect on"))
    field_order = ("effective_date", "title", "end_date", "notice_months", "payment_days")


class _Versioned(OfContract, FormPage):
    permission = MANAGER
    anchor = "versions"
    source: ContractVersion | None

    def get_form_kwargs(self) -> dict[str, Any]:
        lots = self.contract.contract_lots.select_related("lot", "ceiling").order_by(
            "lot__code", "pk"
        )
        found = list(lots)
        self.error_fields = {  # type: ignore[misc]
            f"ceilings.{number}.{name}": f"{name}_{one.pk}"
            for number, one in enumerate(found)
            for name in ("places", "amount")
        }
        return {"contract_lots": found}

    def get_initial(self) -> dict[str, Any]:
        source = self.source
        initial: dict[str, Any] = {
            "title": source.title if source else self.contract.title,
            "end_date": source.end_date if source else self.contract.end_date,
            "notice_months": source.notice_months if source else 6,
            "payment_days": source.payment_days if source else 30,
        }
        for one in self.get_form_kwargs()["contract_lots"]:
            ceiling = getattr(one, "ceiling", None)
            if ceiling is not None:
                initial[f"places_{one.pk}"] = ceiling.places
                initial[f"amount_{one.pk}"] = ceiling.amount
        return initial


class AmendPage(_Versioned):
    title = gettext_lazy("Amend this contract")
    intro = gettext_lazy(
        "You make a new version. Check its KPI on the page of the contract, then agree on it."
    )
    form_class = AmendForm
    submit_label = gettext_lazy("Save the amendment as a draft")
    success_message = gettext_lazy("The amendment is a draft. Agree on it to bring it into force.")

    def prepare(self) -> None:
        super().prepare()
        self.source = self.contract.versions.order_by("-number").first()

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"end_date": self.contract.end_date}

    def perform(self, form: Any) -> ContractVersion:
        return contract_amend(
            actor=self.actor,
            contract=self.contract,
            effective_date=form.cleaned_data["effective_date"],
            reason=form.cleaned_data["reason"],
            terms=form.terms(),
        )


class CorrectPage(_Versioned):
    title = gettext_lazy("Correct this version")
    intro = gettext_lazy(
        "Use this when a version was recorded wrongly. What was recorded before stays on record."
    )
    form_class = TermsForm
    submit_label = gettext_lazy("Save the correction as a draft")
    success_message = gettext_lazy("The correction is a draft. Agree on it to bring it into force.")

    def prepare(self) -> None:
        self.source = self.load(
            ContractVersion, "contract__buyer", "contract__provider__organisation"
        )
        self.contract = self.source.contract

    def perform(self, form: Any) -> ContractVersion:
        assert self.source is not None
        return version_correct(
            actor=self.actor,
            version=self.source,
            reason=form.cleaned_data["reason"],
            terms=form.terms(),
        )


class OnVersion(OfContract):
    anchor = "versions"
    version: ContractVersion

    def prepare(self) -> None:
        self.version = self.load(
            ContractVersion, "contract__buyer", "contract__provider__organisation"
        )
        self.contract = self.version.contract


class ConfirmVersionPage(OnVersion, ConfirmPage):
    permission = MANAGER
    title = gettext_lazy("Agree on this version?")
    submit_label = gettext_lazy("Yes, agree")
    success_message = gettext_lazy("The version has been agreed and is locked.")
    danger = False

    def get_consequences(self) -> Sequence[Text]:
        return [
            _("Version %(number)s cannot change any more, its KPI included.")
            % {"number": self.version.number},
            _("It takes effect on %(day)s.")
            % {"day": self.version.effective_date.strftime("%d-%m-%Y")},
        ]

    def perform(self, form: forms.BaseForm) -> ContractVersion:
        return version_confirm(actor=self.actor, version=self.version)


class WithdrawVersionPage(OnVersion, ConfirmPage):
    permission = MANAGER
    title = gettext_lazy("Withdraw this draft?")
    submit_label = gettext_lazy("Yes, withdraw")
    success_message = gettext_lazy("The draft has been withdrawn.")

    def get_consequences(self) -> Sequence[Text]:
        return [_("The draft is removed. The contract stays as it is.")]

    def perform(self, form: forms.BaseForm) -> None:
        version_withdraw(actor=self.actor, version=self.version)
