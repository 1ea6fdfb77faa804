"""“Contracts › New”: an award with its lots and contracts in one form (journey J1)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.common.codes import Component, TargetGroup
from backend.organisations.models import Organisation
from backend.web.pages import Crumb, FormPage
from procurement.choices import (
    AllocationKey,
    ExecutionVariant,
    IndexationMethod,
    TariffUnit,
    TenderProcedure,
)
from procurement.selectors.buyers import buyers_for, municipalities_for, payers_for
from procurement.services.indexation import RuleDraft
from procurement.services.lots import LotTerms
from procurement.services.registration import (
    Agreement,
    AgreementPlan,
    ContractorPlan,
    LotPlan,
    OptionPlan,
    PartPlan,
    agreement_register,
)
from procurement.services.tenders import TenderDraft
from procurement.web import fields
from procurement.web.common import MANAGER, contract_url, tender_url
from procurement.web.tender_steps import CpvField
from providers.models import Provider

# More than this is faster in a spreadsheet: see the import of contracts.
MOST = 12
TEMPLATES: Mapping[str, tuple[Any, tuple[str, ...], str]] = {
    "B": (gettext_lazy("B1 route"), ("B", "KNM"), TariffUnit.LEARNER_HOUR),
    "Z": (gettext_lazy("Z route"), ("Z", "KNM"), TariffUnit.LEARNER_HOUR),
    "O": (gettext_lazy("Education route"), ("O",), TariffUnit.TRAJECT),
    "MAP": (gettext_lazy("MAP"), ("MAP",), TariffUnit.LEARNER_HOUR),
    "PVT": (gettext_lazy("PVT"), ("PVT",), TariffUnit.TRAJECT),
}


class AgreementForm(forms.Form):
    """Tender and term, then a group of fields per lot and per provider."""

    buyer = fields.OrganisationField(
        label=gettext_lazy("Buyer"), queryset=Organisation.objects.none()
    )
    reference = forms.CharField(label=gettext_lazy("Reference of the tender"), max_length=40)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=160)
    procedure = forms.ChoiceField(label=gettext_lazy("Procedure"), choices=TenderProcedure.choices)
    cpv_codes = CpvField(label=gettext_lazy("CPV codes"), required=False)
    publication_reference = forms.CharField(
        label=gettext_lazy("Publication number"), max_length=60, required=False
    )
    award_date = fields.day(gettext_lazy("Award date"))
    start_date = fields.day(gettext_lazy("Contracts start on"))
    end_date = fields.day(gettext_lazy("Contracts end on"))
    option_end_date = fields.day(gettext_lazy("First option: extend to"), required=False)
    option_notice_date = fields.day(gettext_lazy("First option: decide by"), required=False)
    index_name = forms.CharField(
        label=gettext_lazy("Index for the prices"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Leave empty when prices are not indexed."),
    )
    municipalities = fields.OrganisationsField(
        label=gettext_lazy("Participating municipalities"), queryset=Organisation.objects.none()
    )
    payer = fields.OrganisationField(
        label=gettext_lazy("Paid by"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=gettext_lazy("each municipality itself"),
    )

    def __init__(
        self, *args: Any, buyers: Any, buyer: Any, lots: int, contractors: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lot_numbers = range(1, lots + 1)
        self.contractor_numbers = range(1, contractors + 1)
        self.fields["buyer"].queryset = buyers  # type: ignore[attr-defined]
        if buyer is not None:
            choices, payers = municipalities_for(buyer), payers_for(buyer)
            self.fields["municipalities"].queryset = choices  # type: ignore[attr-defined]
            self.fields["payer"].queryset = payers  # type: ignore[attr-defined]
        self.common = list(self.fields)
        for number in self.lot_numbers:
            self.fields |= _lot_fields(number)
        for number in self.contractor_numbers:
            self.fields |= _contractor_fields(number, lots)

    def common_fields(self) -> list[Any]:
        return [self[name] for name in self.common]

    def lots(self) -> list[tuple[str, list[Any]]]:
        """The groups of the lots: heading and fields."""
        return [self._group(_("Lot %(number)s"), "lot", one) for one in self.lot_numbers]

    def contractors(self) -> list[tuple[str, list[Any]]]:
        return [
            self._group(_("Provider %(number)s"), "provider", one)
            for one in self.contractor_numbers
        ]

    def _group(self, heading: str, kind: str, number: int) -> tuple[str, list[Any]]:
        start = f"{kind}_{number}_"
        found = [self[name] for name in self.fields if name.startswith(start)]
        return heading % {"number": number}, found

    def plan(self) -> AgreementPlan:
        data = self.cleaned_data
        option: tuple[OptionPlan, ...] = ()
        if data["option_end_date"]:
            notice = data["option_notice_date"] or data["end_date"]
            option = (OptionPlan(data["option_end_date"], notice),)
        rule = None
        if data["index_name"]:
            rule = RuleDraft(
                IndexationMethod.INDEX,
                first_year=data["start_date"].year + 1,
                index_name=data["index_name"],
            )
        tender = TenderDraft(
            reference=data["reference"],
            title=data["title"],
            procedure=data["procedure"],
            cpv_codes=data["cpv_codes"],
            publication_reference=data["publication_reference"],
            award_date=data["award_date"],
        )
        return AgreementPlan(
            buyer=data["buyer"],
            tender=tender,
            start_date=data["start_date"],
            end_date=data["end_date"],
            municipalities=tuple(data["municipalities"]),
            payer=data["payer"],
            lots=tuple(_lot_plan(data, number) for number in self.lot_numbers),
            contractors=tuple(
                _contractor_plan(data, number, self.lot_numbers)
                for number in self.contractor_numbers
            ),
            options=option,
            indexation=rule,
        )


def _lot_fields(number: int) -> dict[str, forms.Field]:
    start = f"lot_{number}_"
    found: dict[str, forms.Field] = {
        "code": forms.CharField(label=_("Lot code"), max_length=40, initial=f"P{number}"),
        "components": forms.MultipleChoiceField(
            label=_("Components"),
            choices=Component.choices,
            widget=forms.CheckboxSelectMultiple(),
        ),
        "target_groups": forms.MultipleChoiceField(
            label=_("Target groups"),
            choices=TargetGroup.choices,
            widget=forms.CheckboxSelectMultiple(),
            initial=[TargetGroup.ASYLUM],
        ),
        "volume_max": fields.number(_("Highest number of participants a year")),
        "ceiling_amount": fields.money(_("Ceiling in euros"), required=False),
        "execution": forms.ChoiceField(
            label=_("Execution variant"), choices=ExecutionVariant.choices
        ),
        "allocation": forms.ChoiceField(label=_("Allocation key"), choices=AllocationKey.choices),
        "unit": forms.ChoiceField(label=_("Unit of the prices"), choices=TariffUnit.choices),
    }
    return {start + name: field for name, field in found.items()}


def _contractor_fields(number: int, lots: int) -> dict[str, forms.Field]:
    start = f"provider_{number}_"
    providers = Provider.objects.select_related("organisation").order_by("organisation__name")
    found: dict[str, forms.Field] = {
        "provider": fields.ProviderField(label=_("Provider"), queryset=providers),
        "number": forms.CharField(label=_("Contract number"), max_length=40),
    }
    for lot in range(1, lots + 1):
        found[f"price_{lot}"] = fields.money(
            _("Price for lot %(number)s") % {"number": lot},
            required=False,
            help_text=_("Excluding VAT. Empty: this provider does not deliver the lot."),
        )
    return {start + name: field for name, field in found.items()}


def _lot_plan(data: Mapping[str, Any], number: int) -> LotPlan:
    def value(name: str) -> Any:
        return data[f"lot_{number}_{name}"]

    components = tuple(value("components"))
    return LotPlan(
        code=value("code"),
        title=" + ".join(str(Component(one).label) for one in components)[:160],
        components=components,
        target_groups=tuple(value("target_groups")),
        terms=LotTerms(
            volume_max=value("volume_max"),
            ceiling_amount=value("ceiling_amount"),
            allocation=value("allocation"),
        ),
        execution=value("execution"),
    )


def _contractor_plan(data: Mapping[str, Any], number: int, lots: Sequence[int]) -> ContractorPlan:
    start = f"provider_{number}_"
    parts = tuple(
        PartPlan(
            lot - 1,
            price=data[f"{start}price_{lot}"],
            unit=data[f"lot_{lot}_unit"],
            rank=_rank(data, number, lot),
        )
        for lot in lots
        if data[f"{start}price_{lot}"] is not None
    )
    return ContractorPlan(data[f"{start}provider"], data[f"{start}number"], parts)


def _rank(data: Mapping[str, Any], number: int, lot: int) -> int | None:
    """The ranking is the order of the providers on the form, among those with a price."""
    if data[f"lot_{lot}_allocation"] != AllocationKey.RANK:
        return None
    before = [n for n in range(1, number) if data[f"provider_{n}_price_{lot}"] is not None]
    return len(before) + 1


class _Places(Mapping[str, str]):
    """From the place of a fault in the plan to the field of the form that it came from."""

    def __getitem__(self, place: str) -> str:
        parts = place.split(".")
        if parts[0] == "tender":
            return parts[1]
        if parts[0] == "lots" and len(parts) > 2:
            return f"lot_{int(parts[1]) + 1}_{parts[2]}"
        if parts[0] == "contractors" and len(parts) > 2:
            return self._of_contractor(int(parts[1]) + 1, parts[2:])
        raise KeyError(place)

    def _of_contractor(self, number: int, rest: list[str]) -> str:
        if rest[0] == "parts":
            return f"provider_{number}_price_1"
        common = {"end_date": "end_date", "start_date": "start_date"}
        option = {"notice_date": "option_notice_date"}
        return common.get(rest[0]) or option.get(rest[0]) or f"provider_{number}_{rest[0]}"

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0

    def get(self, key: str, default: Any = None) -> Any:
        try:
            return self[key]
        except (KeyError, ValueError, IndexError):
            return default

    def __bool__(self) -> bool:
        return True


class AgreementPage(FormPage):
    """One form for an award; more lots and providers are added without losing what is filled in."""

    permission = MANAGER
    title = gettext_lazy("New contract")
    intro = gettext_lazy(
        "Register an award with its lots and a contract for every provider. Documents and KPI are "
        "prepared for you; you check them before the contract comes into force."
    )
    template_name = "procurement/registration.html"
    form_class = AgreementForm
    submit_label = gettext_lazy("Register the contracts")
    success_message = gettext_lazy(
        "The contracts have been registered as drafts. Check each one and bring it into force."
    )
    error_fields = _Places()

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Contracts"), reverse("contracts")),)

    def prepare(self) -> None:
        asked = self.request.POST if self.request.method == "POST" else self.request.GET
        self.lots = _count(asked.get("lots"), 1) + ("add_lot" in asked)
        self.contractors = _count(asked.get("contractors"), 1) + ("add_contractor" in asked)
        buyers = buyers_for(self.actor)
        chosen = asked.get("buyer", "")
        self.buyer = (buyers.filter(pk=chosen) if chosen.isdecimal() else buyers).first()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            "buyers": buyers_for(self.actor),
            "buyer": self.buyer,
            "lots": min(self.lots, MOST),
            "contractors": min(self.contractors, MOST),
        }

    def get_initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = {"buyer": self.buyer, "award_date": clock.today()}
        asked = self.request.GET.getlist("template")
        for number, template in enumerate(asked[:MOST], start=1):
            if template in TEMPLATES:
                _label, components, unit = TEMPLATES[template]
                initial[f"lot_{number}_components"] = list(components)
                initial[f"lot_{number}_unit"] = unit
        return initial

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return super().get_context(
            lots=min(self.lots, MOST),
            contractors=min(self.contractors, MOST),
            templates=[(key, label) for key, (label, _components, _unit) in TEMPLATES.items()],
            **extra,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "add_lot" not in request.POST and "add_contractor" not in request.POST:
            return super().post(request, *args, **kwargs)
        self.prepare()
        # Shown again with what was filled in, and without judging it yet.
        form = self.get_form(bound=False)
        bound = self.get_form(bound=True)
        for name in form.fields:
            value = bound[name].data
            if value not in (None, "", []):
                form.initial[name] = value
        return self._form_page(form)

    def perform(self, form: Any) -> Agreement:
        return agreement_register(actor=self.actor, plan=form.plan())

    def get_success_url(self, result: Agreement) -> str:
        if len(result.contracts) == 1:
            return contract_url(result.contracts[0])
        return tender_url(result.tender) + "#contracts"


def _count(text: str | None, least: int) -> int:
    return max(least, int(text)) if text and text.isdecimal() else least
