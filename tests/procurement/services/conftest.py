"""A buyer with a lot and a contract in force, as every test of contracts needs it."""

from datetime import date
from decimal import Decimal

import pytest

from backend.accounts.actor import Actor
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from procurement.models import Contract, ContractLot, Lot
from procurement.services.contracts import contract_activate, contract_lot_add, contract_register
from procurement.services.lots import Participation, lot_register
from procurement.services.tariffs import TariffDraft
from providers.models import CourseGroup, Provider, QualityMark
from tests.factories.organisations import MunicipalityFactory
from tests.support.entering import actor_with, new_group, new_provider

START, END = date(2026, 1, 1), date(2027, 12, 31)


@pytest.fixture
def town() -> Organisation:
    return MunicipalityFactory().organisation


@pytest.fixture
def manager(town: Organisation) -> Actor:
    return actor_with(Permission.MANAGE_CONTRACTS, Permission.VIEW_CONTRACTS, at=[town])


@pytest.fixture
def school_group() -> CourseGroup:
    provider = new_provider()
    QualityMark.objects.create(
        provider=provider, kind="keurmerk", status="valid", valid_from=date(2025, 1, 1)
    )
    return new_group(provider)


@pytest.fixture
def school(school_group: CourseGroup) -> Provider:
    return school_group.course.provider


@pytest.fixture
def own_lot(manager: Actor, town: Organisation) -> Lot:
    return lot_register(
        actor=manager,
        buyer=town,
        code="P1",
        title="B1-route",
        components=["B"],
        target_groups=["asylum"],
        participations=[Participation(town, START)],
    )


@pytest.fixture
def draft(manager: Actor, town: Organisation, school: Provider) -> Contract:
    return contract_register(
        actor=manager,
        buyer=town,
        provider=school,
        number="2026-01",
        title="Raamovereenkomst",
        start_date=START,
        end_date=END,
    )


@pytest.fixture
def delivered(
    manager: Actor, draft: Contract, own_lot: Lot, school_group: CourseGroup
) -> ContractLot:
    return contract_lot_add(
        actor=manager,
        contract=draft,
        lot=own_lot,
        courses=[school_group.course],
        tariffs=[TariffDraft("B", "learner_hour", Decimal("14.50"), START)],
        ceiling_places=40,
    )


@pytest.fixture
def running(manager: Actor, delivered: ContractLot) -> Contract:
    return contract_activate(actor=manager, contract=delivered.contract)
