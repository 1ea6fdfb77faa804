"""Filters of contracts, lots and tariffs; keys are camelCase on the wire."""

from typing import ClassVar

from backend.api.filters import (
    RECORD_FIELDS,
    AmountFilter,
    CodeFilter,
    DayFilter,
    ExactFilter,
    PassendFilterSet,
    ReferenceFilter,
    SearchFilter,
    TextFilter,
)
from backend.common.codes import Component, TargetGroup
from procurement.choices import AllocationKey, ContractStatus, ExecutionVariant, TariffUnit
from procurement.models import Contract, ContractLot, Lot, Tariff


class LotFilterSet(PassendFilterSet):
    search = SearchFilter("code", "title")
    buyer = ReferenceFilter("buyer__uuid")
    code = ExactFilter()
    title = TextFilter()
    components = CodeFilter(lookup_expr="overlap", choices=Component.choices)
    target_groups = CodeFilter(lookup_expr="overlap", choices=TargetGroup.choices)
    tender = ReferenceFilter("tender__uuid")
    allocation = CodeFilter(choices=AllocationKey.choices)

    class Meta:
        model = Lot

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "areas": "free text",
        "volume_min": "a term of the lot",
        "volume_max": "a term of the lot",
        "ceiling_amount": "a term of the lot",
        "contractors": "a term of the lot",
    }


class ContractFilterSet(PassendFilterSet):
    search = SearchFilter("number", "title", "provider__organisation__name")
    buyer = ReferenceFilter("buyer__uuid")
    provider = ReferenceFilter("provider__uuid")
    tender = ReferenceFilter("tender__uuid")
    number = ExactFilter()
    title = TextFilter()
    starts_from = DayFilter("start_date", "gte")
    starts_until = DayFilter("start_date", "lte")
    ends_from = DayFilter("end_date", "gte")
    ends_until = DayFilter("end_date", "lte")
    status = CodeFilter(choices=ContractStatus.choices)

    class Meta:
        model = Contract

    unfiltered: ClassVar = RECORD_FIELDS


class ContractLotFilterSet(PassendFilterSet):
    contract = ReferenceFilter("contract__uuid")
    lot = ReferenceFilter("lot__uuid")
    provider = ReferenceFilter("contract__provider__uuid")
    execution = CodeFilter(choices=ExecutionVariant.choices)

    class Meta:
        model = ContractLot

    unfiltered: ClassVar = RECORD_FIELDS


class TariffFilterSet(PassendFilterSet):
    contract = ReferenceFilter("contract_lot__contract__uuid")
    lot = ReferenceFilter("contract_lot__lot__uuid")
    provider = ReferenceFilter("contract_lot__contract__provider__uuid")
    component = CodeFilter(choices=Component.choices)
    unit = CodeFilter(choices=TariffUnit.choices)
    detail = TextFilter()
    amount_min = AmountFilter("amount", "gte")
    amount_max = AmountFilter("amount", "lte")
    valid_from_until = DayFilter("valid_from", "lte")
    valid_to_from = DayFilter("valid_to", "gte")

    class Meta:
        model = Tariff

    unfiltered: ClassVar = {**RECORD_FIELDS, "indexation": "read it in the indexations"}
