"""Guarantees shortest distances in the residual graph of a flow: proof, duals and ties at once.

In exact integers and independent of the solver. When the search ends, no exchange improves the
flow: the run is proven optimal. The distances are dual prices: what one more seat is worth, and
which arcs an equally good flow may use.
"""

from typing import Final

import numpy as np

from matching.engine.network import FlowNetwork

UNREACHED: Final = 1 << 61


class NotOptimalError(Exception):
    """An exchange would improve the flow: the solver did not deliver an optimum."""


def distances(network: FlowNetwork, flow: np.ndarray, source: int | None = None) -> np.ndarray:
    """Gives the distance of every node from `source` (from anywhere when None).

    Raises NotOptimalError when the residual graph holds a cycle of negative cost.
    """
    forward = _Forward(network, flow)
    backward = _Backward(network, flow)
    if source is None:
        distance = np.zeros(network.node_count, np.int64)
        frontier = np.arange(network.node_count)
    else:
        distance = np.full(network.node_count, UNREACHED, np.int64)
        distance[source] = 0
        frontier = np.array([source])
    mark = np.zeros(network.node_count, np.bool_)
    for _ in range(network.node_count + 1):
        for side in (forward, backward):
            side.relax(distance, frontier, mark)
        frontier = np.flatnonzero(mark)
        if not len(frontier):
            return distance
        mark[frontier] = False
        if source is not None and distance[source] < 0:
            break
    raise NotOptimalError("the flow can be improved")


class _Side:
    """Arcs of the residual graph in one direction, by the node they leave."""

    first: np.ndarray
    target: np.ndarray
    cost: np.ndarray

    def relax(self, distance: np.ndarray, frontier: np.ndarray, mark: np.ndarray) -> None:
        """Carries the distances of the frontier one arc further and marks what came closer."""
        starts = self.first[frontier]
        counts = self.first[frontier + 1] - starts
        total = int(counts.sum())
        if not total:
            return
        ends = np.cumsum(counts)
        arcs = np.arange(total) + np.repeat(starts - ends + counts, counts)
        reached = self.cost[arcs]
        reached += np.repeat(distance[frontier], counts)
        target = self.target[arcs]
        closer = np.flatnonzero(reached < distance[target])
        target = target[closer]
        np.minimum.at(distance, target, reached[closer])
        mark[target] = True


class _Forward(_Side):
    def __init__(self, network: FlowNetwork, flow: np.ndarray) -> None:
        self.first = network.first_arcs()
        self.target = network.head
        self.cost = np.where(flow < network.capacity, network.cost, UNREACHED)


class _Backward(_Side):
    def __init__(self, network: FlowNetwork, flow: np.ndarray) -> None:
        used = np.flatnonzero(flow > 0)
        used = used[np.argsort(network.head[used], kind="stable")]
        self.first = np.zeros(network.node_count + 1, np.int64)
        np.cumsum(np.bincount(network.head[used], minlength=network.node_count), out=self.first[1:])
        self.target = network.tail[used]
        self.cost = -network.cost[used]
