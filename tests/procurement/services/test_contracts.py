"""Lots and contracts: what may be bought, at which price, and when it is complete."""

from datetime import date
from decimal import Decimal

import pytest

from backend.accounts.actor import Actor
from backend.audit.models import AuditEvent
from backend.common.errors import InvalidError, NotAllowedError
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from procurement.choices import ContractStatus
from procurement.errors import ContractIncompleteError, ContractStateError
from procurement.models import Ceiling, Contract, ContractLot, Lot, Tariff
from procurement.selectors import contract_lot_for
from procurement.services.contracts import (
    contract_activate,
    contract_end,
    contract_lot_add,
    contract_register,
    contract_suspend,
)
from procurement.services.lots import Participation, lot_admit, lot_register
from procurement.services.tariffs import TariffDraft, tariff_add
from providers.models import CourseGroup, QualityMark
from tests.factories.organisations import MunicipalityFactory, OrganisationFactory
from tests.support.entering import actor_with, new_group, new_provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
START, END = date(2026, 1, 1), date(2027, 12, 31)
PRICE = TariffDraft("B", "learner_hour", Decimal("14.50"), START)


@pytest.fixture
def buyer() -> Organisation:
    return OrganisationFactory(region=True)


@pytest.fixture
def officer(buyer: Organisation) -> Actor:
    return actor_with(Permission.MANAGE_CONTRACTS, Permission.VIEW_CONTRACTS, at=[buyer])


@pytest.fixture
def town() -> Organisation:
    return MunicipalityFactory().organisation


@pytest.fixture
def group() -> CourseGroup:
    provider = new_provider()
    QualityMark.objects.create(provider=provider, kind="keurmerk", status="valid", valid_from=START)
    return new_group(provider)


@pytest.fixture
def lot(officer: Actor, buyer: Organisation, town: Organisation) -> Lot:
    return lot_register(
        actor=officer,
        buyer=buyer,
        code="P1",
        title="B1-route",
        components=["B"],
        target_groups=["asylum"],
        participations=[Participation(town, START)],
    )


@pytest.fixture
def contract(officer: Actor, buyer: Organisation, group: CourseGroup) -> Contract:
    return contract_register(
        actor=officer,
        buyer=buyer,
        provider=group.course.provider,
        number="2026-01",
        title="Raamovereenkomst B1",
        start_date=START,
        end_date=END,
    )


@pytest.fixture
def filled(officer: Actor, contract: Contract, lot: Lot, group: CourseGroup) -> ContractLot:
    return contract_lot_add(
        actor=officer,
        contract=contract,
        lot=lot,
        courses=[group.course],
        tariffs=[PRICE],
        ceiling_places=40,
    )


def faults(error: pytest.ExceptionInfo[InvalidError]) -> set[tuple[str, str]]:
    return {(one.field, one.code) for one in error.value.violations}


def test_active_contract_can_be_called_off(
    officer: Actor, filled: ContractLot, town: Organisation, group: CourseGroup
) -> None:
    def found() -> ContractLot | None:
        return contract_lot_for(
            course_id=group.course_id,
            municipality_id=town.pk,
            component="B",
            target_group="asylum",
            on=date(2026, 12, 1),
        )

    assert found() is None
    contract_activate(actor=officer, contract=filled.contract)
    assert found() == filled
    contract_suspend(actor=officer, contract=filled.contract, reason="Herstelplan")
    assert found() is None
    contract_activate(actor=officer, contract=filled.contract)
    contract_end(actor=officer, contract=filled.contract, reason="In overleg")
    with pytest.raises(ContractStateError):
        contract_activate(actor=officer, contract=filled.contract)
    assert Contract.objects.get().status == ContractStatus.ENDED
    assert list(
        AuditEvent.objects.filter(action__startswith="contract.")
        .order_by("pk")
        .values_list("action", flat=True)
    ) == [
        "contract.registered",
        "contract.active",
        "contract.suspended",
        "contract.active",
        "contract.ended",
    ]


def test_activation_names_every_gap(
    officer: Actor, contract: Contract, buyer: Organisation, group: CourseGroup
) -> None:
    with pytest.raises(ContractIncompleteError) as caught:
        contract_activate(actor=officer, contract=contract)
    assert faults(caught) == {("contract_lots", "no_lot")}
    empty = lot_register(
        actor=officer, buyer=buyer, code="P2", title="Leeg", components=["Z"],
        target_groups=["asylum"],
    )  # fmt: skip
    bare = lot_register(
        actor=officer, buyer=buyer, code="P3", title="B1", components=["B"],
        target_groups=["asylum"],
    )  # fmt: skip
    contract_lot_add(actor=officer, contract=contract, lot=empty, courses=[])
    late = TariffDraft("B", "learner_hour", Decimal(14), date(2026, 6, 1))
    contract_lot_add(
        actor=officer, contract=contract, lot=bare, courses=[group.course], tariffs=[late]
    )
    with pytest.raises(ContractIncompleteError) as caught:
        contract_activate(actor=officer, contract=contract)
    assert faults(caught) == {
        ("contract_lots.0.courses", "no_course"),
        ("contract_lots.0.participations", "no_municipality"),
        ("contract_lots.1.participations", "no_municipality"),
        ("contract_lots.1.tariffs", "no_tariff"),
    }
    assert Contract.objects.get().status == ContractStatus.DRAFT


def test_wrong_courses_and_tariffs_are_named_together(
    officer: Actor, contract: Contract, buyer: Organisation, group: CourseGroup
) -> None:
    other = new_group(new_provider(code="ander", duo_number=""))
    stranger = OrganisationFactory(region=True)
    foreign = lot_register(
        actor=actor_with(Permission.MANAGE_CONTRACTS, at=[stranger]),
        buyer=stranger,
        code="X",
        title="Elders",
        components=["Z"],
        target_groups=["asylum"],
    )
    with pytest.raises(InvalidError) as caught:
        contract_lot_add(
            actor=officer,
            contract=contract,
            lot=foreign,
            courses=[group.course, group.course, other.course],
            tariffs=[
                TariffDraft("Z", "learner_hour", Decimal(10), START),
                TariffDraft("Z", "module", Decimal(-1), date(2026, 5, 1), START),
                TariffDraft("MAP", "week", Decimal(1), START),
            ],
        )
    assert faults(caught) == {
        ("lot", "other_buyer"),
        ("courses.0", "component_not_in_lot"),
        ("courses.1", "component_not_in_lot"),
        ("courses.1", "repeated"),
        ("courses.2", "component_not_in_lot"),
        ("courses.2", "other_provider"),
        ("tariffs.1.amount", "negative"),
        ("tariffs.1.valid_to", "ends_before_start"),
        ("tariffs.2.unit", "invalid_choice"),
        ("tariffs.2.component", "component_not_in_lot"),
    }
    assert ContractLot.objects.count() == Tariff.objects.count() == Ceiling.objects.count() == 0


def test_new_price_must_wait_for_the_old_one_to_end(officer: Actor, filled: ContractLot) -> None:
    later = TariffDraft("B", "learner_hour", Decimal("15.10"), date(2027, 1, 1))
    with pytest.raises(InvalidError) as caught:
        tariff_add(actor=officer, contract_lot=filled, draft=later)
    assert faults(caught) == {("valid_from", "tariff_overlaps")}
    per_group = TariffDraft("B", "group_hour", Decimal(120), date(2027, 1, 1))
    tariff_add(actor=officer, contract_lot=filled, draft=per_group)
    assert Tariff.objects.count() == 2


def test_running_contract_keeps_what_it_covers(
    officer: Actor, filled: ContractLot, lot: Lot
) -> None:
    contract_activate(actor=officer, contract=filled.contract)
    with pytest.raises(ContractStateError):
        contract_lot_add(actor=officer, contract=filled.contract, lot=lot, courses=[])


def test_lot_takes_municipalities_once(
    officer: Actor, lot: Lot, town: Organisation, buyer: Organisation
) -> None:
    with pytest.raises(InvalidError) as caught:
        lot_admit(
            actor=officer,
            lot=lot,
            participations=[Participation(town, END), Participation(buyer, END, START)],
        )
    assert faults(caught) == {
        ("participations.0.municipality", "takes_part_already"),
        ("participations.1.municipality", "not_a_municipality"),
        ("participations.1.valid_to", "ends_before_start"),
    }
    newcomer = MunicipalityFactory().organisation
    lot_admit(actor=officer, lot=lot, participations=[Participation(newcomer, START)])
    assert lot.participations.count() == 2


def test_only_the_buyers_officers_contract(
    contract: Contract, lot: Lot, town: Organisation
) -> None:
    somebody = actor_with(Permission.MANAGE_CONTRACTS, at=[town])
    with pytest.raises(NotAllowedError):
        contract_activate(actor=somebody, contract=contract)
    with pytest.raises(NotAllowedError):
        lot_admit(actor=somebody, lot=lot, participations=[])
    assert Contract.objects.get().status == ContractStatus.DRAFT


def test_codes_and_numbers_are_unique_for_a_buyer(
    officer: Actor, contract: Contract, lot: Lot, buyer: Organisation
) -> None:
    with pytest.raises(InvalidError) as caught:
        lot_register(
            actor=officer,
            buyer=buyer,
            code="P1",
            title="",
            components=["B", "Q"],
            target_groups=["asylum"],
        )
    assert faults(caught) == {
        ("code", "code_taken"),
        ("title", "blank"),
        ("components", "item_invalid"),
    }
    with pytest.raises(InvalidError) as caught:
        contract_register(
            actor=officer,
            buyer=buyer,
            provider=contract.provider,
            number="2026-01",
            title="Nog een",
            start_date=END,
            end_date=START,
        )
    assert faults(caught) == {("number", "number_taken"), ("end_date", "ends_before_start")}
