"""A run stays within what is left of a municipality's share and of two contracts for one start."""

import pytest

from matching.choices import NeedState
from matching.engine import WhatIf
from matching.models import Need
from matching.selectors.offers import OfferSet
from matching.services import what_if as what_ifs
from matching.services.runs import match_run_execute, match_run_request
from matching.services.what_if import what_if
from procurement.services.pools import lot_pool_set
from tests.factories.matching import contracted_intake, everything, need
from tests.factories.organisations import RegionMembershipFactory
from tests.factories.procurement import contract_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def run_for(organisation):
    run = match_run_request(actor=everything(organisation), organisation=organisation)
    return match_run_execute(run_id=run.pk)


def waiting(*towns):
    found = [need(town) for town in towns]
    Need.objects.exclude(component="B").update(state=NeedState.CLOSED)
    return found


def share(intake, quotas):
    lot_pool_set(
        actor=everything(*quotas),
        lot=intake.group.course.contract_courses.get().contract_lot.lot,
        mode="quota",
        quotas={town.pk: places for town, places in quotas.items()},
        reason="Samen delen.",
    )


@pytest.fixture
def shared(region, municipality, other_municipality):
    """One start with three seats; of the lot each municipality may use so many."""
    RegionMembershipFactory(municipality=other_municipality, region=region)
    intake = contracted_intake(municipality, other_municipality, seats_total=3)
    share(intake, {municipality: 1, other_municipality: 2})
    return intake


def test_no_more_is_proposed_than_the_share_and_the_rest_hears_why(
    region, shared, municipality, other_municipality
):
    waiting(municipality, municipality, other_municipality)
    run = run_for(region)
    placed = run.proposals.filter(intake_moment=shared).values_list("need__municipality", flat=True)
    assert sorted(placed) == sorted([municipality.pk, other_municipality.pk])
    left = run.proposals.get(intake_moment=None)
    assert left.cause == "all_full"
    assert left.explained.reasons == {"CEILING": 1}
    assert run.summary["failedRules"] == {"CEILING": 1}
    assert (run.summary["limitsExceeded"], run.summary["isOptimal"]) == (1, False)
    assert (run.summary["placed"], run.summary["placedAtMost"]) == (2, 3)


def test_without_the_guard_the_share_would_be_exceeded(
    region, shared, municipality, other_municipality, monkeypatch
):
    monkeypatch.setattr(OfferSet, "limits", lambda self, needs: ())
    waiting(municipality, municipality, other_municipality)
    assert run_for(region).summary["placed"] == 3


def put_anyway(region, shared):
    """Who else loses a place when the person who was left out gets the start after all."""
    left = run_for(region).proposals.get(intake_moment=None)
    (found,) = what_if(
        actor=everything(left.need.municipality), proposal=left, intake_moments=[shared]
    )
    return found


def test_another_choice_keeps_to_the_share_too(region, shared, municipality):
    """Two seats are free, but of the town only one may have one: the other one gives way."""
    waiting(municipality, municipality)
    found = put_anyway(region, shared)
    assert (found.fits, found.is_overbooked) == (True, False)
    assert (found.loses, found.gains, found.moves) == ((0, 0, 1), (0, 0, 0), (0, 0, 0))


def test_without_the_shares_nobody_would_notice(region, shared, municipality, monkeypatch):
    monkeypatch.setattr(what_ifs, "WhatIf", lambda result, limits: WhatIf(result))
    waiting(municipality, municipality)
    assert put_anyway(region, shared).loses == (0, 0, 0)


def test_a_start_under_two_contracts_with_ceilings_is_proposed_once_per_seat(
    region, municipality, other_municipality
):
    intake = contracted_intake(municipality, seats_total=1, places=5)
    contract_for(
        intake.group.course, municipalities=[municipality], places=5, target_groups=("asylum",)
    )
    waiting(municipality, municipality)
    run = run_for(municipality)
    assert run.summary["placed"] == 1
    assert run.proposals.get(intake_moment=None).cause == "all_full"
