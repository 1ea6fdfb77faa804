"""The ledger: who still waits counts in, and every clock follows from stored moments."""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from backend.common import clock
from matching.choices import PlacementState
from matching.selectors.waiting_times import Scope, journey_of_need, journeys_of, waiting_lines
from matching.waiting_times import CLOCKS, Journey, Moment, Wait, figure_of, wait_of, waits_of
from tests.factories import matching as make

TODAY = date(2026, 11, 18)
PIP_START = next(one for one in CLOCKS if one.code == "pip_start")
PLANNED_START = next(one for one in CLOCKS if one.code == "planned_start")
BRP_PIP = next(one for one in CLOCKS if one.code == "brp_pip")


def done(*days):
    return [Wait(one, is_running=False) for one in days]


def running(*days):
    return [Wait(one, is_running=True) for one in days]


def journey(days, **fields):
    return Journey(1, "r", "Stad", "B1-route", "B1", "B", days=days, **fields)


class TestFigures:
    def test_without_anybody_waiting_it_is_the_plain_median(self):
        found = figure_of(done(10, 20, 30, 40, 50))
        assert (found.median, found.p90, found.running) == (30, 50, 0)

    def test_people_who_still_wait_make_the_median_longer(self):
        arrived = done(10, 20, 30, 40)
        both = figure_of(arrived + running(60, 60, 60, 60))
        assert figure_of(arrived).median == 20
        # Half of all eight had arrived on day 40; nine of ten had not arrived on any day.
        assert (both.median, both.p90) == (40, None)

    def test_twin_that_leaves_them_out_is_too_rosy(self):
        waits = done(5, 6, 7) + running(100, 100, 100, 100)
        left_out = float(np.median([one.days for one in waits if not one.is_running]))
        assert left_out == 6
        assert figure_of(waits).median is None

    def test_it_is_the_product_limit_estimate_by_hand(self):
        # Freireich's 6-MP arm (1963): 21 patients, 9 relapses; the median is 23 weeks.
        found = figure_of(
            done(6, 6, 6, 7, 10, 13, 16, 22, 23)
            + running(6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
        )
        assert (found.people, found.running, found.median) == (21, 12, 23)
        assert found.median_low is not None
        assert found.median_low <= 23

    def test_the_order_of_the_people_does_not_matter(self):
        waits = done(3, 9, 27) + running(5, 40)
        assert figure_of(waits) == figure_of(waits[::-1])

    def test_nobody_arrived_gives_no_number(self):
        found = figure_of(running(3, 4))
        assert (found.people, found.median, found.p90) == (2, None, None)

    def test_scipy_agrees_on_the_survival(self):
        data = stats.CensoredData(uncensored=[1.0, 2.0, 3.0], right=[2.0])
        assert stats.ecdf(data).sf.evaluate(2.0) == pytest.approx(0.5)


class TestClocks:
    def test_a_clock_runs_until_today_and_stops_at_its_end(self):
        start = TODAY - timedelta(days=40)
        assert wait_of(journey({Moment.PIP: start}), PIP_START, TODAY) == Wait(40, True)
        ended = journey({Moment.PIP: start, Moment.START: TODAY - timedelta(days=10)})
        assert wait_of(ended, PIP_START, TODAY) == Wait(30, False)

    def test_who_left_the_list_waited_until_then(self):
        start, left = TODAY - timedelta(days=40), TODAY - timedelta(days=30)
        assert wait_of(journey({Moment.PIP: start}, left=left), PIP_START, TODAY) == Wait(10, True)

    def test_a_step_that_was_never_noted_does_not_run_on_after_the_next_one(self):
        intake = next(one for one in CLOCKS if one.code == "brp_intake")
        begun = {Moment.BRP: TODAY - timedelta(days=90)}
        assert wait_of(journey(begun), intake, TODAY) == Wait(90, True)
        decided = journey({**begun, Moment.PIP: TODAY - timedelta(days=20)})
        assert wait_of(decided, intake, TODAY) is None

    def test_a_planned_start_ahead_does_not_run_yet(self):
        ahead = journey({Moment.PLANNED: TODAY + timedelta(days=5)})
        assert wait_of(ahead, PLANNED_START, TODAY) is None

    def test_a_person_with_two_components_counts_once_on_the_clock_of_the_pip(self):
        days = {Moment.BRP: TODAY - timedelta(days=90), Moment.PIP: TODAY - timedelta(days=20)}
        assert len(waits_of([journey(days), journey(days)], BRP_PIP, TODAY)) == 1
        assert len(waits_of([journey(days), journey(days)], PIP_START, TODAY)) == 2


@pytest.mark.django_db
@pytest.mark.usefixtures("frozen_clock")
class TestStored:
    def test_every_moment_comes_from_what_was_stored(self, municipality):
        placed = make.placement(municipality, state=PlacementState.STARTED)
        days = journey_of_need(placed.need).days
        assert days[Moment.BRP] == date(2026, 7, 1)
        assert days[Moment.PIP] == date(2026, 9, 1)
        assert days[Moment.SEARCH] == days[Moment.OFFER] == days[Moment.ACCEPT] == clock.today()
        assert days[Moment.PLANNED] == placed.intake_moment.start_date
        assert days[Moment.START] == date(2026, 11, 16)

    def test_the_broad_intake_counts_where_it_is_known(self, municipality):
        from matching.models import PipAgreements

        one = make.need(municipality)
        PipAgreements.objects.update_or_create(
            participant=one.pip.participant, defaults={"intake_date": date(2026, 8, 1)}
        )
        assert journey_of_need(one).days[Moment.INTAKE] == date(2026, 8, 1)

    def test_only_people_of_the_own_municipality_are_read(
        self, make_actor, municipality, other_municipality
    ):
        from backend.accounts.roles import Role

        make.need(municipality)
        make.need(other_municipality)
        actor = make_actor(Role.CASEWORKER, municipality)
        assert {one.municipality for one in journeys_of(actor, Scope())} == {municipality.name}
        lines = waiting_lines(actor, Scope(), by="municipality")
        assert {one.group for one in lines} == {municipality.name}

    def test_only_clocks_in_which_a_provider_plays_a_part_are_split_by_provider(
        self, make_actor, municipality
    ):
        from backend.accounts.roles import Role

        placed = make.placement(municipality, state=PlacementState.ACCEPTED)
        actor = make_actor(Role.CASEWORKER, municipality)
        lines = waiting_lines(actor, Scope(), by="provider")
        assert {one.clock.code for one in lines} == {
            "offer_accept",
            "accept_planned",
            "planned_start",
        }
        assert {one.group for one in lines} == {placed.provider_organisation.name}
