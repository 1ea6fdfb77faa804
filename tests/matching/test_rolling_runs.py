"""Runs one after another: what people decided stands, what is near stays, the rest moves on."""

from datetime import date, timedelta

import pytest

from backend.accounts.public import system_actor
from backend.common import clock
from backend.organisations.permissions import Permission
from matching.choices import NeedState, PlacementState, ProposalDecisionKind, RunState
from matching.errors import (
    NeedNotWaitingError,
    ProposalDecidedError,
    ProposalExpiredError,
    ReasonRequiredError,
)
from matching.models import MatchProposal, Need, Placement, ProposalDecision
from matching.services.policy import PolicyData, policy_publish
from matching.services.proposals import proposal_accept, proposal_decline
from matching.services.runs import match_run_execute, match_run_request
from providers.public import IntakeFullError
from providers.services.seats import intake_moment_set_seats
from tests.factories.matching import contracted_intake, everything, need

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
SOON, LATER = date(2026, 11, 30), date(2027, 2, 1)


def run_for(organisation):
    run = match_run_request(actor=everything(organisation), organisation=organisation)
    return match_run_execute(run_id=run.pk)


def waiting(municipality, **data):
    one = need(municipality, **data)
    Need.objects.filter(pip=one.pip).exclude(pk=one.pk).update(state="closed")
    return one


def accept(proposal, **data):
    actor = everything(proposal.need.municipality)
    return proposal_accept(actor=actor, proposal=proposal, motivation="Past goed.", **data)


def decline(proposal, reason="not_wanted"):
    actor = everything(proposal.need.municipality)
    return proposal_decline(actor=actor, proposal=proposal, reason=reason)


def desk(municipality):
    """A caseworker without the right to overbook."""
    usual = dict.fromkeys(set(Permission) - {Permission.OVERRULE}, frozenset({municipality.pk}))
    return system_actor("desk", usual)


def test_what_was_decided_stays_and_its_seat_is_not_proposed_again(municipality):
    contracted_intake(municipality, seats_total=1, start_date=LATER)
    first = waiting(municipality)
    accept(run_for(municipality).proposals.get())
    second = waiting(municipality)
    run = run_for(municipality)
    assert [one.need for one in run.proposals.all()] == [second]
    assert run.proposals.get().cause == "no_feasible_offer"
    first.refresh_from_db()
    assert first.state == NeedState.OFFERED


def test_a_near_start_stays_with_the_person_although_somebody_more_urgent_comes(municipality):
    intake = contracted_intake(municipality, seats_total=1, start_date=SOON)
    first = waiting(municipality)
    assert run_for(municipality).proposals.get().need == first
    urgent = waiting(municipality, latest_start_date=date(2026, 12, 10))
    run = run_for(municipality)
    assert run.proposals.get(intake_moment=intake).need == first
    assert run.proposals.get(need=urgent).cause == "all_full"
    assert run.summary["kept"] == 1


def test_a_far_start_goes_to_whoever_is_more_urgent_now(municipality):
    intake = contracted_intake(municipality, seats_total=1, start_date=date(2026, 12, 7))
    first = waiting(municipality)
    assert run_for(municipality).proposals.get().need == first
    urgent = waiting(municipality, latest_start_date=date(2026, 12, 10))
    run = run_for(municipality)
    assert run.proposals.get(intake_moment=intake).need == urgent
    assert run.summary["kept"] == 0


def test_a_kept_seat_that_no_longer_fits_is_free_again(municipality):
    intake = contracted_intake(municipality, seats_total=1, start_date=SOON)
    other = contracted_intake(municipality, seats_total=1, start_date=LATER)
    first = waiting(municipality)
    before = run_for(municipality).proposals.get()
    assert before.intake_moment == intake
    first.pip.earliest_start_date = date(2026, 12, 15)
    first.pip.save()
    assert run_for(municipality).proposals.get().intake_moment == other


def test_what_was_declined_is_never_proposed_to_this_person_again(municipality):
    intake = contracted_intake(municipality, seats_total=1, start_date=SOON)
    other = contracted_intake(municipality, seats_total=1, start_date=LATER)
    waiting(municipality)
    proposal = run_for(municipality).proposals.get()
    assert proposal.intake_moment == intake
    decision = decline(proposal)
    assert (decision.kind, decision.reason_code) == (ProposalDecisionKind.DECLINED, "not_wanted")
    assert run_for(municipality).proposals.get().intake_moment == other
    someone_else = waiting(municipality)
    assert run_for(municipality).proposals.get(intake_moment=intake).need == someone_else


def test_a_seat_proposed_in_another_area_is_not_proposed_twice(municipality, other_municipality):
    contracted_intake(municipality, other_municipality, seats_total=1, start_date=LATER)
    first, second = waiting(municipality), waiting(other_municipality)
    assert run_for(municipality).proposals.get().need == first
    refused = run_for(other_municipality).proposals.get()
    assert (refused.need, refused.intake_moment) == (second, None)
    MatchProposal.objects.get(need=first).run.__class__.objects.update(expires_at=clock.now())
    assert run_for(other_municipality).proposals.get().intake_moment is not None


def test_one_proposal_is_decided_once(municipality):
    contracted_intake(municipality, seats_total=3, start_date=LATER)
    waiting(municipality)
    proposal = run_for(municipality).proposals.get()
    accept(proposal)
    for again in (accept, decline):
        with pytest.raises(ProposalDecidedError):
            again(proposal)
    assert ProposalDecision.objects.count() == Placement.objects.count() == 1


def test_only_the_last_run_in_time_can_be_decided(municipality, frozen_clock):
    contracted_intake(municipality, seats_total=3, start_date=LATER)
    waiting(municipality)
    old = run_for(municipality).proposals.get()
    new = run_for(municipality).proposals.get()
    with pytest.raises(ProposalExpiredError):
        accept(old)
    assert list(MatchProposal.objects.reserved()) == [new]
    frozen_clock.shift(timedelta(days=8))
    assert not MatchProposal.objects.reserved().exists()
    with pytest.raises(ProposalExpiredError):
        accept(new)


def test_a_decision_has_own_words_and_can_only_hold_the_seat(municipality):
    intake = contracted_intake(municipality, seats_total=3, start_date=LATER)
    other = contracted_intake(municipality, seats_total=3, start_date=date(2027, 2, 8))
    one, two = waiting(municipality), waiting(municipality)
    run = run_for(municipality)
    proposal = run.proposals.get(need=one)
    with pytest.raises(ReasonRequiredError):
        proposal_accept(actor=everything(municipality), proposal=proposal, motivation=" ")
    assert accept(proposal, offer=False).state == PlacementState.DRAFT
    second = run.proposals.get(need=two)
    instead = other if second.intake_moment == intake else intake
    assert accept(second, intake_moment=instead).intake_moment == instead
    assert {found.kind for found in ProposalDecision.objects.all()} == {"accepted", "other"}


def test_somebody_placed_beside_the_run_is_not_placed_again(municipality):
    contracted_intake(municipality, seats_total=3, start_date=LATER)
    one = waiting(municipality)
    proposal = run_for(municipality).proposals.get()
    Need.objects.filter(pk=one.pk).update(state=NeedState.OFFERED)
    for decide in (accept, decline):
        with pytest.raises(NeedNotWaitingError):
            decide(MatchProposal.objects.get(pk=proposal.pk))
    assert not ProposalDecision.objects.exists()


def test_a_provider_that_lowers_seats_after_a_run_is_never_overbooked(municipality):
    """Two places are proposed; the second finds the seat gone, once."""
    intake = contracted_intake(municipality, seats_total=2, start_date=LATER)
    waiting(municipality)
    waiting(municipality)
    run = run_for(municipality)
    assert run.state == RunState.DONE
    owner = everything(intake.group.course.provider.organisation)
    intake_moment_set_seats(actor=owner, intake_moment_id=intake.pk, seats_total=1)
    first, second = run.proposals.all()
    accept(first)
    with pytest.raises(IntakeFullError):
        proposal_accept(actor=desk(municipality), proposal=second, motivation="Past goed.")
    assert not ProposalDecision.objects.filter(proposal=second).exists()
    assert run_for(municipality).proposals.get().cause == "no_feasible_offer"


def test_a_run_says_how_long_people_waited_and_how_full_the_starts_become(municipality):
    contracted_intake(municipality, seats_total=1, start_date=LATER)
    waiting(municipality, decision_date=date(2026, 8, 1))
    waiting(municipality)
    summary = run_for(municipality).summary
    assert summary["seats"]["free"] == summary["seats"]["proposed"] == 1
    assert summary["seats"]["startsFull"] == 1
    assert summary["waitingDays"]["placed"]["median"] > summary["waitingDays"]["unplaced"]["median"]


@pytest.mark.parametrize(("days", "stays"), [(11, False), (12, True)])
def test_the_policy_says_how_near_a_start_stays_and_how_long_a_seat_is_kept(
    municipality, days, stays
):
    policy_publish(
        actor=everything(municipality),
        organisation_id=municipality.pk,
        data=PolicyData(valid_from=date(2026, 11, 18), freeze_days=days, proposal_business_days=2),
        reason="Eigen termijnen.",
    )
    contracted_intake(municipality, seats_total=1, start_date=SOON)
    first = waiting(municipality)
    run = run_for(municipality)
    # Wednesday and two working days.
    assert clock.local_day(run.expires_at) == date(2026, 11, 20)
    assert run.proposals.get().need == first
    urgent = waiting(municipality, latest_start_date=date(2026, 12, 2))
    placed = run_for(municipality).proposals.exclude(intake_moment=None).get()
    assert placed.need == (first if stays else urgent)
