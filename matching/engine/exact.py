"""Guarantees the optimum of a network, with prices that prove it, part by part.

Needs and offers of different course components share nothing but the sink, unless a ceiling spans
them. Network simplex takes more than twice as long over a network of twice the size, so such parts
are solved one after another. Prices (dual values) prove an optimum in one pass over the arcs: no
arc may be worth using that is not full, or worth leaving that is used. A solver that gives none
is proven by a search for exchanges that would improve its flow.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from matching.engine.instance import NeedTable, OfferTable
from matching.engine.network import FlowNetwork
from matching.engine.residual import distances
from matching.engine.solvers.base import PricingSolver, Solver

# Below this number of arcs a part is solved before it is laid out.
_WORTH_SPLITTING: Final = 10_000


def optimum(
    network: FlowNetwork, solver: Solver, part: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Gives a flow of lowest cost and a price per node.

    `part` numbers the nodes but the sink, which is the last one; no arc joins two numbers. Raises
    NotOptimalError.
    """
    if part is None or len(network.tail) < _WORTH_SPLITTING:
        flow, price = _solved(network, solver)
    else:
        flow, price = _solved_apart(network, solver, part)
    if price is None or not _proves(network, flow, price):
        price = distances(network, flow)
    return flow, price


def parts_of(needs: NeedTable, offers: OfferTable) -> np.ndarray:
    """Gives each node but the sink a number: its component, or one for components that share a
    ceiling."""
    under = np.flatnonzero(offers.ceiling >= 0)
    component = np.zeros(len(offers.ceiling_ids), np.int8)
    component[offers.ceiling[under]] = offers.component[under]
    alike = np.arange(128, dtype=np.int8)
    pairs = np.stack([component[offers.ceiling[under]], offers.component[under]], axis=1)
    for one, other in np.unique(pairs, axis=0):
        alike[alike == alike[other]] = alike[one]
    return alike[np.concatenate([needs.component, offers.component, component])]


def _solved(network: FlowNetwork, solver: Solver) -> tuple[np.ndarray, np.ndarray | None]:
    if isinstance(solver, PricingSolver):
        return solver.solve_priced(network)
    return solver.solve(network), None


def _solved_apart(
    network: FlowNetwork, solver: Solver, part: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None]:
    flow = np.empty(len(network.tail), np.int64)
    price = np.zeros(network.node_count, np.int64)
    is_priced = True
    for nodes, arcs, piece in _pieces(network, part):
        flow[arcs], found = _solved(piece, solver)
        if found is None:
            is_priced = False
        else:
            price[nodes] = found[:-1] - found[-1]
    return flow, price if is_priced else None


def _proves(network: FlowNetwork, flow: np.ndarray, price: np.ndarray) -> bool:
    reduced = network.cost + price[network.tail]
    reduced -= price[network.head]
    wrong = (reduced < 0) & (flow < network.capacity)
    wrong |= (reduced > 0) & (flow > 0)
    return not wrong.any()


def _pieces(
    network: FlowNetwork, part: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, FlowNetwork]]:
    """Yields the nodes and arcs of each part, and its network with a sink of its own."""
    sink = network.node_count - 1
    part_of_arc = part[network.tail]
    arc_order = np.argsort(part_of_arc, kind="stable")
    arc_ends = np.cumsum(np.bincount(part_of_arc))
    local = np.empty(sink + 1, np.int32)
    first = 0
    for number, last in enumerate(arc_ends.tolist()):
        arcs, first = arc_order[first:last], last
        if not len(arcs):
            continue
        nodes = np.flatnonzero(part == number)
        local[nodes], local[sink] = np.arange(len(nodes)), len(nodes)
        supply = np.append(network.supply[nodes], -network.supply[nodes].sum())
        yield (
            nodes,
            arcs,
            FlowNetwork(
                node_count=len(nodes) + 1,
                tail=local[network.tail[arcs]],
                head=local[network.head[arcs]],
                capacity=network.capacity[arcs],
                cost=network.cost[arcs],
                supply=supply,
                step=network.step,
            ),
        )
