"""Guarantees the exact effect of one choice on everybody else, without solving anew.

Somebody is put at another offer than the batch proposes. The best answer of all others is one
shortest path in the residual graph of the solved batch: from the offer that now has one person too
many to the seat that came free (Ahuja, Magnanti, Orlin 1993, chapter 9: an optimal flow stays
optimal along a shortest path). The path names who moves, who loses a place and who gains one.

A limit that no flow holds, such as the share of a municipality, is no part of that graph. Where the
answer would exceed one, the components that are touched are solved anew within the limits. What the
run closed to keep to its limits stays closed: a place of a share that comes free stays free.
"""

from dataclasses import dataclass, replace

import numpy as np

from matching.engine.bundles import Bundled, assign_bundles
from matching.engine.feasibility import Candidates
from matching.engine.limits import Limits, assign_within, biting
from matching.engine.network import FlowNetwork, Layout, build_network
from matching.engine.people import People, keep
from matching.engine.residual import UNREACHED, distances
from matching.engine.result import BatchResult

NOWHERE = -1
# Farther than any path, and still far from the end of 64 bits.
FAR = 1 << 50


@dataclass(frozen=True, eq=False, slots=True)
class _Arcs:
    """Residual arcs in one direction, by the node they leave, at their reduced cost."""

    first: np.ndarray
    target: np.ndarray
    cost: np.ndarray

    def relax(
        self,
        distance: np.ndarray,
        came: np.ndarray,
        frontier: np.ndarray,
        mark: np.ndarray,
        goal: int,
    ) -> None:
        """Carries the distances one arc further, but never beyond the best way to the goal."""
        starts = self.first[frontier]
        counts = self.first[frontier + 1] - starts
        ends = np.cumsum(counts)
        arcs = np.arange(ends[-1]) + np.repeat(starts - ends + counts, counts)
        reached = self.cost[arcs] + np.repeat(distance[frontier], counts)
        target = self.target[arcs]
        closer = np.flatnonzero((reached < distance[target]) & (reached < distance[goal]))
        target, reached = target[closer], reached[closer]
        np.minimum.at(distance, target, reached)
        won = reached == distance[target]
        came[target[won]] = np.repeat(frontier, counts)[closer[won]]
        mark[target] = True


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
    `is_within_limits`: shares and the like leave a place, if need be after others gave way.
    `placed` and `score` are the changes among the others.
    """

    moves: tuple[Move, ...]
    is_overbooked: bool = False
    is_within_limits: bool = True

    @property
    def placed(self) -> int:
        gained = sum(move.from_offer == NOWHERE for move in self.moves)
        return gained - sum(move.to_offer == NOWHERE for move in self.moves)

    @property
    def score(self) -> int:
        return sum(move.to_score - move.from_score for move in self.moves)


class WhatIf:
    """A solved batch, kept warm: many questions, one instance.

    `limits` are those of the batch. Raises NotOptimalError when the batch was not solved to the
    optimum.
    """

    def __init__(self, result: BatchResult, limits: tuple[Limits, ...] = ()) -> None:
        self.result, self.limits = result, limits
        network, self.layout = build_network(result.candidates, result.offers, result.weights)
        flow = _flow_of(result, network, self.layout)
        # As prices the distances make every step cost nothing or more, so that a search may stop
        # at the best answer. From what the sink does not reach nothing leads into the rest.
        price = distances(network, flow, self.layout.sink)
        price[price >= UNREACHED] = FAR
        reduced = network.cost + price[network.tail] - price[network.head]
        self.first = network.first_arcs()
        onward = np.where(flow < network.capacity, reduced, UNREACHED)
        self.onward = _Arcs(self.first, network.head, onward)
        used = np.flatnonzero(flow > 0)
        used = used[np.argsort(network.head[used], kind="stable")]
        arrivals = np.bincount(network.head[used], minlength=network.node_count)
        first_back = np.concatenate([[0], np.cumsum(arrivals)])
        self.back = _Arcs(first_back, network.tail[used], -reduced[used])
        self.nodes = network.node_count

    def effect(self, need: int, offer: int) -> Effect:
        """Gives what happens to the others when this need sits at this offer, rules or not."""
        current = int(self.result.offer[need])
        if current == offer:
            return Effect(())
        layout = self.layout
        source = layout.needs + offer
        target = layout.sink if current == NOWHERE else layout.needs + current
        path = self._path(need, source, target)
        effect = Effect(self._moves(path), is_overbooked=not path)
        if not self._exceeded(need, offer, effect):
            return effect
        return self._within(need, offer, effect)

    def _exceeded(self, need: int, offer: int, effect: Effect) -> bool:
        """Whether this leaves more people under a limit than it has places, and than there were."""
        if not self.limits:
            return False
        needs, before = self.result.needs, self.result.offer
        after = before.copy()
        after[need] = offer
        for move in effect.moves:
            after[move.need] = move.to_offer
        was, now = np.flatnonzero(before >= 0), np.flatnonzero(after >= 0)
        return any(
            bool((used > np.maximum(limit.places, limit.used(needs, was, before[was]))).any())
            for limit in self.limits
            for used in (limit.used(needs, now, after[now]),)
        )

    def _within(self, need: int, offer: int, effect: Effect) -> Effect:
        """The effect when the others keep to the limits, as a run would have them."""
        result = self.result
        needs, offers, before = result.needs, result.offers, result.offer
        touched = [needs.component[need], offers.component[offer]]
        moving = np.isin(needs.component, touched)
        moving[need] = False
        fixed = ~moving & (before >= 0)
        fixed[need] = True
        rows = np.flatnonzero(fixed)
        taken = np.where(rows == need, offer, before[rows])
        left = offers.without(taken)
        limits = tuple(limit.without(needs, rows, taken) for limit in self.limits)
        candidates = keep(result.candidates, moving[result.candidates.need])

        def apart(some: Candidates) -> Bundled:
            alone = People.apart(np.arange(len(needs)))
            return assign_bundles(needs, left, some, result.weights, result.policy, None, alone)

        tight = biting(limits, needs, candidates)
        if tight is None:
            bundled = apart(candidates)
        else:
            bundled, _ = assign_within(tight, needs, left, candidates, result.weights, apart)
        after = np.where(moving, NOWHERE, before)
        pairs, some = bundled.assignment.pairs, bundled.candidates
        after[some.need[pairs]] = some.offer[pairs]
        mine = np.array([need])
        return replace(
            effect,
            moves=tuple(
                self._move(row, int(before[row]), int(after[row]))
                for row in np.flatnonzero(moving & (before != after)).tolist()
            ),
            is_within_limits=all(
                bool((one.used(needs, mine, np.array([offer])) <= np.maximum(one.places, 0)).all())
                for one in self.limits
            ),
        )

    def _path(self, need: int, source: int, target: int) -> list[int]:
        """The nodes of a shortest path beside this need, from source to target; empty if none."""
        distance = np.full(self.nodes, UNREACHED, np.int64)
        came = np.full(self.nodes, NOWHERE, np.int64)
        mark = np.zeros(self.nodes, np.bool_)
        distance[source] = 0
        frontier = np.array([source])
        while len(frontier):
            for arcs in (self.onward, self.back):
                arcs.relax(distance, came, frontier, mark, target)
            # Whoever chooses does not move on: the seat chosen is the question.
            mark[need] = False
            frontier = np.flatnonzero(mark)
            mark[frontier] = False
            frontier = frontier[distance[frontier] < distance[target]]
        if distance[target] >= UNREACHED:
            return []
        nodes = [target]
        while nodes[-1] != source:
            nodes.append(int(came[nodes[-1]]))
        return nodes[::-1]

    def _moves(self, path: list[int]) -> tuple[Move, ...]:
        layout, moves = self.layout, []
        for before, node, after in zip(path, path[1:], path[2:], strict=False):
            if node < layout.needs:
                moves.append(self._move(node, self._offer_of(before), self._offer_of(after)))
        return tuple(moves)

    def _move(self, need: int, left: int, right: int) -> Move:
        return Move(
            need=need,
            tier=int(self.result.tier[need]),
            from_offer=left,
            to_offer=right,
            from_score=self._score(need, left),
            to_score=self._score(need, right),
        )

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
