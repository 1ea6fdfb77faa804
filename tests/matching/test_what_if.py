"""The preview of a run, what it changed, and what another choice would do to the others."""

from datetime import date

import pytest

from backend.common.errors import NotAllowedError, NotFoundError
from matching.choices import NeedState
from matching.errors import NeedNotWaitingError
from matching.models import Need
from matching.selectors.run_changes import run_changes
from matching.services.proposals import proposal_accept, proposal_decline
from matching.services.run_preview import run_preview
from matching.services.runs import match_run_execute, match_run_request
from matching.services.what_if import what_if
from tests.factories.matching import contracted_intake, everything, need

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def run_for(organisation):
    run = match_run_request(actor=everything(organisation), organisation=organisation)
    return match_run_execute(run_id=run.pk)


def waiting(municipality, **data):
    one = need(municipality, **data)
    Need.objects.filter(pip=one.pip).exclude(pk=one.pk).update(state="closed")
    return one


def test_the_preview_counts_people_places_and_what_is_left_alone(municipality, other_municipality):
    contracted_intake(municipality, seats_total=3, start_date=date(2027, 2, 1))
    waiting(municipality, latest_start_date=date(2026, 12, 10))
    for _ in range(2):
        waiting(municipality)
    actor = everything(municipality)
    before = run_preview(actor=actor, organisation=municipality)
    assert (before.needs, before.by_tier, before.by_component) == (3, (1, 0, 2), {"B": 3})
    assert (before.starts, before.seats, before.unknown, before.busy) == (1, 3, 0, False)
    first, second = run_for(municipality).proposals.exclude(intake_moment=None)[:2]
    proposal_accept(actor=actor, proposal=first, motivation="Past goed.")
    proposal_decline(actor=actor, proposal=second, reason="not_wanted")
    after = run_preview(actor=actor, organisation=municipality)
    assert (after.needs, after.decided, after.declined, after.seats) == (2, 1, 1, 2)
    match_run_request(actor=actor, organisation=municipality)
    assert run_preview(actor=actor, organisation=municipality).busy
    with pytest.raises(NotAllowedError):
        run_preview(actor=everything(other_municipality), organisation=municipality)


def test_a_run_says_what_changed_since_the_run_before(municipality):
    contracted_intake(municipality, seats_total=1, start_date=date(2026, 12, 7))
    waiting(municipality)
    gone = waiting(municipality, latitude=51.0)
    assert run_changes(run_for(municipality)) is None
    waiting(municipality, latest_start_date=date(2026, 12, 10))
    Need.objects.filter(pk=gone.pk).update(state=NeedState.CLOSED)
    run = run_for(municipality)
    changes = run_changes(run)
    assert {kind: number for kind, number in changes.counts.items() if number} == {
        "no_longer_a_place": 1,
        "new_on_the_list": 1,
        "off_the_list": 1,
    }
    again = run_changes(run_for(municipality))
    assert again.previous == run
    assert again.counts["same_place"] == again.counts["still_no_place"] == 1


def test_another_choice_shows_who_loses_and_who_moves(municipality):
    scarce = contracted_intake(municipality, seats_total=1, start_date=date(2026, 12, 7))
    other = contracted_intake(municipality, seats_total=2, start_date=date(2027, 2, 1))
    waiting(municipality, latest_start_date=date(2026, 12, 10))
    calm = waiting(municipality)
    proposal = run_for(municipality).proposals.get(need=calm)
    assert proposal.intake_moment == other
    found = what_if(
        actor=everything(municipality), proposal=proposal, intake_moments=[scarce, other]
    )
    assert [one.is_proposed for one in found] == [False, True]
    # The urgent person fits nowhere else.
    assert (found[0].fits, found[0].loses) == (True, (1, 0, 0))
    assert found[1].loses == found[1].moves == (0, 0, 0)


def test_a_place_that_does_not_fit_has_an_effect_too(municipality):
    late = contracted_intake(municipality, seats_total=1, start_date=date(2027, 2, 1))
    waiting(municipality)
    urgent = waiting(municipality, latest_start_date=date(2026, 12, 10))
    proposal = run_for(municipality).proposals.get(need=urgent)
    (found,) = what_if(actor=everything(municipality), proposal=proposal, intake_moments=[late])
    assert (found.fits, found.score, found.loses) == (False, None, (0, 0, 1))


def test_the_answer_follows_a_decision_and_is_for_who_may_see(municipality, other_municipality):
    intake = contracted_intake(municipality, seats_total=3, start_date=date(2027, 2, 1))
    one, two = waiting(municipality), waiting(municipality)
    run = run_for(municipality)
    first, second = run.proposals.get(need=one), run.proposals.get(need=two)
    actor = everything(municipality)
    what_if(actor=actor, proposal=first, intake_moments=[intake])
    proposal_accept(actor=actor, proposal=first, motivation="Past goed.")
    with pytest.raises(NeedNotWaitingError):
        what_if(actor=actor, proposal=first, intake_moments=[intake])
    assert what_if(actor=actor, proposal=second, intake_moments=[intake])[0].is_proposed
    with pytest.raises(NotFoundError):
        what_if(actor=everything(other_municipality), proposal=second, intake_moments=[intake])
