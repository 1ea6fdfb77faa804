"""Prices and lots: the forms behind the page of a contract."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.common.codes import Component
from backend.common.errors import DomainError
from backend.organisations.models import Organisation
from backend.web.forms import add_domain_error
from backend.web.pages import FormPage
from backend.web.tables import Column, table_of
from backend.web.values import Money
from procurement.choices import ExecutionVariant, IndexationMethod, PriceRounding, TariffUnit
from procurement.models import ContractLot, Lot, Tariff
from procurement.selectors.buyers import municipalities_for, payers_for
from procurement.services.contracts import contract_courses_add, contract_lot_add
from procurement.services.indexation import (
    PriceChange,
    RuleDraft,
    indexation_apply,
    indexation_preview,
    indexation_rule_set,
    next_indexation_date,
)
from procurement.services.lots import Participation, lot_admit
from procurement.services.tariffs import TariffDraft, tariff_add, tariff_end
from procurement.web import fields
from procurement.web.common import MANAGER, OfContract, lot_url
from providers.models import Course


class LotChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        lot = getattr(obj, "lot", obj)
        return f"{lot.code} {lot.title}"


class CoursesField(forms.ModelMultipleChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.CheckboxSelectMultiple(), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.code}, {obj.get_component_display()})"


class TariffForm(forms.Form):
    contract_lot = LotChoice(label=gettext_lazy("Lot"), queryset=ContractLot.objects.none())
    component = forms.ChoiceField(label=gettext_lazy("Component"), choices=Component.choices)
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=TariffUnit.choices)
    detail = forms.CharField(
        label=gettext_lazy("For"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Only with several prices of one unit: which module or phase."),
    )
    amount = fields.money(gettext_lazy("Amount excluding VAT"))
    valid_from = fields.day(gettext_lazy("Valid from"))
    valid_to = fields.day(gettext_lazy("Valid to"), required=False)

    def __init__(self, *args: Any, contract: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lots = contract.contract_lots.select_related("lot", "contract").order_by("lot__code")
        self.fields["contract_lot"].queryset = lots  # type: ignore[attr-defined]


class TariffNewPage(OfContract, FormPage):
    permission = MANAGER
    anchor = "tariffs"
    title = gettext_lazy("Add a tariff")
    form_class = TariffForm
    success_message = gettext_lazy("The tariff has been added.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"contract": self.contract}

    def get_initial(self) -> dict[str, Any]:
        return {"valid_from": self.contract.start_date}

    def perform(self, form: forms.BaseForm) -> Tariff:
        data = dict(form.cleaned_data)
        contract_lot = data.pop("contract_lot")
        return tariff_add(actor=self.actor, contract_lot=contract_lot, draft=TariffDraft(**data))


class TariffEndForm(forms.Form):
    valid_to = fields.day(gettext_lazy("Last day of this price"))
    reason = fields.reason()


class TariffEndPage(OfContract, FormPage):
    permission = MANAGER
    anchor = "tariffs"
    title = gettext_lazy("End this price")
    intro = gettext_lazy(
        "This cannot be undone: a new price is needed for the days after it. Places that were "
        "called off keep their price."
    )
    form_class = TariffEndForm
    submit_label = gettext_lazy("End the price")
    success_message = gettext_lazy("The price ends on that day.")

    def prepare(self) -> None:
        self.tariff = self.load(Tariff, "contract_lot__contract__provider__organisation")
        self.contract = self.tariff.contract_lot.contract

    def perform(self, form: forms.BaseForm) -> Tariff:
        return tariff_end(actor=self.actor, tariff=self.tariff, **form.cleaned_data)


class RuleForm(forms.Form):
    method = forms.ChoiceField(label=gettext_lazy("Method"), choices=IndexationMethod.choices)
    index_name = forms.CharField(
        label=gettext_lazy("Name of the index"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("For example: CBS consumer price index, all households."),
    )
    percentage = forms.DecimalField(
        label=gettext_lazy("Percentage"),
        required=False,
        localize=True,
        decimal_places=2,
        help_text=gettext_lazy("Only for a fixed percentage."),
    )
    rounding = forms.ChoiceField(label=gettext_lazy("Round to"), choices=PriceRounding.choices)
    month = forms.IntegerField(label=gettext_lazy("Month"), min_value=1, max_value=12)
    first_year = forms.IntegerField(label=gettext_lazy("First year"))


class RulePage(OfContract, FormPage):
    permission = MANAGER
    anchor = "tariffs"
    title = gettext_lazy("Indexation rule")
    intro = gettext_lazy("What the contract says about prices that rise. No price changes by this.")
    form_class = RuleForm
    success_message = gettext_lazy("The rule has been saved.")

    def get_initial(self) -> dict[str, Any]:
        rule = getattr(self.contract, "indexation_rule", None)
        if rule is None:
            return {"month": 1, "first_year": self.contract.start_date.year + 1}
        return {name: getattr(rule, name) for name in RuleForm.base_fields}

    def perform(self, form: forms.BaseForm) -> Any:
        return indexation_rule_set(
            actor=self.actor, contract=self.contract, draft=RuleDraft(**form.cleaned_data)
        )


class IndexForm(forms.Form):
    effective_date = fields.day(gettext_lazy("From"))
    percentage = forms.DecimalField(
        label=gettext_lazy("Percentage"), localize=True, max_digits=5, decimal_places=2
    )
    rounding = forms.ChoiceField(label=gettext_lazy("Round to"), choices=PriceRounding.choices)
    source = forms.CharField(
        label=gettext_lazy("Source of the percentage"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("For example: CBS, published on 7 January."),
    )


PREVIEW_COLUMNS = (
    Column("lot", gettext_lazy("Lot"), "tariff.contract_lot.lot.code", header=True),
    Column("component", gettext_lazy("Component"), "tariff.get_component_display"),
    Column("unit", gettext_lazy("Unit"), "tariff.get_unit_display"),
    Column("detail", gettext_lazy("For"), "tariff.detail"),
    Column("old", gettext_lazy("Now"), lambda one: Money(one.old), numeric=True),
    Column("new", gettext_lazy("After indexation"), lambda one: Money(one.new), numeric=True),
    Column(
        "difference", gettext_lazy("Difference"), lambda one: Money(one.difference), numeric=True
    ),
)


class IndexPage(OfContract, FormPage):
    """First shows every price before and after; applies only what has been shown."""

    permission = MANAGER
    anchor = "tariffs"
    title = gettext_lazy("Index the prices")
    intro = gettext_lazy("First look at the new prices. Nothing changes until you apply them.")
    template_name = "procurement/indexation.html"
    form_class = IndexForm
    submit_label = gettext_lazy("Show the new prices")
    success_message = gettext_lazy("The new prices have been recorded.")
    preview: Sequence[PriceChange] | None = None

    def get_initial(self) -> dict[str, Any]:
        rule = getattr(self.contract, "indexation_rule", None)
        if rule is None:
            return {"effective_date": date(clock.today().year + 1, 1, 1)}
        after = max(clock.today(), self.contract.start_date + timedelta(days=1))
        return {
            "effective_date": next_indexation_date(rule, after),
            "percentage": rule.percentage,
            "rounding": rule.rounding,
            "source": rule.index_name,
        }

    def get_context(self, **extra: Any) -> dict[str, Any]:
        table = None
        if self.preview is not None:
            table = table_of(
                PREVIEW_COLUMNS, self.preview, caption=_("Prices before and after indexation")
            )
        return super().get_context(preview=table, **extra)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "apply" in request.POST:
            return super().post(request, *args, **kwargs)
        self.prepare()
        form = self.get_form(bound=True)
        if not form.is_valid():
            return self._form_page(form, status=400)
        terms = {name: form.cleaned_data[name] for name in IndexForm.base_fields}
        terms.pop("source")
        try:
            self.preview = indexation_preview(actor=self.actor, contract=self.contract, **terms)
        except DomainError as error:
            add_domain_error(form, error)
            return self._form_page(form, status=400)
        return self._form_page(form)

    def perform(self, form: forms.BaseForm) -> Any:
        return indexation_apply(actor=self.actor, contract=self.contract, **form.cleaned_data)


class ContractLotForm(forms.Form):
    lot = LotChoice(label=gettext_lazy("Lot"), queryset=Lot.objects.none())
    execution = forms.ChoiceField(
        label=gettext_lazy("Execution variant"), choices=ExecutionVariant.choices
    )
    courses = CoursesField(label=gettext_lazy("Courses"), queryset=Course.objects.none())
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=TariffUnit.choices)
    amount = fields.money(
        gettext_lazy("Amount excluding VAT"),
        required=False,
        help_text=gettext_lazy("For every component of the lot. You can add other tariffs later."),
    )
    ceiling_places = fields.number(gettext_lazy("Maximum number of places"))
    ceiling_amount = fields.money(gettext_lazy("Maximum amount in euros"), required=False)

    def __init__(self, *args: Any, contract: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lots = Lot.objects.filter(buyer=contract.buyer).exclude(contract_lots__contract=contract)
        self.fields["lot"].queryset = lots.order_by("code")  # type: ignore[attr-defined]
        courses = Course.objects.filter(provider=contract.provider).order_by("name", "pk")
        self.fields["courses"].queryset = courses  # type: ignore[attr-defined]


class ContractLotNewPage(OfContract, FormPage):
    permission = MANAGER
    anchor = "lots"
    title = gettext_lazy("Add a lot to this contract")
    form_class = ContractLotForm
    success_message = gettext_lazy("The lot has been added.")
    error_fields = {"tariffs.0.amount": "amount"}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"contract": self.contract}

    def perform(self, form: forms.BaseForm) -> ContractLot:
        data = form.cleaned_data
        amount: Decimal | None = data["amount"]
        tariffs = []
        if amount is not None:
            tariffs = [
                TariffDraft(component, data["unit"], amount, self.contract.start_date)
                for component in data["lot"].components
            ]
        return contract_lot_add(
            actor=self.actor,
            contract=self.contract,
            lot=data["lot"],
            courses=list(data["courses"]),
            tariffs=tariffs,
            ceiling_places=data["ceiling_places"],
            ceiling_amount=data["ceiling_amount"],
            execution=data["execution"],
        )


class CoursesForm(forms.Form):
    courses = CoursesField(label=gettext_lazy("Courses"), queryset=Course.objects.none())

    def __init__(self, *args: Any, contract_lot: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = Course.objects.filter(
            provider=contract_lot.contract.provider, component__in=contract_lot.lot.components
        ).exclude(contract_courses__contract_lot=contract_lot)
        self.fields["courses"].queryset = found.order_by("name", "pk")  # type: ignore[attr-defined]


class CoursesNewPage(OfContract, FormPage):
    permission = MANAGER
    anchor = "lots"
    title = gettext_lazy("Add courses")
    form_class = CoursesForm
    success_message = gettext_lazy("The courses have been added.")

    def prepare(self) -> None:
        self.contract_lot = self.load(
            ContractLot, "lot", "contract__buyer", "contract__provider__organisation"
        )
        self.contract = self.contract_lot.contract

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"contract_lot": self.contract_lot}

    def perform(self, form: forms.BaseForm) -> None:
        contract_courses_add(
            actor=self.actor,
            contract_lot=self.contract_lot,
            courses=list(form.cleaned_data["courses"]),
        )


class AdmitForm(forms.Form):
    municipalities = fields.OrganisationsField(
        label=gettext_lazy("Municipalities"), queryset=Organisation.objects.none()
    )
    valid_from = fields.day(gettext_lazy("Takes part from"))
    valid_to = fields.day(gettext_lazy("Takes part until"), required=False)
    payer = fields.OrganisationField(
        label=gettext_lazy("Paid by"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=gettext_lazy("each municipality itself"),
    )

    def __init__(self, *args: Any, choices: Any, payers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipalities"].queryset = choices  # type: ignore[attr-defined]
        self.fields["payer"].queryset = payers  # type: ignore[attr-defined]


class LotAdmitPage(OfContract, FormPage):
    permission = MANAGER
    title = gettext_lazy("Add municipalities to this lot")
    form_class = AdmitForm
    success_message = gettext_lazy("The municipalities take part in the lot.")
    error_fields = {"participations": "municipalities"}

    def prepare(self) -> None:
        self.lot: Lot = self.load(Lot, "buyer", "tender")

    def get_breadcrumbs(self) -> Any:
        return ((_("Lots"), reverse("lots")), (self.lot.code, lot_url(self.lot)))

    def get_success_url(self, result: Any) -> str:
        return lot_url(self.lot)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            "choices": municipalities_for(self.lot.buyer),
            "payers": payers_for(self.lot.buyer),
        }

    def perform(self, form: forms.BaseForm) -> None:
        data = form.cleaned_data
        lot_admit(
            actor=self.actor,
            lot=self.lot,
            participations=[
                Participation(one, data["valid_from"], data["valid_to"], data["payer"])
                for one in data["municipalities"]
            ],
        )
