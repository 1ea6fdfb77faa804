"""A place that has been offered uses a ceiling and a share in a run, as a call-off does later."""

from datetime import date, timedelta

import pytest

from backend.common import clock
from matching.choices import PlacementState
from matching.models import Placement
from matching.selectors import offered
from matching.selectors.policy import default_policy, engine_policy
from matching.services.supply_advice import supply_advice_of
from procurement.choices import ContractStatus
from procurement.public import ExpectedCallOff, contract_lot_for, expected_from
from procurement.selectors.pools import pool_lines
from tests.factories.matching import contracted_intake
from tests.factories.matching import placement as placed
from tests.factories.procurement import contract_for
from tests.matching.test_run_shares import run_for, share, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def ceiling(municipality, other_municipality):
    """A start with many seats, of a contract of two municipalities with two places."""
    return contracted_intake(municipality, other_municipality, seats_total=9, places=2)


def proposed(town):
    run = run_for(town)
    left = run.proposals.filter(intake_moment=None)
    return run.summary["placed"], [dict(one.explained.reasons) for one in left]


@pytest.mark.parametrize("state", [PlacementState.DRAFT, PlacementState.OFFERED])
def test_an_offered_place_uses_the_ceiling_for_every_municipality(
    municipality, other_municipality, ceiling, state
):
    placed(other_municipality, state=state, intake=ceiling)
    waiting(municipality, municipality)
    assert proposed(municipality) == (1, [{"CEILING": 1}])


def test_without_the_count_the_run_would_propose_a_place_too_many(
    municipality, other_municipality, ceiling, monkeypatch
):
    placed(other_municipality, state=PlacementState.OFFERED, intake=ceiling)
    waiting(municipality, municipality)
    monkeypatch.setattr(offered, "offered_places", lambda on: [])
    assert proposed(municipality) == (2, [])


def test_an_accepted_place_counts_once(municipality, other_municipality, ceiling):
    placed(other_municipality, state=PlacementState.ACCEPTED, intake=ceiling)
    waiting(municipality, municipality)
    assert proposed(municipality)[0] == 1


@pytest.mark.parametrize("state", [PlacementState.REFUSED, PlacementState.WITHDRAWN])
def test_an_offer_that_ended_counts_no_more(municipality, other_municipality, ceiling, state):
    placed(other_municipality, state=state, intake=ceiling)
    waiting(municipality, municipality)
    assert proposed(municipality)[0] == 2


def test_an_offer_that_ran_out_counts_no_more(municipality, other_municipality, ceiling):
    """By the clock, whether or not the clean-up has come by."""
    one = placed(other_municipality, state=PlacementState.OFFERED, intake=ceiling)
    Placement.objects.filter(pk=one.pk).update(answer_due_at=clock.now() - timedelta(hours=1))
    assert offered.offered_places(clock.today()) == []
    waiting(municipality, municipality)
    assert proposed(municipality)[0] == 2


def test_a_referral_uses_nothing(municipality, other_municipality, ceiling):
    one = placed(other_municipality, state=PlacementState.OFFERED, intake=ceiling)
    Placement.objects.filter(pk=one.pk).update(is_referral=True)
    waiting(municipality, municipality)
    assert proposed(municipality)[0] == 2


def test_an_offered_place_uses_the_share_of_its_own_municipality(municipality, other_municipality):
    start = contracted_intake(municipality, other_municipality, seats_total=9)
    share(start, {municipality: 2, other_municipality: 2})
    placed(municipality, state=PlacementState.OFFERED, intake=start)
    waiting(municipality, municipality, other_municipality, other_municipality)
    assert proposed(municipality) == (1, [{"CEILING": 1}])
    assert proposed(other_municipality)[0] == 2
    # What the page of the lot shows as used are call-offs: money that is bound.
    lot = start.group.course.contract_courses.get().contract_lot.lot
    assert {one.used for one in pool_lines(lot)} == {0}


def test_the_advice_on_groups_counts_it_too(municipality, ceiling):
    placed(municipality, state=PlacementState.OFFERED, intake=ceiling)
    waiting(municipality, municipality)
    found = supply_advice_of(
        municipality_ids=[municipality.pk],
        policy=engine_policy(default_policy()),
        as_of=clock.today(),
    )
    assert (found["needs"], found["placed"]) == (2, 1)


def test_what_is_expected_is_what_acceptance_will_choose(municipality, other_municipality):
    start = contracted_intake(municipality, places=1)
    course = start.group.course
    later = date(2029, 12, 31)
    contract_for(course, municipalities=[municipality], end_date=later)
    contract_for(course, municipalities=[municipality], end_date=later)
    contract_for(
        course, municipalities=[municipality, other_municipality], target_groups=("family",)
    )
    contract_for(
        course,
        municipalities=[municipality, other_municipality],
        end_date=date(2031, 1, 1),
        status=ContractStatus.DRAFT,
    )
    asked = [
        ExpectedCallOff(course.pk, town.pk, component, group, day)
        for town in (municipality, other_municipality)
        for component in (course.component, "KNM")
        for group in ("asylum", "family", "other")
        for day in (date(2024, 1, 1), start.start_date, date(2029, 6, 1), date(2030, 6, 1))
    ]
    answers = expected_from(asked)
    for one, answer in zip(asked, answers, strict=True):
        lot = contract_lot_for(
            course_id=one.course_id,
            municipality_id=one.municipality_id,
            component=one.component,
            target_group=one.target_group,
            on=one.start_date,
        )
        assert (answer and answer.contract_lot_id) == (lot and lot.pk)
        assert (answer and answer.lot_id) == (lot and lot.lot_id)
    assert sum(answer is not None for answer in answers) == 4
