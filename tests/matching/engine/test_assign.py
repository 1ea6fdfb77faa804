"""The assignment: optimal against exhaustion, equal between solvers, repeatable."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import run_batch
from matching.engine.network import build_network, priority_step
from matching.engine.priority import level_weights
from matching.engine.residual import NotOptimalError, distances
from matching.engine.solvers import choose_solver
from matching.engine.solvers.base import SolverFailedError, SolverUnavailableError
from matching.engine.solvers.lemon import LemonSolver
from matching.engine.solvers.ortools import OrtoolsSolver
from tests.matching.engine.helpers import (
    assignment,
    best_objective,
    check_limits,
    objective,
    solve,
    tables,
)
from tests.support.instances import (
    AS_OF,
    day,
    instance,
    need_record,
    offer_record,
    region_instance,
)

CEILINGS = (None, None, {"id": "c1", "places": 2}, {"id": "c2", "places": 0})
EXACT = ("lemon", "ortools", "highs")


@st.composite
def small_instances(draw):
    """Up to six people and four groups that mostly fit, with ties, scarcity and ceilings."""
    needs = [
        need_record(
            number,
            waitingSince=day(-draw(st.sampled_from((10, 50, 91, 92, 200)))),
            deadline=draw(st.sampled_from((None, day(28), day(29), day(-3)))),
            childcare=draw(st.booleans()),
            literacy=draw(st.sampled_from(("AA", "NVT"))),
            level=draw(st.sampled_from(("A0", "A1", "A2"))),
        )
        for number in range(draw(st.integers(1, 6)))
    ]
    offers = [
        offer_record(
            number,
            start=day(draw(st.sampled_from((30, 40, 60)))),
            seats=draw(st.integers(0, 3)),
            literacy=draw(st.sampled_from((["NVT"], ["AA", "NVT"]))),
            childcare=draw(st.booleans()),
            ceiling=draw(
                st.sampled_from((None, None, {"id": "c1", "places": 2}, {"id": "c2", "places": 0}))
            ),
        )
        for number in range(draw(st.integers(1, 4)))
    ]
    return instance(needs, offers, priority=draw(st.sampled_from(("none", "tiers", "strict"))))


def scores_of(result):
    c = result.candidates
    return {
        (i, j): s
        for i, j, s in zip(c.need.tolist(), c.offer.tolist(), c.score.tolist(), strict=True)
    }


@settings(max_examples=60, deadline=None)
@given(small_instances())
def test_against_exhaustion(data):
    results = {name: solve(data, name) for name in EXACT}
    wanted = best_objective(data, scores_of(results["lemon"]))
    for result in results.values():
        assert objective(data, result) == wanted
        assert result.summary.optimal
        assert assignment(result) == assignment(results["lemon"])
        assert result.seat_value.tolist() == results["lemon"].seat_value.tolist()
        check_limits(data, result)
    quick = solve(data, "fallback")
    check_limits(data, quick)
    assert objective(data, quick)[0] == wanted[0]
    assert not quick.summary.optimal


@settings(max_examples=30, deadline=None)
@given(small_instances(), st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(data, random):
    for solver in ("lemon", "fallback"):
        before = solve(data, solver)
        shuffled = data | {"needs": data["needs"][:], "offers": data["offers"][:]}
        random.shuffle(shuffled["needs"])
        random.shuffle(shuffled["offers"])
        assert assignment(solve(shuffled, solver)) == assignment(before)


@pytest.mark.parametrize("priority", ["none", "tiers", "strict"])
@pytest.mark.parametrize(("needs", "offers", "ceilings"), [(600, 120, 0), (1000, 200, 8)])
def test_solvers_agree(priority, needs, offers, ceilings):
    data = region_instance(needs, offers, seed=needs, priority=priority, ceilings=ceilings)
    first = solve(data, "lemon")
    assert 0 < first.summary.placed < needs
    check_limits(data, first)
    for name in ("ortools", "highs"):
        other = solve(data, name)
        assert other.summary.solver == name
        assert objective(data, other) == objective(data, first)
        assert np.array_equal(other.offer, first.offer)
        assert np.array_equal(other.seat_value, first.seat_value)


def test_two_thousand_identical_and_strict_places_the_maximum():
    by_priority = {}
    for priority in ("none", "tiers", "strict"):
        data = region_instance(2000, 400, seed=5, priority=priority)
        result = solve(data, "lemon")
        by_priority[priority] = result.summary
        assert np.array_equal(solve(data, "ortools").offer, result.offer)
        assert solve(data, "fallback").summary.placed == result.summary.placed
    assert len({summary.placed for summary in by_priority.values()}) == 1
    assert by_priority["none"].total_score >= by_priority["tiers"].total_score
    assert by_priority["tiers"].total_score >= by_priority["strict"].total_score
    assert by_priority["tiers"].placed_by_tier == by_priority["strict"].placed_by_tier
    assert by_priority["none"].placed >= by_priority["none"].placed_by_fifo


def test_permuted_region_gives_the_same_assignment():
    data = region_instance(2000, 400, seed=9, ceilings=5)
    before = assignment(solve(data))
    rng = np.random.default_rng(2)
    data["needs"] = [data["needs"][i] for i in rng.permutation(2000)]
    data["offers"] = [data["offers"][i] for i in rng.permutation(400)]
    assert assignment(solve(data)) == before


def test_seed_decides_exact_ties_only():
    needs = [need_record(n) for n in range(40)]
    offers = [offer_record(n, seats=4) for n in range(5)]
    outcomes = set()
    for seed in range(6):
        data = instance(needs, offers, seed=seed)
        result = solve(data)
        assert result.summary.placed == 20
        assert assignment(result) == assignment(solve(data, "ortools"))
        assert assignment(result) == assignment(solve(data, "highs"))
        outcomes.add(tuple(sorted(assignment(result).items())))
    assert len(outcomes) == 6


def test_ties_go_to_the_longest_wait_before_the_seed():
    # One tier, equal scores: policy `tiers` leaves them equal, waiting days decide.
    needs = [need_record(n, waitingSince=day(-20 - n)) for n in range(8)]
    for seed in range(5):
        result = solve(instance(needs, [offer_record(seats=3)], seed=seed))
        assert set(assignment(result)) == {"n5", "n6", "n7"}


def test_tier_bounds():
    needs = [
        need_record(1, deadline=day(28)),
        need_record(2, deadline=day(29)),
        need_record(3, deadline=day(-400)),
        need_record(4, waitingSince=day(-90)),
        need_record(5, waitingSince=day(-91)),
        need_record(6, waitingSince=day(-91), deadline=day(0)),
    ]
    assert solve(instance(needs, [])).tier.tolist() == [1, 3, 1, 3, 2, 1]


def test_priority_beats_any_score():
    late = need_record(1, hoursPerWeek=60, level="A2", deadline=day(0))
    fitting = need_record(2)
    data = instance([fitting, late], [offer_record(seats=1)])
    assert assignment(solve(data)) == {"n1": "o1"}
    assert assignment(solve(data | {"policy": data["policy"] | {"priority": "none"}})) == {
        "n2": "o1"
    }


def test_number_placed_beats_any_score():
    # The flexible person gives up the better seat when that seats one more.
    flexible = need_record(1)
    bound = need_record(2, latestStart=day(30))
    offers = [offer_record(1, seats=1), offer_record(2, seats=1, start=day(90))]
    result = solve(instance([flexible, bound], offers, priority="none"))
    assert assignment(result) == {"n1": "o2", "n2": "o1"}


def test_thousands_of_strict_levels_fit_in_64_bits():
    needs = [need_record(n, waitingSince=day(-n)) for n in range(1200)]
    offers = [offer_record(n, seats=1) for n in range(300)]
    data = instance(needs, offers, priority="strict")
    result = solve(data)
    assert np.array_equal(result.placed, np.arange(900, 1200))
    # At the size of engine.md's last row the largest cost times the nodes still fits.
    assert priority_step(10_000) * 5_000 * 120_000 < 2**63


def test_a_solver_that_lies_is_found_out():
    data = region_instance(200, 60)
    needs, offers, policy = tables(data)
    result = run_batch(needs, offers, policy, AS_OF)
    network, layout = build_network(
        result.candidates, offers, level_weights(np.zeros(len(needs), np.int64))
    )
    flow = LemonSolver().solve(network)
    distances(network, flow, layout.sink)
    nobody = np.zeros_like(flow)
    nobody[layout.unplaced_arc] = 1
    with pytest.raises(NotOptimalError):
        distances(network, nobody, layout.sink)


def test_missing_solver_is_passed_over_and_named(monkeypatch):
    def absent():
        raise SolverUnavailableError("pylmcf: not here")

    monkeypatch.setattr("matching.engine.solvers.lemon._load", absent)
    solver, note = choose_solver(None, 10)
    assert solver.name == "ortools"
    assert note == "pylmcf: not here"
    monkeypatch.setattr("matching.engine.solvers.ortools._load", absent)
    assert choose_solver("lemon", 10)[0].name == "highs"
    assert choose_solver(None, 10_000_000)[0].name == "fallback"
    summary = solve(region_instance(50, 20)).summary
    assert summary.solver == "highs"
    assert "not here" in summary.note
    with pytest.raises(ValueError, match="solver"):
        choose_solver("gurobi", 1)


def test_a_solver_that_fails_is_replaced(monkeypatch):
    data = region_instance(300, 60, seed=7)
    wanted = solve(data, "lemon")

    def nobody(self, network):
        flow = np.zeros(len(network.tail), np.int64)
        flow[network.head == network.node_count - 1] = 1
        flow[network.tail >= 300] = 0
        return flow, np.zeros(network.node_count, np.int64)

    def broken(self, network):
        raise SolverFailedError("out of range")

    monkeypatch.setattr(LemonSolver, "solve_priced", nobody)
    monkeypatch.setattr(OrtoolsSolver, "solve", broken)
    result = solve(data)
    assert result.summary.solver == "highs"
    assert result.summary.note == "lemon: the flow can be improved; ortools: out of range"
    assert np.array_equal(result.offer, wanted.offer)


def test_one_intake_moment_under_two_contracts():
    # Same id, same score, shared seats through a ceiling: still one decided assignment.
    shared = {"id": "seats-1", "places": 3}
    offers = [offer_record(1, seats=3, ceiling=shared) for _ in range(2)]
    needs = [need_record(n, waitingSince=day(-20)) for n in range(6)]
    data = instance(needs, offers)
    results = [solve(data, name) for name in (*EXACT, "fallback")]
    assert {result.summary.placed for result in results} == {3}
    for result in results[:3]:
        assert np.array_equal(result.offer, results[0].offer)
    numbers = tables(data)[1].tie_numbers
    assert len(set(numbers.tolist())) == 2
    assert numbers[0] == tables(instance([], offers[:1]))[1].tie_numbers[0]
