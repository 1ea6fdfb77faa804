"""Guarantees the assignment problem as one min-cost flow: need > offer > (ceiling >) sink.

A need that gets no seat flows over its own "unplaced" arc to the sink. That arc costs 1000 more
than the worst score plus a step per priority level. With M offers the step is 1000 * (M + 1): a
single exchange moves at most M people between seats and changes M scores of at most 1000, so no
gain in score can ever pay for a step of priority.
"""

from dataclasses import dataclass

import numpy as np

from matching.engine.codes import MAX_SCORE
from matching.engine.feasibility import Candidates
from matching.engine.instance import OfferTable


@dataclass(frozen=True, eq=False, slots=True)
class FlowNetwork:
    """A min-cost flow problem; arcs are sorted by tail, then head; all lower bounds are 0.

    `cost` = `step` * (steps of priority lost) + (score lost), with the second part below `step`
    (a `step` of 0 says that there is nothing to split).
    """

    node_count: int
    tail: np.ndarray
    head: np.ndarray
    capacity: np.ndarray
    cost: np.ndarray
    supply: np.ndarray
    step: int = 0

    def first_arcs(self) -> np.ndarray:
        """Gives for each node the position of its first arc, and the number of arcs at the end."""
        first = np.zeros(self.node_count + 1, np.int64)
        np.cumsum(np.bincount(self.tail, minlength=self.node_count), out=first[1:])
        return first


@dataclass(frozen=True, eq=False, slots=True)
class Layout:
    """Where needs, offers and ceilings stand in the network."""

    needs: int
    offers: int
    ceilings: int
    sink: int
    pair_arc: np.ndarray  # arc of each candidate pair
    unplaced_arc: np.ndarray  # arc of each need that leaves it unplaced
    offer_arc: np.ndarray  # arc of each offer towards the sink

    def chosen_pairs(self, flow: np.ndarray) -> np.ndarray:
        """Gives the candidate pairs that carry flow."""
        return np.flatnonzero(flow[self.pair_arc])


def priority_step(offer_count: int) -> int:
    """Gives the worth of one step of priority in points of score."""
    return MAX_SCORE * (offer_count + 1)


def build_network(
    candidates: Candidates, offers: OfferTable, weights: np.ndarray
) -> tuple[FlowNetwork, Layout]:
    """Lays the candidates out as a flow problem; `weights` are the priority steps per need."""
    needs, offer_count, ceilings = len(weights), len(offers), len(offers.ceiling_ids)
    pairs = len(candidates)
    sink = needs + offer_count + ceilings
    total = pairs + needs + offer_count + ceilings
    layout = Layout(
        needs=needs,
        offers=offer_count,
        ceilings=ceilings,
        sink=sink,
        # The unplaced arc stands behind the pairs of its need, because the sink is the last node.
        pair_arc=np.arange(pairs) + candidates.need,
        unplaced_arc=candidates.first[1:] + np.arange(needs),
        offer_arc=np.arange(pairs + needs, pairs + needs + offer_count),
    )
    step = priority_step(offer_count)
    tail = np.empty(total, np.int32)
    head = np.full(total, sink, np.int32)
    cost = np.zeros(total, np.int64)
    capacity = np.ones(total, np.int64)
    tail[layout.pair_arc] = candidates.need
    head[layout.pair_arc] = candidates.offer + np.int32(needs)
    cost[layout.pair_arc] = MAX_SCORE - candidates.score.astype(np.int64)
    tail[layout.unplaced_arc] = np.arange(needs)
    cost[layout.unplaced_arc] = step * weights + MAX_SCORE
    tail[layout.offer_arc] = np.arange(needs, needs + offer_count)
    under = offers.ceiling >= 0
    head[layout.offer_arc[under]] = offers.ceiling[under] + (needs + offer_count)
    capacity[layout.offer_arc] = np.maximum(offers.seats, 0)
    if ceilings:
        tail[-ceilings:] = np.arange(needs + offer_count, sink)
        capacity[-ceilings:] = np.maximum(np.array(offers.ceiling_places, np.int64), 0)
    supply = np.zeros(sink + 1, np.int64)
    supply[:needs] = 1
    supply[sink] = -needs
    return FlowNetwork(sink + 1, tail, head, capacity, cost, supply, step), layout
