"""Contracts: one call gives everything a municipality needs to buy a course."""

from datetime import date
from decimal import Decimal

from backend.common.codes import TargetGroup
from backend.organisations.models import Organisation
from procurement.choices import ContractStatus, TariffUnit
from procurement.models import (
    Ceiling,
    Contract,
    ContractCourse,
    ContractLot,
    Lot,
    LotMunicipality,
    Tariff,
)
from providers.models import Course

FROM, TO = date(2025, 1, 1), date(2028, 12, 31)


def contract_for(
    *courses: Course,
    municipalities: list[Organisation],
    places: int | None = None,
    amount: Decimal | None = None,
    target_groups: tuple[str, ...] = (TargetGroup.ASYLUM,),
    status: str = ContractStatus.ACTIVE,
    start_date: date = FROM,
    end_date: date = TO,
    price: Decimal | None = Decimal("14.50"),
) -> ContractLot:
    """A contract lot under which these municipalities may call off these courses (one provider)."""
    buyer = municipalities[0]
    number = Contract.objects.count() + 1
    components = sorted({course.component for course in courses})
    lot = Lot.objects.create(
        buyer=buyer,
        code=f"P{number}",
        title=f"Perceel {number}",
        components=components,
        target_groups=list(target_groups),
    )
    for municipality in municipalities:
        LotMunicipality.objects.create(lot=lot, municipality=municipality, valid_from=FROM)
    contract = Contract.objects.create(
        buyer=buyer,
        provider=courses[0].provider,
        number=f"C{number}",
        title=f"Contract {number}",
        start_date=start_date,
        end_date=end_date,
        status=status,
    )
    contract_lot = ContractLot.objects.create(contract=contract, lot=lot)
    for course in courses:
        ContractCourse.objects.create(contract_lot=contract_lot, course=course)
    if price is not None:
        for component in components:
            Tariff.objects.create(
                contract_lot=contract_lot,
                component=component,
                unit=TariffUnit.LEARNER_HOUR,
                amount=price,
                valid_from=FROM,
            )
    if places is not None or amount is not None:
        Ceiling.objects.create(contract_lot=contract_lot, places=places, amount=amount)
    return contract_lot
