"""The ledger: every change writes its line, and its sums always equal the rows."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction

from backend.common.errors import InvalidError, NotAllowedError
from procurement.models import CallOff, LedgerEntry, Tariff
from procurement.money_errors import CallOffNotFoundError
from procurement.public import CeilingReachedError, call_off_release
from procurement.selectors.ledger import Balance, balances_of_lots
from procurement.selectors.ledger_checks import LedgerFault, ledger_faults
from procurement.services.budgets import expense_record
from procurement.services.ledger import Delivery, deliveries_record

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


def balance(money) -> Balance:
    return balances_of_lots([money.contract_lot.pk])[money.contract_lot.pk]


def deliver(money, call_off, month, quantity):
    return deliveries_record(
        actor=money.planner,
        deliveries=[Delivery(call_off.reference, month, Decimal(quantity))],
    )


def test_opening_commits(money):
    call_off = money.open(hours=100)

    entry = LedgerEntry.objects.get()
    assert (entry.kind, entry.amount, entry.quantity) == ("committed", Decimal("1450.00"), 100)
    assert (entry.call_off, entry.category, entry.month) == (call_off, "B", SEPTEMBER)
    assert ledger_faults() == []


def test_release_gives_back_what_was_not_delivered(money):
    call_off = money.open(hours=100)
    deliver(money, call_off, OCTOBER, 30)

    call_off_release(actor=money.officer, reference=call_off.reference)
    call_off_release(actor=money.officer, reference=call_off.reference)

    assert balance(money) == Balance(
        committed=Decimal("1450.00"), released=Decimal("1015.00"), delivered=Decimal("435.00")
    )
    assert balance(money).bound == Decimal("435.00")
    assert ledger_faults() == []


def test_late_delivery_takes_back_what_was_released(money):
    call_off = money.open(hours=100)
    call_off_release(actor=money.officer, reference=call_off.reference)

    deliver(money, call_off, OCTOBER, 10)

    assert balance(money).bound == balance(money).delivered == Decimal("145.00")
    assert ledger_faults() == []


def test_a_month_is_reported_again_with_another_total(money):
    call_off = money.open(hours=100)
    assert deliver(money, call_off, OCTOBER, 30) == 1
    assert deliver(money, call_off, date(2026, 10, 17), 30) == 0
    assert deliver(money, call_off, OCTOBER, 25) == 1

    assert balance(money).delivered == Decimal("362.50")
    assert LedgerEntry.objects.filter(kind="delivered").count() == 2
    assert ledger_faults() == []


def test_impossible_deliveries_write_nothing(money):
    call_off = money.open(hours=100)
    with pytest.raises(InvalidError) as refused:
        deliveries_record(
            actor=money.planner,
            deliveries=[
                Delivery(call_off.reference, date(2026, 12, 1), Decimal(5)),
                Delivery(call_off.reference, OCTOBER, Decimal(-1)),
            ],
        )
    with pytest.raises(CallOffNotFoundError):
        deliveries_record(
            actor=money.planner,
            deliveries=[
                Delivery(call_off.reference, OCTOBER, Decimal(5)),
                Delivery(uuid4(), OCTOBER, Decimal(5)),
            ],
        )
    assert [(one.field, one.code) for one in refused.value.violations] == [
        ("deliveries.0.month", "date_in_future"),
        ("deliveries.1.quantity", "negative"),
    ]
    assert balance(money).delivered == 0


def test_what_was_delivered_before_release_still_counts_against_the_ceiling(make_money):
    money = make_money(amount=Decimal("2000.00"))
    first = money.open(hours=100)
    deliver(money, first, OCTOBER, 80)
    call_off_release(actor=money.officer, reference=first.reference)

    with pytest.raises(CeilingReachedError):
        money.open(hours=60)
    assert money.open(hours=57).amount == Decimal("826.50")


def test_an_expense_is_delivered_claimed_and_approved(money):
    expense_record(
        actor=money.officer,
        municipality=money.municipality,
        reference=uuid4(),
        category="interpreter",
        spent_date=date(2026, 10, 9),
        amount=Decimal("95.00"),
        description="Tolk bij de brede intake",
    )
    assert sorted(LedgerEntry.objects.values_list("kind", flat=True)) == [
        "approved",
        "claimed",
        "delivered",
    ]
    assert ledger_faults() == []


def test_impossible_expenses_are_refused(money):
    facts = {
        "municipality": money.municipality,
        "reference": uuid4(),
        "category": "interpreter",
        "description": "Tolk",
    }
    with pytest.raises(InvalidError) as refused:
        expense_record(actor=money.officer, spent_date=date(2027, 1, 1), amount=Decimal(0), **facts)
    with pytest.raises(NotAllowedError):
        expense_record(actor=money.planner, spent_date=date(2026, 1, 1), amount=Decimal(1), **facts)
    assert {one.code for one in refused.value.violations} == {"zero", "date_in_future"}
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "update procurement_ledgerentry set amount = 1",
        "delete from procurement_ledgerentry",
        "truncate procurement_ledgerentry cascade",
        "update procurement_calloff set amount = 1",
        "update procurement_tariff set amount = 1",
    ],
)
def test_the_database_refuses_to_rewrite_money(money, statement):
    call_off = money.open()
    # What is deferred to the end of a transaction would stand in the way of TRUNCATE.
    connection.check_constraints()
    with (
        pytest.raises((InternalError, ProgrammingError), match=r"never changed|frozen"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert CallOff.objects.get().amount == call_off.amount
    assert Tariff.objects.get().amount == Decimal("14.50")


def test_the_check_finds_what_went_behind_its_back(money):
    call_off = money.open(hours=10)
    CallOff.objects.filter(pk=call_off.pk).update(state="released")

    assert ledger_faults() == [
        LedgerFault("released", str(call_off.uuid), Decimal("145.00"), Decimal(0))
    ]
