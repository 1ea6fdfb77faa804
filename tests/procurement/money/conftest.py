"""A contract of Eigenstad with one provider, and everybody who handles its money."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from backend.accounts.actor import Actor
from backend.accounts.actors import actor_for
from backend.accounts.models import User
from backend.organisations.models import Organisation
from procurement.models import CallOff, ContractLot
from procurement.public import call_off_open
from tests.factories.procurement import contract_for
from tests.factories.providers import CourseFactory, ProviderFactory

PRICE = Decimal("14.50")


@dataclass
class Money:
    contract_lot: ContractLot
    municipality: Organisation
    officer: Actor
    planner: Actor

    def open(
        self,
        hours: int | str = 100,
        reference: UUID | None = None,
        start_date: date = date(2026, 9, 1),
        end_date: date = date(2027, 6, 30),
    ) -> CallOff:
        return call_off_open(
            actor=self.officer,
            reference=reference or uuid4(),
            contract_lot_id=self.contract_lot.pk,
            municipality_id=self.municipality.pk,
            component="B",
            start_date=start_date,
            end_date=end_date,
            hours=Decimal(hours),
        )


@pytest.fixture
def make_money(
    municipality: Organisation,
    provider: Organisation,
    procurement_officer: User,
    provider_planner: User,
    frozen_clock: object,
) -> Callable[..., Money]:
    def make(**contract: object) -> Money:
        course = CourseFactory(
            provider=ProviderFactory(organisation=provider), component="B", total_hours=600
        )
        lot = contract_for(course, municipalities=[municipality], price=PRICE, **contract)  # type: ignore[arg-type]
        return Money(lot, municipality, actor_for(procurement_officer), actor_for(provider_planner))

    return make


@pytest.fixture
def money(make_money: Callable[..., Money]) -> Money:
    return make_money()
