"""The body of a whole framework agreement: award, lots, contractors, prices and terms."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.api.requests import actor_of
from backend.api.serializers import PassendSerializer
from backend.common import clock
from backend.common.codes import Component
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from procurement.api import inputs
from procurement.choices import ExecutionVariant, IndexationMethod, TariffUnit
from procurement.clauses.kinds import ClauseKind
from procurement.lot_templates import TEMPLATES
from procurement.selectors.buyers import municipalities_for, payers_for
from procurement.services.clauses import ClauseDraft
from procurement.services.documents import DocumentDraft
from procurement.services.indexation import RuleDraft
from procurement.services.kpis import KpiDraft
from procurement.services.lots import LotTerms
from procurement.services.registration_plan import (
    AgreementPlan,
    ContractorPlan,
    LotPlan,
    OptionPlan,
    PartPlan,
    lot_title,
)
from procurement.services.tariffs import TariffDraft
from procurement.services.tenders import TenderDraft
from providers.models import Provider

MOST_ROWS = 200
NUMBERS = {
    "id": "uuid",
    "kvkNumber": "kvk_number",
    "duoNumber": "duo_number",
    "bowNumber": "bow_number",
}


class NamedOrganisationField(serializers.CharField):
    """An organisation that the caller buys for, or through, by its id or by its code."""

    default_error_messages = {
        "unknown_reference": _("There is no such object, or you cannot see it.")
    }

    def to_internal_value(self, data: Any) -> Any:
        name = super().to_internal_value(data)
        # One body names the same organisations over and over.
        known = cast(dict[str, Any], self.context).setdefault("organisations", {})
        if not known:
            known |= _reachable(self.context["request"])
        found = known.get(name)
        if found is None:
            self.fail("unknown_reference")
        return found


def _reachable(request: Any) -> dict[str, Organisation]:
    mine = Organisation.objects.filter(
        pk__in=actor_of(request).with_permission(Permission.VIEW_CONTRACTS)
    )
    rows = list(mine)
    for one in mine:
        rows += (municipalities_for(one) | payers_for(one)).distinct()
    return {name: one for one in rows for name in (str(one.uuid), one.code)}


@extend_schema_field(
    {
        "type": "object",
        "properties": {name: {"type": "string"} for name in NUMBERS},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
)
class ProviderByNumberField(serializers.Field[Any, Any, Any, Any]):
    """A provider by one of the numbers under which it is registered."""

    default_error_messages = {
        "one_number": _("Name the provider by one of these: %(names)s.")
        % {"names": ", ".join(NUMBERS)},
        "unknown_provider": _("There is no provider with this number. Add it first."),
        "several_providers": _(
            "Several providers have this number. Name the provider by another number."
        ),
    }

    def to_internal_value(self, data: Any) -> Provider:
        if not isinstance(data, Mapping) or len(data) != 1 or not set(data) <= set(NUMBERS):
            self.fail("one_number")
        ((name, value),) = data.items()
        kind = serializers.UUIDField() if name == "id" else serializers.CharField(max_length=10)
        rows = Provider.objects.visible_to(actor_of(self.context["request"])).filter(
            **{NUMBERS[name]: kind.run_validation(value)}
        )
        found = list(rows.order_by("pk")[:2])
        if len(found) != 1:
            self.fail("several_providers" if found else "unknown_provider")
        provider: Provider = found[0]
        return provider


class AgreementLotInput(inputs.LotChange):
    """A lot; `template` fills in what is mostly bought together."""

    code = serializers.CharField(max_length=40)
    title = serializers.CharField(
        max_length=160, required=False, help_text="Left out: the names of its components."
    )
    template = serializers.ChoiceField(
        [(key, one.label) for key, one in TEMPLATES.items()], required=False
    )
    components = serializers.ListField(
        child=serializers.ChoiceField(Component.choices),
        required=False,
        help_text="Left out: those of the template.",
    )
    execution = serializers.ChoiceField(ExecutionVariant.choices, required=False)
    municipalities = serializers.ListField(
        child=NamedOrganisationField(),
        required=False,
        max_length=MOST_ROWS,
        help_text="Left out: the municipalities of the agreement.",
    )


class AgreementPartInput(PassendSerializer):
    """What a contractor delivers of a lot: its prices, and its rank or share."""

    lot = serializers.CharField(max_length=40, help_text="The code of a lot of this body.")
    tariffs = inputs.TariffTerms(many=True, required=False)
    rank = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=99)
    share = serializers.DecimalField(
        max_digits=5, decimal_places=2, required=False, allow_null=True
    )
    ceiling_places = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    ceiling_amount = inputs.money(required=False, allow_null=True)


class ContractorInput(PassendSerializer):
    """A contract in draft: with whom, under which number, for which lots."""

    provider = ProviderByNumberField()
    number = serializers.CharField(max_length=40)
    parts = AgreementPartInput(many=True)


class AgreementOptionInput(PassendSerializer):
    end_date = serializers.DateField()
    notice_date = serializers.DateField()


class AgreementClauseInput(PassendSerializer):
    """A clause of the library; numbers that are left out are those of the standard."""

    kind = serializers.ChoiceField(ClauseKind.choices)
    parameters = serializers.DictField(required=False)


class AgreementInput(PassendSerializer):
    """Everything of an award in one body."""

    buyer = NamedOrganisationField(help_text="Id or code of the contracting authority.")
    tender = inputs.TenderChange()
    start_date = serializers.DateField()
    end_date = serializers.DateField()
    municipalities = serializers.ListField(
        child=NamedOrganisationField(),
        required=False,
        max_length=MOST_ROWS,
        help_text="Ids or CBS codes; in every lot that does not name its own.",
    )
    payer = NamedOrganisationField(
        required=False, allow_null=True, help_text="Left out: each municipality pays for itself."
    )
    lots = AgreementLotInput(many=True)
    contractors = ContractorInput(many=True)
    options = AgreementOptionInput(many=True, required=False)
    indexation = inputs.IndexationRuleInput(required=False, allow_null=True)
    clauses = AgreementClauseInput(many=True, required=False)
    kpi_agreements = inputs.KpiRowInput(
        many=True, required=False, help_text="Left out: a proposal for the first lot."
    )
    documents = inputs.DocumentChange(
        many=True, required=False, help_text="Left out: the check list of the contract standard."
    )


def plan_of(data: Mapping[str, Any]) -> AgreementPlan:
    """What the body asks for. What is missing from it stays empty, for the rules to find."""
    today = clock.today()
    start = data.get("start_date") or data.get("end_date") or today
    end = data.get("end_date") or start
    lots = tuple(_lot(one) for one in data.get("lots", ()))
    places = {one.code: number for number, one in enumerate(lots)}
    return AgreementPlan(
        buyer=data["buyer"],
        tender=_tender(data),
        start_date=start,
        end_date=end,
        municipalities=tuple(data.get("municipalities", ())),
        payer=data.get("payer"),
        lots=lots,
        contractors=tuple(
            _contractor(one, places, start_date=start) for one in data.get("contractors", ())
        ),
        options=tuple(
            OptionPlan(**{"end_date": end + timedelta(days=1), "notice_date": end} | one)
            for one in data.get("options", ())
        ),
        indexation=_rule(data.get("indexation"), start.year + 1),
        clauses=tuple(
            ClauseDraft(one.get("kind", ""), one.get("parameters", {}))
            for one in data.get("clauses", ())
        ),
        kpis=_kpis(data.get("kpi_agreements")),
        documents=_documents(data.get("documents")),
    )


def _tender(data: Mapping[str, Any]) -> TenderDraft:
    given = {"reference": "", "title": "", **(data.get("tender") or {})}
    templates = [one["template"] for one in data.get("lots", ()) if "template" in one]
    codes = given.get("cpv_codes") or dict.fromkeys(TEMPLATES[one].cpv_code for one in templates)
    return TenderDraft(**given | {"cpv_codes": tuple(codes)})


def _lot(data: Mapping[str, Any]) -> LotPlan:
    template = TEMPLATES.get(data.get("template", ""))
    components = tuple(data.get("components") or (template.components if template else ()))
    terms = {name: data[name] for name in LotTerms.__dataclass_fields__ if name in data}
    municipalities = data.get("municipalities")
    return LotPlan(
        code=data.get("code", ""),
        title=data.get("title") or lot_title(components),
        components=components,
        target_groups=tuple(data.get("target_groups", ())),
        terms=LotTerms(**terms | {"areas": tuple(data.get("areas", ()))}),
        execution=data.get("execution", ExecutionVariant.EFFORT),
        municipalities=None if municipalities is None else tuple(municipalities),
    )


def _contractor(
    data: Mapping[str, Any], lots: Mapping[str, int], *, start_date: Any
) -> ContractorPlan:
    empty: dict[str, Any] = {"component": "", "unit": TariffUnit.LEARNER_HOUR, "amount": 0}
    parts = []
    for part in data.get("parts", ()):
        given = dict(part)
        lot = lots.get(given.pop("lot", ""), -1)
        tariffs = tuple(
            TariffDraft(**empty | {"valid_from": start_date} | one)
            for one in given.pop("tariffs", ())
        )
        parts.append(PartPlan(lot, tariffs, **given))
    return ContractorPlan(data.get("provider"), data.get("number", ""), tuple(parts))


def _rule(data: Mapping[str, Any] | None, first_year: int) -> RuleDraft | None:
    if data is None:
        return None
    empty: dict[str, Any] = {"method": IndexationMethod.INDEX, "first_year": first_year}
    return RuleDraft(**empty | dict(data))


def _kpis(rows: Sequence[Mapping[str, Any]] | None) -> tuple[KpiDraft, ...] | None:
    empty: dict[str, Any] = {"indicator": "", "norm": 0, "weight": 0}
    return None if rows is None else tuple(KpiDraft(**empty | dict(one)) for one in rows)


def _documents(rows: Sequence[Mapping[str, Any]] | None) -> tuple[DocumentDraft, ...] | None:
    empty: dict[str, Any] = {"kind": "", "title": ""}
    return None if rows is None else tuple(DocumentDraft(**empty | dict(one)) for one in rows)
