"""The form of “Contracts › New”: tender and term, clauses, then a group per lot and provider."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.codes import Component, TargetGroup
from backend.organisations.models import Organisation
from procurement.choices import (
    AllocationKey,
    ExecutionVariant,
    IndexationMethod,
    TariffUnit,
    TenderProcedure,
)
from procurement.clauses.library import LIBRARY, clause_in_words
from procurement.models import Lot
from procurement.selectors.buyers import municipalities_for, payers_for
from procurement.services.clauses import ClauseDraft
from procurement.services.indexation import RuleDraft
from procurement.services.lots import LotTerms
from procurement.services.registration_plan import (
    AgreementPlan,
    ContractorPlan,
    LotPlan,
    PartPlan,
    lot_title,
)
from procurement.services.tenders import TenderDraft
from procurement.web import award_rows, fields
from procurement.web.clause_pages import number_field
from procurement.web.tender_steps import CpvField
from providers.models import Provider

Group = tuple[str, list[Any]]
# What a provider may not exceed in a lot, and its field.
CEILINGS = {"ceiling_places": "places", "ceiling_amount": "ceiling"}


class AgreementForm(forms.Form):
    """Fields whose names say where they belong: `lot_1_code`, `provider_2_price_1`."""

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
    index_name = forms.CharField(
        label=gettext_lazy("Index for the prices"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Leave empty when prices are not indexed."),
    )
    municipalities = fields.OrganisationsField(
        label=gettext_lazy("Participating municipalities"),
        queryset=Organisation.objects.none(),
        required=False,
        help_text=gettext_lazy("In every lot, unless a lot names its own municipalities."),
    )
    payer = fields.OrganisationField(
        label=gettext_lazy("Paid by"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=gettext_lazy("each municipality itself"),
    )
    clauses = forms.MultipleChoiceField(
        label=gettext_lazy("Clauses"),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text=gettext_lazy("Checked every day. Leave out what you did not agree on."),
    )

    def __init__(
        self, *args: Any, buyers: Any, buyer: Any, counts: Mapping[str, int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lot_numbers = range(1, counts["lots"] + 1)
        self.contractor_numbers = range(1, counts["contractors"] + 1)
        choices: Any = Organisation.objects.none()
        payers: Any = choices
        if buyer is not None:
            choices, payers = municipalities_for(buyer), payers_for(buyer)
        self.fields["buyer"].queryset = buyers  # type: ignore[attr-defined]
        self.fields["municipalities"].queryset = choices  # type: ignore[attr-defined]
        self.fields["payer"].queryset = payers  # type: ignore[attr-defined]
        self.fields["clauses"].choices = [  # type: ignore[attr-defined]
            (kind, clause_in_words(kind, {})) for kind in LIBRARY
        ]
        self.common = [name for name in self.fields if name != "clauses"]
        for kind, one in LIBRARY.items():
            for parameter in one.parameters:
                name = f"clause_{kind}_{parameter.name}"
                self.fields[name] = number_field(parameter)
                self.fields[name].required = False
                self.fields[name].label = f"{one.kind.label}: {self.fields[name].label}"
        codes = _free_codes(buyer)
        for number in self.lot_numbers:
            self.fields |= _lot_fields(number, next(codes), choices)
        shared = [one for one in self.lot_numbers if self._allocation(one) == AllocationKey.SHARE]
        for number in self.contractor_numbers:
            self.fields |= _contractor_fields(number, self.lot_numbers, shared)
        self._add_rows(counts)

    def _add_rows(self, counts: Mapping[str, int]) -> None:
        """The rows that come as often as needed; the fields of each start alike."""
        self.price_starts = {
            one: [f"price_{one}_{row}_" for row in range(1, counts[f"prices_{one}"] + 1)]
            for one in self.contractor_numbers
        }
        for one, starts in self.price_starts.items():
            for row in range(1, len(starts) + 1):
                self.fields |= award_rows.price_fields(one, row, self.lot_numbers)
        self.option_starts = [f"option_{row}_" for row in range(1, counts["options"] + 1)]
        for row in range(1, counts["options"] + 1):
            self.fields |= award_rows.option_fields(row)
        self.kpi_starts = [f"kpi_{row}_" for row in range(1, counts["kpis"] + 1)]
        for row in range(1, counts["kpis"] + 1):
            self.fields |= award_rows.kpi_fields(row)
        self.document_starts = [f"document_{row}_" for row in range(1, counts["documents"] + 1)]
        for row in range(1, counts["documents"] + 1):
            self.fields |= award_rows.document_fields(row)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.used_options = award_rows.used_rows(
            self, self.option_starts, award_rows.OPTION, award_rows.OPTION_NEEDS
        )
        self.used_kpis = award_rows.used_rows(
            self, self.kpi_starts, award_rows.KPI, award_rows.KPI_NEEDS
        )
        self.used_documents = award_rows.used_rows(
            self, self.document_starts, award_rows.DOCUMENT, award_rows.DOCUMENT_NEEDS
        )
        for number, starts in self.price_starts.items():
            award_rows.used_rows(self, starts, award_rows.PRICE, award_rows.PRICE_NEEDS)
            for lot in self.lot_numbers:
                self._check_price(data, number, lot)
        return data

    def _check_price(self, data: Mapping[str, Any], number: int, lot: int) -> None:
        """A ceiling or share without a price would be lost without a word."""
        limits = [f"provider_{number}_{name}_{lot}" for name in ("share", *CEILINGS.values())]
        prices = (f"provider_{number}_price_{lot}", f"price_{number}_")
        if any(one.startswith(prices) for one in self.errors):
            return
        if any(data.get(one) is not None for one in limits) and not has_price(data, number, lot):
            self.add_error(
                f"provider_{number}_price_{lot}",
                _("Enter a price for this lot, or empty what else is filled in for it."),
            )

    def _allocation(self, number: int) -> Any:
        name = f"lot_{number}_allocation"
        return self.data.get(name) if self.is_bound else self.initial.get(name)

    def common_fields(self) -> list[Any]:
        return [self[name] for name in self.common]

    def clause_numbers(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("clause_")]

    def clauses_are_wrong(self) -> bool:
        return any(one.errors for one in self.clause_numbers())

    def lots(self) -> list[tuple[int, Group]]:
        """The groups of the lots: number, and heading with fields."""
        return [(one, self._group(_("Lot %(number)s"), "lot", one)) for one in self.lot_numbers]

    def contractors(self) -> list[tuple[int, Group, list[list[Any]]]]:
        """The groups of the providers, each with its rows of further prices."""
        return [
            (
                one,
                self._group(_("Provider %(number)s"), "provider", one),
                self._rows(self.price_starts[one]),
            )
            for one in self.contractor_numbers
        ]

    def option_rows(self) -> list[list[Any]]:
        return self._rows(self.option_starts)

    def kpi_rows(self) -> list[list[Any]]:
        return self._rows(self.kpi_starts)

    def document_rows(self) -> list[list[Any]]:
        return self._rows(self.document_starts)

    def _rows(self, starts: Sequence[str]) -> list[list[Any]]:
        return [[self[name] for name in self.fields if name.startswith(start)] for start in starts]

    def _group(self, heading: str, kind: str, number: int) -> Group:
        start = f"{kind}_{number}_"
        found = [self[name] for name in self.fields if name.startswith(start)]
        return heading % {"number": number}, found

    def plan(self) -> AgreementPlan:
        data = self.cleaned_data
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
            options=award_rows.option_plans(data, self.used_options),
            indexation=rule,
            clauses=tuple(_clause_draft(data, kind) for kind in data["clauses"]),
            kpis=tuple(award_rows.kpi_draft(data, one) for one in self.used_kpis) or None,
            documents=tuple(award_rows.document_draft(data, one) for one in self.used_documents)
            or None,
        )


def _clause_draft(data: Mapping[str, Any], kind: str) -> ClauseDraft:
    """The clause with the numbers that were filled in; an emptied one is that of the standard."""
    given = {one.name: data[f"clause_{kind}_{one.name}"] for one in LIBRARY[kind].parameters}
    return ClauseDraft(kind, {name: one for name, one in given.items() if one not in (None, "")})


def _free_codes(buyer: Organisation | None) -> Iterator[str]:
    """Codes that the buyer has not given to a lot yet: P1, P2 and so on."""
    taken = set(Lot.objects.filter(buyer=buyer).values_list("code", flat=True))
    return (code for code in (f"P{number}" for number in count(1)) if code not in taken)


def _lot_fields(number: int, code: str, municipalities: Any) -> dict[str, forms.Field]:
    start = f"lot_{number}_"
    found: dict[str, forms.Field] = {
        "code": forms.CharField(label=_("Lot code"), max_length=40, initial=code),
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
        "areas": fields.AreasField(
            label=_("Areas"), required=False, help_text=_("With commas between them.")
        ),
        "volume_min": fields.number(_("Lowest number of participants a year")),
        "volume_max": fields.number(_("Highest number of participants a year")),
        "ceiling_amount": fields.money(_("Ceiling in euros"), required=False),
        "contractors": fields.number(_("Number of contractors")),
        "execution": forms.ChoiceField(
            label=_("Execution variant"), choices=ExecutionVariant.choices
        ),
        "allocation": forms.ChoiceField(
            label=_("Allocation key"),
            choices=AllocationKey.choices,
            help_text=_("With a ranking, the order of the providers below is the ranking."),
        ),
        "unit": forms.ChoiceField(label=_("Unit of the prices"), choices=TariffUnit.choices),
        "municipalities": fields.OrganisationsField(
            label=_("Only these municipalities in this lot"),
            queryset=municipalities,
            required=False,
            help_text=_("Leave empty: the municipalities of the agreement."),
        ),
    }
    return {start + name: field for name, field in found.items()}


def _contractor_fields(
    number: int, lots: Sequence[int], shared: Sequence[int]
) -> dict[str, forms.Field]:
    start = f"provider_{number}_"
    providers = Provider.objects.select_related("organisation").order_by("organisation__name")
    found: dict[str, forms.Field] = {
        "provider": fields.ProviderField(label=_("Provider"), queryset=providers),
        "number": forms.CharField(label=_("Contract number"), max_length=40),
    }
    for lot in lots:
        name = {"number": lot}
        found[f"price_{lot}"] = fields.money(
            _("Price for lot %(number)s") % name,
            required=False,
            help_text=_("Excluding VAT. Without any price this provider does not deliver the lot."),
        )
        found[f"places_{lot}"] = fields.number(
            _("Maximum number of places in lot %(number)s") % name
        )
        found[f"ceiling_{lot}"] = fields.money(
            _("Maximum amount in lot %(number)s") % name, required=False
        )
        if lot in shared:
            found[f"share_{lot}"] = forms.DecimalField(
                label=_("Share of lot %(number)s in percent") % name,
                required=False,
                localize=True,
                min_value=0,
                max_value=100,
                decimal_places=2,
                help_text=_("The shares of a lot add up to 100."),
            )
    return {start + name: field for name, field in found.items()}


def _lot_plan(data: Mapping[str, Any], number: int) -> LotPlan:
    def value(name: str) -> Any:
        return data[f"lot_{number}_{name}"]

    components = tuple(value("components"))
    return LotPlan(
        code=value("code"),
        title=lot_title(components),
        components=components,
        target_groups=tuple(value("target_groups")),
        terms=LotTerms(
            areas=value("areas"),
            volume_min=value("volume_min"),
            volume_max=value("volume_max"),
            contractors=value("contractors"),
            ceiling_amount=value("ceiling_amount"),
            allocation=value("allocation"),
        ),
        execution=value("execution"),
        municipalities=tuple(value("municipalities")) or None,
    )


def has_price(data: Mapping[str, Any], number: int, lot: int) -> bool:
    return bool(award_rows.price_places(data, number, lot))


def delivered_lots(data: Mapping[str, Any], number: int, lots: Sequence[int]) -> list[int]:
    """The lots for which this provider has a price, in the order of its parts in the plan."""
    return [lot for lot in lots if has_price(data, number, lot)]


def _contractor_plan(data: Mapping[str, Any], number: int, lots: Sequence[int]) -> ContractorPlan:
    start = f"provider_{number}_"
    parts = tuple(
        PartPlan(
            lot - 1,
            tariffs=tuple(draft for _place, draft in award_rows.prices_of(data, number, lot)),
            rank=_rank(data, number, lot),
            share=data.get(f"{start}share_{lot}"),
            **{name: data[f"{start}{field}_{lot}"] for name, field in CEILINGS.items()},
        )
        for lot in delivered_lots(data, number, lots)
    )
    return ContractorPlan(data[f"{start}provider"], data[f"{start}number"], parts)


def _rank(data: Mapping[str, Any], number: int, lot: int) -> int | None:
    """The ranking is the order of the providers on the form, among those with a price."""
    if data[f"lot_{lot}_allocation"] != AllocationKey.RANK:
        return None
    return sum(has_price(data, one, lot) for one in range(1, number)) + 1
