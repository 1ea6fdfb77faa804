"""KPI agreements and indicators speak of the same things, though neither app reads the other."""

import pytest

from backend.common.codes import Component
from procurement.kpi_codes import KPI_CODES, proposed_set
from quality.choices import IndicatorUnit
from quality.definitions import DEFINITIONS

# The catalogue of quality.md without T1 (the municipality's own term) and M4 (has no good side).
CODES = "T2 T3 T4 T5 S1 S2 S3 S4 S5 M1 M2 M3 D1 D2 D3 D4 Q1 Q2 Q3 Q4 Q5 Q6 Q7"
CATALOGUE = CODES.split()


def test_a_contract_can_agree_on_every_indicator_of_the_catalogue():
    assert list(KPI_CODES) == CATALOGUE


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda one: one.code)
def test_what_quality_measures_can_be_agreed_in_the_same_sense(definition):
    agreed = KPI_CODES[definition.code]
    assert agreed.high_is_good is not definition.low_is_good
    scale = 100 if definition.unit == IndicatorUnit.SHARE else 1
    if definition.norm is not None:
        assert float(agreed.proposed_norm) == pytest.approx(definition.norm * scale)
    in_sets = [
        one
        for component in Component.values
        for one in proposed_set(component)
        if one.code == definition.code
    ]
    assert all(one.minimum_n >= definition.min_n for one in in_sets)


@pytest.mark.parametrize("component", Component.values)
def test_what_is_proposed_for_a_new_contract_can_be_agreed(component):
    proposed = proposed_set(component)
    assert sum(one.weight for one in proposed) == 100
    assert {one.code for one in proposed} <= set(KPI_CODES)
    for one in proposed:
        highest = KPI_CODES[one.code].highest
        assert highest is None or one.norm <= highest
