"""Routing everybody at once: what is proposed, stored, explained, repeated and resumed."""

from datetime import date

import pytest
from django.core.management import call_command

from backend.common.errors import NotAllowedError
from backend.outbox.public import consume
from matching.choices import PlacementState, RunState
from matching.engine import tiers_of
from matching.errors import ProposalDecidedError, ProposalWithoutPlaceError
from matching.models import MatchProposal, MatchRun, Need
from matching.selectors.needs import waiting_needs
from matching.selectors.policy import default_policy, engine_policy
from matching.selectors.work_list import work_list
from matching.services import runs
from matching.services.policy import PolicyData
from matching.services.proposals import proposal_accept
from matching.services.runs import match_run_execute, match_run_request
from tests.factories.matching import contracted_intake, everything, make_policy, need
from tests.factories.providers import IntakeMomentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def run_for(organisation):
    run = match_run_request(actor=everything(organisation), organisation=organisation)
    return match_run_execute(run_id=run.pk)


def only(*components):
    """Keeps only these needs, so that a test speaks of them alone."""
    Need.objects.exclude(component__in=components).update(state="closed")


def test_proposals_with_points_alternatives_causes_and_near_misses(municipality):
    best = contracted_intake(municipality, seats_total=1)
    other = contracted_intake(municipality, start_date=date(2027, 2, 1), seats_total=1)
    near, late, far = (
        need(municipality),
        need(municipality),
        need(municipality, latitude=51.0),
    )
    only("B")
    run = run_for(municipality)
    assert (run.state, run.progress) == (RunState.DONE, 100)
    placed = {one.need: one for one in run.proposals.exclude(intake_moment=None)}
    assert {one.intake_moment for one in placed.values()} == {best, other}
    assert set(placed) == {near, late}
    assert all(one.score == sum(one.explained.factors.values()) for one in placed.values())
    alternative = next(one for one in placed.values() if one.intake_moment == other)
    (alternative,) = alternative.explained.alternatives
    assert alternative["intakeMomentId"] == str(best.uuid)
    unplaced = run.proposals.get(need=far)
    assert unplaced.cause == "no_feasible_offer"
    assert unplaced.explained.reasons == {"DISTANCE": 2}
    assert {one["rule"] for one in unplaced.explained.near_misses} == {"DISTANCE"}
    assert run.summary["placed"] == 2
    assert run.summary["placedByTier"] == [0, 0, 2]
    assert run.summary["unplacedByCause"] == {"no_feasible_offer": 1}


def test_the_urgent_person_gets_the_last_seat(municipality):
    contracted_intake(municipality, seats_total=1, start_date=date(2026, 12, 7))
    need(municipality)
    urgent = need(municipality, latest_start_date=date(2026, 12, 10))
    only("B")
    run = run_for(municipality)
    assert run.proposals.get(intake_moment__isnull=False).need == urgent
    assert run.proposals.get(intake_moment=None).cause == "lost_on_priority"


def test_what_must_be_bought_goes_before_advice_and_advice_takes_seats_that_are_left(municipality):
    intake = contracted_intake(municipality, seats_total=2)
    referred = [need(municipality, person={"target_group": "family"}) for _ in range(2)]
    bought = need(municipality)
    only("B")
    run = run_for(municipality)
    placed = set(run.proposals.filter(intake_moment=intake).values_list("need", flat=True))
    assert bought.pk in placed
    assert len(placed) == 2
    assert len(placed & {one.pk for one in referred}) == 1
    assert run.summary["referred"] == 1


def test_a_region_routes_its_members_within_a_shared_ceiling(
    region, municipality, other_municipality
):
    contracted_intake(municipality, other_municipality, places=1)
    need(municipality)
    need(municipality)
    need(other_municipality)
    only("B")
    run = run_for(region)
    assert run.proposals.count() == 2
    assert run.summary["placed"] == 1
    assert run.summary["unplacedByCause"] == {"all_full": 1}


def test_nobody_waits_and_nothing_is_offered(municipality):
    assert run_for(municipality).summary["needs"] == 0
    need(municipality)
    assert run_for(municipality).summary["unplacedByCause"] == {"no_feasible_offer": 4}


def test_executing_twice_changes_nothing_and_a_broken_run_starts_again(municipality, monkeypatch):
    contracted_intake(municipality)
    need(municipality)
    run = match_run_request(actor=everything(municipality), organisation=municipality)

    def broken(run_id, routed):
        raise RuntimeError("killed while storing")

    with monkeypatch.context() as patched:
        patched.setattr(runs, "store_proposals", broken)
        with pytest.raises(RuntimeError):
            match_run_execute(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, MatchProposal.objects.count()) == (RunState.RUNNING, 0)
    match_run_execute(run_id=run.pk)
    before = list(MatchProposal.objects.order_by("pk").values_list("uuid", "need", "score"))
    assert len(before) == 4
    match_run_execute(run_id=run.pk)
    assert list(MatchProposal.objects.order_by("pk").values_list("uuid", "need", "score")) == before


def test_the_worker_executes_what_was_asked_for(municipality):
    need(municipality)
    run = match_run_request(actor=everything(municipality), organisation=municipality)
    assert run.state == RunState.QUEUED
    consume()
    run.refresh_from_db()
    assert run.state == RunState.DONE


def test_progress_is_told_in_order(municipality):
    need(municipality)
    run = match_run_request(actor=everything(municipality), organisation=municipality)
    heard = []
    match_run_execute(run_id=run.pk, listen=lambda share, stage: heard.append((share, stage)))
    assert [share for share, _ in heard] == sorted({share for share, _ in heard})
    assert heard[0][1] == "reading"
    assert [stage for _, stage in heard][-1] == "storing"


def test_a_proposal_becomes_an_offer_by_a_caseworker_with_a_match_record(municipality, caseworker):
    intake = contracted_intake(municipality)
    one = need(municipality)
    run = run_for(municipality)
    proposal = run.proposals.get(need=one)
    found = proposal_accept(actor=caseworker_of(municipality), proposal=proposal, motivation="Ja.")
    assert found.state == PlacementState.OFFERED
    assert (found.proposal, found.match_record.run) == (proposal, run)
    assert found.intake_moment == intake
    with pytest.raises(ProposalDecidedError):
        proposal_accept(actor=caseworker_of(municipality), proposal=proposal, motivation="Ja.")
    without = run.proposals.filter(intake_moment=None).first()
    with pytest.raises(ProposalWithoutPlaceError):
        proposal_accept(actor=caseworker_of(municipality), proposal=without, motivation="Ja.")


def caseworker_of(municipality):
    return everything(municipality)


def test_rights(municipality, other_municipality):
    with pytest.raises(NotAllowedError):
        match_run_request(actor=everything(other_municipality), organisation=municipality)
    assert not MatchRun.objects.exists()


def test_the_number_of_queries_does_not_depend_on_the_number_of_people(
    municipality, django_assert_num_queries
):
    default_policy()
    for _ in range(2):
        need(municipality)
        contracted_intake(municipality)

    def queries():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        run = match_run_request(actor=everything(municipality), organisation=municipality)
        with CaptureQueriesContext(connection) as seen:
            match_run_execute(run_id=run.pk)
        # Progress is told as it changes; everything else must be constant.
        return len([one for one in seen if '"stage"' not in (one["sql"] or "")])

    small = queries()
    for _ in range(6):
        need(municipality)
        contracted_intake(municipality)
    assert queries() == small


def test_the_work_list_has_the_tiers_of_the_engine(municipality, other_municipality):
    make_policy(
        organisation_id=other_municipality.pk,
        data=PolicyData(valid_from=date(2026, 1, 1), long_wait_days=10_000, urgent_within_days=60),
    )
    for place in (municipality, other_municipality):
        need(place)
        need(place, latest_start_date=date(2026, 12, 16))
        need(place, latest_start_date=date(2026, 12, 17))
        need(place, decision_date=date(2026, 8, 20))
        need(place, decision_date=date(2026, 8, 19))
    listed = dict(work_list(everything(municipality, other_municipality)).values_list("pk", "tier"))
    today = date(2026, 11, 18)
    for place in (municipality, other_municipality):
        policy = runs.policy_in_force(organisation_id=place.pk, on=today)
        needs = waiting_needs([place.pk], on=today)
        tiers = tiers_of(needs.table, engine_policy(policy), today)
        assert {pk: listed[pk] for pk in needs.pks.tolist()} == dict(
            zip(needs.pks.tolist(), tiers.tolist(), strict=True)
        )
    assert set(listed.values()) == {1, 2, 3}


def test_the_command_prints_places_per_tier_and_causes(municipality, capsys):
    contracted_intake(municipality)
    IntakeMomentFactory(group__course__knm=True)
    need(municipality)
    call_command("route_waiting", municipality.code, "--quiet")
    printed = capsys.readouterr().out
    assert "1 van de 4" in printed
    assert "3: 3" not in printed
