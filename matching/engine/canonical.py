"""Guarantees that equally good assignments are told apart in one published way.

The optimal flows form a face: exactly the flows that differ on arcs of reduced cost 0 inside a
strongly connected part of the residual graph. On that face the next criterion is optimised, with
the same exact solver, and so on until one flow is left. The face does not depend on the duals by
which it was found, so every solver ends at the same assignment.

Criteria behind number, priority and score: the waiting days of those who get no seat (fewest),
then the published tie numbers of the pairs (lowest sum; a further set of numbers if two flows
still share that sum).
"""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from matching.engine.exact import optimum
from matching.engine.network import FlowNetwork
from matching.engine.solvers.base import Solver

# Two flows that share the sums of this many sets of 31-bit numbers: not in the universe's life.
MAX_WORDS: Final = 8


def canonical_flow(
    network: FlowNetwork,
    flow: np.ndarray,
    price: np.ndarray,
    criteria: Iterator[Callable[[np.ndarray], np.ndarray]],
    solver: Solver,
) -> np.ndarray:
    """Gives the one optimal flow that is best on all criteria in turn.

    `criteria` yield functions from arc positions (of `network`) to non-negative costs.
    """
    flow = flow.copy()
    part, part_flow = network, flow
    arcs = np.arange(len(network.tail))
    for criterion in criteria:
        free = _free_arcs(part, part_flow, price)
        if not np.any(network.supply[network.tail[arcs[free]]] > 0):
            return flow
        arcs = arcs[free]
        part = _restrict(network, arcs, flow, criterion(arcs))
        part_flow = flow[arcs]
        price = np.zeros(part.node_count, np.int64)
        if part.cost.any():
            part_flow, price = optimum(part, solver)
            flow[arcs] = part_flow
    raise RuntimeError("ties remain after all tie numbers")


def _free_arcs(network: FlowNetwork, flow: np.ndarray, price: np.ndarray) -> np.ndarray:
    """Gives the arcs on which another flow of equal cost may differ."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    reduced = network.cost + price[network.tail]
    reduced -= price[network.head]
    tight = np.flatnonzero(reduced == 0)
    tail, head = network.tail[tight], network.head[tight]
    onward = flow[tight] < network.capacity[tight]
    back = flow[tight] > 0
    sources = np.concatenate([tail[onward], head[back]])
    targets = np.concatenate([head[onward], tail[back]])
    graph = csr_array(
        (np.ones(len(sources), np.int8), (sources, targets)),
        shape=(network.node_count, network.node_count),
    )
    component = connected_components(graph, connection="strong")[1]
    return tight[component[tail] == component[head]]


def _restrict(
    network: FlowNetwork, arcs: np.ndarray, flow: np.ndarray, cost: np.ndarray
) -> FlowNetwork:
    """Gives the problem on some arcs, with the flow on all others kept as it is."""
    tail, head, carried = network.tail[arcs], network.head[arcs], flow[arcs]
    nodes = np.union1d(tail, head)
    tail, head = np.searchsorted(nodes, tail), np.searchsorted(nodes, head)
    supply = np.bincount(tail, weights=carried, minlength=len(nodes))
    supply -= np.bincount(head, weights=carried, minlength=len(nodes))
    return FlowNetwork(
        node_count=len(nodes),
        tail=tail.astype(np.int32),
        head=head.astype(np.int32),
        capacity=network.capacity[arcs],
        cost=cost,
        supply=supply.astype(np.int64),
    )
