"""Prices over time, and indexation with a preview."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.audit.models import AuditEvent
from backend.common.errors import InvalidError
from procurement.models import Indexation, Tariff
from procurement.selectors import tariff_on
from procurement.selectors.tariffs import price_history
from procurement.services.indexation import (
    RuleDraft,
    indexation_apply,
    indexation_preview,
    indexation_rule_set,
    indexed_price,
    next_indexation_date,
)
from procurement.services.tariffs import TariffDraft, tariff_add

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
NEW_YEAR = date(2027, 1, 1)


def codes(error) -> set[str]:
    return {one.code for one in error.value.violations}


def test_preview_shows_what_apply_then_does(manager, running, delivered):
    tariff_add(
        actor=manager,
        contract_lot=delivered,
        draft=TariffDraft("B", "no_show_fee", Decimal("25.00"), date(2026, 1, 1)),
    )
    terms = {
        "actor": manager,
        "contract": running,
        "effective_date": NEW_YEAR,
        "percentage": Decimal("2.35"),
    }
    preview = indexation_preview(**terms)
    assert Tariff.objects.count() == 2
    assert sorted((one.old, one.new) for one in preview) == [
        (Decimal("14.50"), Decimal("14.84")),
        (Decimal("25.00"), Decimal("25.59")),
    ]
    run = indexation_apply(**terms, source="CBS")
    assert sorted(one.amount for one in run.tariffs.all()) == [Decimal("14.84"), Decimal("25.59")]
    assert [one.valid_to for one in price_history(running.pk)] == [
        date(2026, 12, 31),
        None,
        date(2026, 12, 31),
        None,
    ]
    before = tariff_on(contract_lot_id=delivered.pk, component="B", on=date(2026, 12, 31))
    assert before.amount == Decimal("14.50")
    after = tariff_on(contract_lot_id=delivered.pk, component="B", on=NEW_YEAR)
    assert after.amount == Decimal("14.84")
    event = AuditEvent.objects.get(action="indexation.applied")
    assert len(event.after["prices"]) == 2


def test_a_day_is_indexed_once(manager, running):
    terms = {
        "actor": manager,
        "contract": running,
        "effective_date": NEW_YEAR,
        "percentage": Decimal(2),
    }
    indexation_apply(**terms)
    with pytest.raises(InvalidError) as error:
        indexation_apply(**terms)
    assert codes(error) == {"indexed_already"}
    assert Tariff.objects.count() == 2


@pytest.mark.parametrize(
    ("day", "percentage", "expected"),
    [
        (date(2026, 1, 1), 2, "outside_contract"),
        (date(2028, 1, 1), 2, "outside_contract"),
        (NEW_YEAR, 80, "max_value"),
    ],
)
def test_bad_indexations_change_nothing(manager, running, day, percentage, expected):
    with pytest.raises(InvalidError) as error:
        indexation_apply(
            actor=manager,
            contract=running,
            effective_date=day,
            percentage=Decimal(percentage),
        )
    assert expected in codes(error)
    assert (Indexation.objects.count(), Tariff.objects.count()) == (0, 1)


def test_several_prices_of_one_unit_have_a_name_each(manager, running, delivered):
    for detail in ("intake", "A1"):
        tariff_add(
            actor=manager,
            contract_lot=delivered,
            draft=TariffDraft("B", "phase", Decimal(500), date(2026, 1, 1), detail=detail),
        )
    with pytest.raises(InvalidError) as error:
        tariff_add(
            actor=manager,
            contract_lot=delivered,
            draft=TariffDraft("B", "phase", Decimal(600), date(2027, 1, 1), detail="A1"),
        )
    assert codes(error) == {"tariff_overlaps"}


def test_rule_needs_its_percentage_or_its_index(manager, running):
    with pytest.raises(InvalidError) as error:
        indexation_rule_set(
            actor=manager, contract=running, draft=RuleDraft("fixed", first_year=2027)
        )
    assert codes(error) == {"required"}
    rule = indexation_rule_set(
        actor=manager,
        contract=running,
        draft=RuleDraft("index", first_year=2027, month=7, index_name="CBS CPI"),
    )
    assert next_indexation_date(rule, date(2026, 1, 1)) == date(2027, 7, 1)
    assert next_indexation_date(rule, date(2027, 7, 2)) == date(2028, 7, 1)


@given(
    cents=st.integers(0, 10_000_000),
    percentage=st.decimals(-25, 25, places=2),
    rounding=st.sampled_from(["0.01", "0.05", "0.10", "1.00"]),
)
def test_indexed_price_is_a_multiple_and_at_most_half_a_step_off(cents, percentage, rounding):
    amount, step = Decimal(cents) / 100, Decimal(rounding)
    price = indexed_price(amount, percentage, rounding)
    assert price % step == 0
    assert abs(price - amount * (100 + percentage) / 100) <= step / 2
