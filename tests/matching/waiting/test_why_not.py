"""Why not this place: the failed rules, the facts on both sides, and what would help."""

import pytest

from backend.common import clock
from matching.services.why_not import not_fitting_starts, why_not
from providers.choices import IntakeStatus
from tests.factories import matching as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def failed(found):
    return {one.code: one for one in found.failed}


def test_a_place_that_fits_has_no_failed_rule(municipality):
    found = why_not(need=make.need(municipality), intake=make.contracted_intake(municipality))
    assert found.fits
    assert found.failed == ()


def test_it_says_which_day_parts_are_missing_and_how_far_it_is(municipality):
    intake = make.contracted_intake(
        municipality, group__location__latitude=52.5, group__location__longitude=5.5
    )
    need = make.need(municipality, availability=("MO1",), max_travel_km=10)
    rules = failed(why_not(need=need, intake=intake))
    assert rules["DAYPART"].relax == ["WE1"]
    assert rules["DISTANCE"].need == 10.0
    assert rules["DISTANCE"].offer == pytest.approx(10.0 + rules["DISTANCE"].relax, abs=0.01)


def test_dates_levels_and_full_groups(municipality):
    intake = make.contracted_intake(municipality, full=True, group__course__level_from="A1")
    need = make.need(municipality, latest_start_date=intake.start_date.replace(day=1))
    rules = failed(why_not(need=need, intake=intake))
    assert rules["START_LATE"].relax == (intake.start_date - need.pip.latest_start_date).days
    assert rules["LEVEL"].relax == 1
    assert rules["SEATS"].offer == 0


def test_another_municipality_has_no_contract(municipality, other_municipality):
    intake = make.contracted_intake(other_municipality)
    rules = failed(why_not(need=make.need(municipality), intake=intake))
    assert rules["REGION_CONTRACT"].relax
    assert set(rules["REGION_CONTRACT"].relax) <= {"municipality", "targetGroup", "contractPeriod"}


def test_a_closed_start_is_not_open(municipality):
    intake = make.contracted_intake(municipality, status=IntakeStatus.CLOSED)
    found = why_not(need=make.need(municipality), intake=intake)
    assert not found.is_open
    assert not found.fits


def test_the_list_holds_what_does_not_fit_the_nearest_first(municipality):
    fits = make.contracted_intake(municipality)
    near = make.contracted_intake(municipality, full=True)
    farther = make.contracted_intake(municipality, full=True, group__course__level_from="A1")
    need = make.need(municipality)
    found = [one.intake for one in not_fitting_starts(need)]
    assert found == [near, farther]
    assert fits not in found
    assert [one.intake for one in not_fitting_starts(need, search=near.group.course.name)] == [near]
    assert clock.today() < near.start_date
