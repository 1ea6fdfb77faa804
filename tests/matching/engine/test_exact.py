"""A network is solved part by part, and proven by prices."""

from dataclasses import replace

import numpy as np
import pytest

from matching.engine import exact, run_batch
from matching.engine.exact import optimum, parts_of
from matching.engine.network import build_network
from matching.engine.priority import level_weights, levels_of
from matching.engine.residual import NotOptimalError
from matching.engine.solvers.lemon import LemonSolver
from matching.engine.solvers.ortools import OrtoolsSolver
from tests.matching.engine.helpers import tables
from tests.support.instances import AS_OF, region_instance


def region(**kind):
    needs, offers, policy = tables(region_instance(900, 240, seed=5, **kind))
    result = run_batch(needs, offers, policy, AS_OF)
    weights = level_weights(levels_of(needs, result.tier, policy))
    return needs, offers, build_network(result.candidates, offers, weights)[0]


@pytest.mark.parametrize("solver", [LemonSolver, OrtoolsSolver])
@pytest.mark.parametrize("ceilings", [0, 6])
def test_parts_together_are_the_optimum_of_the_whole(solver, ceilings, monkeypatch):
    needs, offers, network = region(ceilings=ceilings)
    whole = int(network.cost @ LemonSolver().solve(network))
    monkeypatch.setattr(exact, "_WORTH_SPLITTING", 0)
    part = parts_of(needs, offers)
    if not ceilings:
        assert len(set(part.tolist())) == len(set(needs.component.tolist()))
    flow, price = optimum(network, solver(), part)
    assert int(network.cost @ flow) == whole
    reduced = network.cost + price[network.tail] - price[network.head]
    assert (reduced[flow < network.capacity] >= 0).all()
    assert (reduced[flow > 0] <= 0).all()


def test_no_arc_joins_two_parts_when_a_ceiling_spans_components():
    needs, offers, policy = tables(region_instance(900, 240, seed=5))
    ceiling = np.full(len(offers), -1, np.int32)
    for number, codes in enumerate([(0, 3), (3, 4)]):
        ceiling[np.flatnonzero(np.isin(offers.component, codes))[number::2]] = number
    limited = replace(offers, ceiling=ceiling, ceiling_ids=("c1", "c2"), ceiling_places=(9, 9))
    found = run_batch(needs, limited, policy, AS_OF).candidates
    network = build_network(found, limited, np.ones(len(needs), np.int64))[0]
    part = parts_of(needs, limited)
    inner = network.head < network.node_count - 1
    assert np.array_equal(part[network.tail[inner]], part[network.head[inner]])
    assert len(set(part.tolist())) == 4


def test_prices_that_prove_nothing_are_not_believed(monkeypatch):
    _, _, network = region()
    plain = LemonSolver.solve_priced

    def wrong_prices(self, some):
        flow, price = plain(self, some)
        return flow, price + np.arange(len(price))

    def wrong_flow(self, some):
        flow = np.zeros(len(some.tail), np.int64)
        flow[some.head == some.node_count - 1] = 1
        return flow, np.zeros(some.node_count, np.int64)

    monkeypatch.setattr(LemonSolver, "solve_priced", wrong_prices)
    flow, price = optimum(network, LemonSolver())
    reduced = network.cost + price[network.tail] - price[network.head]
    assert (reduced[flow < network.capacity] >= 0).all()
    monkeypatch.setattr(LemonSolver, "solve_priced", wrong_flow)
    with pytest.raises(NotOptimalError):
        optimum(network, LemonSolver())
