"""The forecast: what is not delivered yet, over the days that are left, to the cent."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from backend.common import clock
from procurement.models import CallOff, LedgerEntry
from procurement.public import Delivery, call_off_release, deliveries_record
from procurement.selectors.budgets import (
    accountability,
    budget_lines,
    months_of_contract,
)
from procurement.selectors.forecast import forecast_by_lot, forecast_by_payer
from procurement.services.budgets import budget_set, expense_record

pytestmark = pytest.mark.django_db
# The clock stands still on 18 November 2026.


def forecast(money):
    rows = forecast_by_payer(CallOff.objects.all(), clock.today())
    assert all(one.key == money.municipality.pk for one in rows)
    return {one.month: one.amount for one in rows}


def test_what_is_left_is_spread_over_the_days_that_are_left(money):
    # 100 days from 18 November: 13 in November, 31, 31, and 25 in February.
    money.open(hours=100, start_date=date(2026, 9, 1), end_date=date(2027, 2, 25))

    assert forecast(money) == {
        date(2026, 11, 1): Decimal("188.50"),
        date(2026, 12, 1): Decimal("449.50"),
        date(2027, 1, 1): Decimal("449.50"),
        date(2027, 2, 1): Decimal("362.50"),
    }


def test_delivered_and_released_is_not_expected_any_more(money):
    call_off = money.open(hours=100)
    other = money.open(hours=50)
    deliveries_record(
        actor=money.planner,
        deliveries=[Delivery(call_off.reference, date(2026, 10, 1), Decimal(40))],
    )
    call_off_release(actor=money.officer, reference=other.reference)

    assert sum(forecast(money).values()) == Decimal("870.00")


def test_cents_are_never_lost(money):
    for number in range(7):
        money.open(hours="33.33", end_date=date(2027, 1 + number, 13))
    total = sum(one.amount for one in CallOff.objects.all())

    assert sum(forecast(money).values()) == total
    by_lot = forecast_by_lot(CallOff.objects.all(), clock.today())
    assert sum(one.amount for one in by_lot) == total


def test_a_call_off_that_starts_later_or_ended_already(money):
    money.open(hours=10, start_date=date(2027, 3, 1), end_date=date(2027, 3, 31))
    money.open(hours=20, start_date=date(2026, 1, 1), end_date=date(2026, 3, 31))

    assert forecast(money) == {
        date(2026, 11, 1): Decimal("290.00"),
        date(2027, 3, 1): Decimal("145.00"),
    }


def test_the_months_of_a_contract_add_up(money):
    call_off = money.open(hours=100)
    deliveries_record(
        actor=money.planner,
        deliveries=[Delivery(call_off.reference, date(2026, 10, 1), Decimal(40))],
    )
    months = months_of_contract(money.contract_lot.contract_id)

    assert months[0].delivered == Decimal("580.00")
    assert sum(one.delivered + one.expected for one in months) == call_off.amount


def test_a_call_off_over_new_year_counts_in_each_year_for_its_part(money):
    budget_set(
        actor=money.officer,
        municipality=money.municipality,
        year=2026,
        source="spuk",
        category="B",
        amount=Decimal(1000),
    )
    call_off = money.open(hours=100, end_date=date(2027, 2, 25))
    expense_record(
        actor=money.officer,
        municipality=money.municipality,
        reference=uuid4(),
        category="interpreter",
        spent_date=date(2026, 5, 5),
        amount=Decimal(95),
        description="Tolk",
    )
    this_year = {one.category: one for one in budget_lines(money.municipality.pk, 2026)}
    next_year = {one.category: one for one in budget_lines(money.municipality.pk, 2027)}

    assert this_year["B"].committed == Decimal("638.00")
    assert this_year["B"].left == Decimal("362.00")
    assert this_year["B"].committed + next_year["B"].committed == call_off.amount
    assert (this_year["interpreter"].paid, this_year["interpreter"].left) == (95, -95)


def test_accountability_has_one_row_per_reference_and_category(money):
    call_off = money.open(hours=100)
    for month in (9, 10):
        deliveries_record(
            actor=money.planner,
            deliveries=[Delivery(call_off.reference, date(2026, month, 1), Decimal(10))],
        )
    rows = accountability(LedgerEntry.objects.all(), 2026)

    assert [(one.reference, one.category, one.delivered) for one in rows] == [
        (str(call_off.reference), "B", Decimal("290.00"))
    ]
    assert rows[0].is_education_route is False
    assert accountability(LedgerEntry.objects.all(), 2025) == []
