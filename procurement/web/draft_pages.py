"""Taking something out of a draft, and other data of a lot."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.organisations.models import Organisation
from backend.web.pages import ConfirmPage, Crumb, FormPage
from backend.web.values import Text
from procurement.models import ContractCourse, ContractLot, Lot, Tariff
from procurement.services.draft_steps import (
    contract_course_remove,
    contract_lot_remove,
    tariff_remove,
)
from procurement.services.lots import LotTerms, lot_change, lot_leave
from procurement.web import fields
from procurement.web.common import MANAGER, OfContract, lot_url
from procurement.web.lot_forms import LotChangeForm

OF_CONTRACT = ("contract__buyer", "contract__provider__organisation")


class TariffRemovePage(OfContract, ConfirmPage):
    permission = MANAGER
    anchor = "tariffs"
    title = gettext_lazy("Remove this price")
    submit_label = gettext_lazy("Remove")
    success_message = gettext_lazy("The price has been removed.")

    def prepare(self) -> None:
        self.tariff = self.load(Tariff, "contract_lot__contract__provider__organisation")
        self.contract = self.tariff.contract_lot.contract

    def get_consequences(self) -> Sequence[Text]:
        return [
            _("%(component)s, %(unit)s: € %(amount)s")
            % {
                "component": self.tariff.get_component_display(),
                "unit": self.tariff.get_unit_display(),
                "amount": str(self.tariff.amount).replace(".", ","),
            },
            _("The contract is a draft, so nobody has been placed at this price."),
        ]

    def perform(self, form: forms.BaseForm) -> None:
        tariff_remove(actor=self.actor, tariff=self.tariff)


class _OnContractLot(OfContract):
    anchor = "lots"
    contract_lot: ContractLot

    def prepare(self) -> None:
        self.contract_lot = self.load(ContractLot, "lot", *OF_CONTRACT)
        self.contract = self.contract_lot.contract


class CourseRemovePage(_OnContractLot, ConfirmPage):
    permission = MANAGER
    title = gettext_lazy("Take this course out of the contract")
    submit_label = gettext_lazy("Take out")
    success_message = gettext_lazy("The course has been taken out.")

    def prepare(self) -> None:
        super().prepare()
        found = (
            ContractCourse.objects.select_related("course")
            .filter(contract_lot=self.contract_lot, course__uuid=self.kwargs["course"])
            .first()
        )
        if found is None:
            raise Http404
        self.course = found.course

    def get_consequences(self) -> Sequence[Text]:
        return [
            _("%(course)s does not belong to lot %(lot)s any more.")
            % {"course": self.course.name, "lot": self.contract_lot.lot.code},
            _("The course itself stays. You can add it again."),
        ]

    def perform(self, form: forms.BaseForm) -> None:
        contract_course_remove(actor=self.actor, contract_lot=self.contract_lot, course=self.course)


class ContractLotRemovePage(_OnContractLot, ConfirmPage):
    permission = MANAGER
    title = gettext_lazy("Take this lot out of the contract")
    submit_label = gettext_lazy("Take out")
    success_message = gettext_lazy("The lot has been taken out.")

    def get_consequences(self) -> Sequence[Text]:
        return [
            _("The courses, prices and ceiling of lot %(lot)s are removed from this contract.")
            % {"lot": self.contract_lot.lot.code},
            _("The lot itself stays, and so do other contracts for it."),
        ]

    def perform(self, form: forms.BaseForm) -> None:
        contract_lot_remove(actor=self.actor, contract_lot=self.contract_lot)


class _OnLot(OfContract):
    lot: Lot

    def prepare(self) -> None:
        self.lot = self.load(Lot, "buyer", "tender")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Lots"), reverse("lots")), (self.lot.code, lot_url(self.lot)))

    def get_success_url(self, result: Any) -> str:
        return lot_url(self.lot)


class LotChangePage(_OnLot, FormPage):
    """Everything of a lot except its code, which contracts and notices refer to."""

    permission = MANAGER
    form_class = LotChangeForm
    success_message = gettext_lazy("The lot has been changed.")

    def get_title(self) -> Text:
        return _("Change lot %(code)s") % {"code": self.lot.code}

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.lot, name) for name in LotChangeForm.base_fields}

    def perform(self, form: forms.BaseForm) -> Lot:
        data = dict(form.cleaned_data)
        own = {name: data.pop(name) for name in ("title", "components", "target_groups")}
        return lot_change(actor=self.actor, lot=self.lot, terms=LotTerms(**data), **own)


class LeaveForm(forms.Form):
    municipality = fields.OrganisationField(
        label=gettext_lazy("Municipality"), queryset=Organisation.objects.none()
    )
    valid_to = fields.day(gettext_lazy("Takes part until"))
    reason = fields.reason()

    def __init__(self, *args: Any, takers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = takers  # type: ignore[attr-defined]


class LotLeavePage(_OnLot, FormPage):
    permission = MANAGER
    intro = gettext_lazy(
        "After this day the municipality offers no new places from the lot. What runs goes on."
    )
    form_class = LeaveForm
    submit_label = gettext_lazy("End the part of a municipality")
    success_message = gettext_lazy("The municipality leaves the lot on that day.")

    def get_title(self) -> Text:
        return _("End the part of a municipality in lot %(code)s") % {"code": self.lot.code}

    def get_form_kwargs(self) -> dict[str, Any]:
        takers = Organisation.objects.filter(lot_participations__lot=self.lot)
        return {"takers": takers.distinct().order_by("name")}

    def perform(self, form: forms.BaseForm) -> None:
        lot_leave(actor=self.actor, lot=self.lot, **form.cleaned_data)
