"""Guarantees the exact effect of one choice on everybody else, without solving anew.

Somebody is put at another offer than the batch proposes. The best answer of all others is one
shortest path in the residual graph of the solved batch: from the offer that now has one person too
many to the seat that came free (Ahuja, Magnanti, Orlin 1993, chapter 9: an optimal flow stays
optimal along a shortest path). The path names who moves, who loses a place and who gains one.
"""

from dataclasses import dataclass, replace

import numpy as np

from matching.engine.network import FlowNetwork, Layout, build_network
from matching.engine.residual import UNREACHED, distances
from matching.engine.result import BatchResult

NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody else who would sit elsewhere; NOWHERE is no place. Scores are 0 without one."""

    need: int
    tier: int
    from_offer: int
    to_offer: int
    from_score: int
    to_score: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What one choice does to the others.

    `is_overbooked`: the offer has no seat that any chain of moves could free.
    `placed` and `score` are the changes among the others.
    """

    moves: tuple[Move, ...]
    is_overbooked: bool = False

    @property
    def placed(self) -> int:
        gained = sum(move.from_offer == NOWHERE for move in self.moves)
        return gained - sum(move.to_offer == NOWHERE for move in self.moves)

    @property
    def score(self) -> int:
        return sum(move.to_score - move.from_score for move in self.moves)


class WhatIf:
    """A solved batch, kept warm: many questions, one instance."""

    def __init__(self, result: BatchResult) -> None:
        self.result = result
        self.network, self.layout = build_network(result.candidates, result.offers, result.weights)
        self.flow = _flow_of(result, self.network, self.layout)
        self.first = self.network.first_arcs()

    def effect(self, need: int, offer: int) -> Effect:
        """Gives what happens to the others when this need sits at this offer, whatever the rules.

        Raises NotOptimalError when the batch was not solved to the optimum.
        """
        current = int(self.result.offer[need])
        if current == offer:
            return Effect(())
        layout = self.layout
        source = layout.needs + offer
        target = layout.sink if current == NOWHERE else layout.needs + current
        network, flow = self._without(need)
        distance = distances(network, flow, source)
        if distance[target] >= UNREACHED:
            return Effect((), is_overbooked=True)
        return Effect(self._moves(_path(network, flow, distance, source, target)))

    def _without(self, need: int) -> tuple[FlowNetwork, np.ndarray]:
        """The problem in which this need sends no flow and takes none."""
        own = slice(self.first[need], self.first[need + 1])
        capacity, flow = self.network.capacity.copy(), self.flow.copy()
        capacity[own] = flow[own] = 0
        return replace(self.network, capacity=capacity), flow

    def _moves(self, path: list[int]) -> tuple[Move, ...]:
        layout, moves = self.layout, []
        for before, node, after in zip(path, path[1:], path[2:], strict=False):
            if node < layout.needs:
                left, right = self._offer_of(before), self._offer_of(after)
                moves.append(
                    Move(
                        need=node,
                        tier=int(self.result.tier[node]),
                        from_offer=left,
                        to_offer=right,
                        from_score=self._score(node, left),
                        to_score=self._score(node, right),
                    )
                )
        return tuple(moves)

    def _offer_of(self, node: int) -> int:
        return NOWHERE if node == self.layout.sink else node - self.layout.needs

    def _score(self, need: int, offer: int) -> int:
        candidates = self.result.candidates
        start, stop = candidates.first[need : need + 2]
        at = start + np.searchsorted(candidates.offer[start:stop], offer)
        return 0 if offer == NOWHERE else int(candidates.score[at])


def _flow_of(result: BatchResult, network: FlowNetwork, layout: Layout) -> np.ndarray:
    """The assignment as flow on the arcs of its network."""
    flow = np.zeros(len(network.tail), np.int64)
    candidates, offers = result.candidates, result.offers
    chosen = result.offer[candidates.need] == candidates.offer
    flow[layout.pair_arc[chosen]] = 1
    flow[layout.unplaced_arc[result.offer < 0]] = 1
    used = np.bincount(result.offer[result.offer >= 0], minlength=len(offers))
    flow[layout.offer_arc] = used
    if layout.ceilings:
        under = offers.ceiling >= 0
        flow[-layout.ceilings :] = np.bincount(
            offers.ceiling[under], weights=used[under], minlength=layout.ceilings
        )
    return flow


def _path(
    network: FlowNetwork, flow: np.ndarray, distance: np.ndarray, source: int, target: int
) -> list[int]:
    """The nodes of a shortest path; of several the one with the fewest people moved."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order

    tail, head, cost = network.tail, network.head, network.cost
    known = (distance[tail] < UNREACHED) & (distance[head] < UNREACHED)
    step = distance[head] - distance[tail]
    onward = np.flatnonzero(known & (flow < network.capacity) & (step == cost))
    back = np.flatnonzero(known & (flow > 0) & (step == cost))
    sources = np.concatenate([tail[onward], head[back]])
    targets = np.concatenate([head[onward], tail[back]])
    graph = csr_array(
        (np.ones(len(sources), np.int8), (sources, targets)),
        shape=(network.node_count, network.node_count),
    )
    came = breadth_first_order(graph, source)[1]
    nodes = [target]
    while nodes[-1] != source:
        nodes.append(int(came[nodes[-1]]))
    return nodes[::-1]
