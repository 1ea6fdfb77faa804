"""Guarantees the exact worth of one more seat at every offer.

Worth is what the objective would gain: steps of priority (1000 * (offers + 1) each) plus score.
It follows from shortest distances in the residual graph, and it is checked by tests that add a
seat and solve again.
"""

import numpy as np

from matching.engine.assign import Assignment
from matching.engine.codes import MAX_SCORE
from matching.engine.feasibility import Candidates
from matching.engine.instance import OfferTable
from matching.engine.residual import UNREACHED, distances


def seat_values(assignment: Assignment, offers: OfferTable, candidates: Candidates) -> np.ndarray:
    """Gives per offer what one more seat would add to the objective (0 where it adds nothing)."""
    layout, flow = assignment.layout, assignment.flow
    values = _gain(assignment, assignment.distance, candidates)
    if not layout.ceilings:
        return values
    places = assignment.network.capacity[len(flow) - layout.ceilings :]
    reached = np.flatnonzero((flow[len(flow) - layout.ceilings :] >= places) & (places > 0))
    for ceiling, distance in zip(
        reached.tolist(), _from_ceilings(assignment, candidates, reached), strict=True
    ):
        # The ceiling is reached: a new seat helps only by moving people inside it.
        members = offers.ceiling == ceiling
        values[members] = _gain(assignment, distance, candidates)[members]
    values[np.isin(offers.ceiling, np.flatnonzero(places == 0))] = 0
    return values


def _from_ceilings(
    assignment: Assignment, candidates: Candidates, ceilings: np.ndarray
) -> list[np.ndarray]:
    """Gives the distances of all nodes from each of these ceilings.

    People only pass a chain on, so they are folded away: an arc from the offer where somebody
    sits to each offer where the person could sit. With the known distances as prices no arc is
    negative, and Dijkstra's method applies.
    """
    nodes = assignment.layout.needs + assignment.layout.offers + ceilings
    if not assignment.optimal or not len(ceilings):
        # Without an exact solver SciPy may be missing too.
        return [distances(assignment.network, assignment.flow, node) for node in nodes.tolist()]
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    layout, price = assignment.layout, assignment.distance
    seat_of = _seat_of(assignment)
    source, target, cost = _folded_arcs(assignment, seat_of)
    size = assignment.network.node_count - layout.needs
    key = source.astype(np.int64) * size + target
    order = np.argsort(key)
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    shortest = np.minimum.reduceat(cost[order], first)
    rows, columns = np.divmod(key[order[first]], size)
    starts = np.searchsorted(rows, np.arange(size + 1))
    graph = csr_array((shortest.astype(np.float64), columns, starts), shape=(size, size))
    found = dijkstra(graph, indices=nodes - layout.needs)
    result = []
    for row, node in zip(np.atleast_2d(found), nodes.tolist(), strict=True):
        steps = np.concatenate([row[seat_of], row])
        distance = np.full(len(price), UNREACHED, np.int64)
        known = np.flatnonzero(np.isfinite(steps))
        distance[known] = np.rint(steps[known]).astype(np.int64) - price[node] + price[known]
        result.append(distance)
    return result


def _seat_of(assignment: Assignment) -> np.ndarray:
    """Gives per need the folded node from which it is reached: its offer, or the sink."""
    layout, network = assignment.layout, assignment.network
    seat = np.full(layout.needs, layout.sink - layout.needs)
    arcs = layout.pair_arc[assignment.pairs]
    seat[network.tail[arcs]] = network.head[arcs] - layout.needs
    return seat


def _folded_arcs(
    assignment: Assignment, seat_of: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gives (source, target, reduced cost) of the residual arcs between offers and further on."""
    layout, network, flow = assignment.layout, assignment.network, assignment.flow
    price = assignment.distance
    reduced = network.cost + price[network.tail] - price[network.head]
    from_need = np.flatnonzero((network.tail < layout.needs) & (flow == 0))
    onward = np.flatnonzero((network.tail >= layout.needs) & (flow < network.capacity))
    onward = onward[price[network.tail[onward]] < UNREACHED]
    back = np.flatnonzero((network.tail >= layout.needs) & (flow > 0))
    source = [seat_of[network.tail[from_need]], network.tail[onward], network.head[back]]
    target = [network.head[from_need], network.head[onward], network.tail[back]]
    cost = [reduced[from_need], reduced[onward], -reduced[back]]
    source[1:] = [part - layout.needs for part in source[1:]]
    target = [part - layout.needs for part in target]
    return np.concatenate(source), np.concatenate(target), np.concatenate(cost)


def _gain(assignment: Assignment, distance: np.ndarray, candidates: Candidates) -> np.ndarray:
    layout = assignment.layout
    at_offer = distance[layout.needs : layout.needs + layout.offers].copy()
    if len(candidates.zero_need):
        # Sold out from the start: its pairs are not in the network, so look one arc further.
        reached = distance[candidates.zero_need]
        if assignment.optimal:
            reached = reached + (MAX_SCORE - candidates.zero_score.astype(np.int64))
        np.minimum.at(at_offer, candidates.zero_offer, reached)
    at_offer[at_offer > UNREACHED // 2] = 0
    return np.asarray(np.maximum(-at_offer, 0))
