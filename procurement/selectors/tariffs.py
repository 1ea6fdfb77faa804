"""Prices over time: which days have none, and what they were."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from backend.common.periods import Period, gaps
from procurement.choices import FEES
from procurement.models import Contract, ContractLot, Tariff


@dataclass(frozen=True)
class TariffGap:
    """Days of the contract on which a component of a lot has no price."""

    contract_lot: ContractLot
    component: str
    period: Period


def tariff_gaps(contract: Contract, contract_lots: Sequence[ContractLot]) -> list[TariffGap]:
    """Every gap in the prices of what the lots deliver, over the whole contract.

    Without queries when courses and tariffs of `contract_lots` have been prefetched.
    """
    term = Period(contract.start_date, contract.end_date)
    found = []
    for one in contract_lots:
        priced: dict[str, list[Period]] = defaultdict(list)
        for tariff in one.tariffs.all():
            if tariff.unit not in FEES:
                priced[tariff.component].append(Period(tariff.valid_from, tariff.valid_to))
        for component in sorted({row.course.component for row in one.contract_courses.all()}):
            found += [TariffGap(one, component, gap) for gap in gaps(priced[component], term)]
    return found


def price_history(contract_id: int) -> QuerySet[Tariff]:
    """All prices there ever were, per lot, component and unit from old to new."""
    return (
        Tariff.objects.filter(contract_lot__contract=contract_id)
        .select_related("contract_lot__lot", "indexation")
        .order_by("contract_lot__lot__code", "component", "unit", "detail", "valid_from")
    )
