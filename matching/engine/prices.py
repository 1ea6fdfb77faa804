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
    for ceiling in range(layout.ceilings):
        members = np.flatnonzero(offers.ceiling == ceiling)
        arc = len(flow) - layout.ceilings + ceiling
        if not len(members) or flow[arc] < assignment.network.capacity[arc]:
            continue
        # The ceiling is reached: a new seat helps only by moving people inside it.
        node = layout.needs + layout.offers + ceiling
        from_ceiling = distances(assignment.network, flow, node)
        values[members] = _gain(assignment, from_ceiling, candidates)[members]
    return values


def _gain(assignment: Assignment, distance: np.ndarray, candidates: Candidates) -> np.ndarray:
    layout = assignment.layout
    at_offer = distance[layout.needs : layout.needs + layout.offers].copy()
    if len(candidates.zero_need):
        # Sold out from the start: its pairs are not in the network, so look one arc further.
        score = candidates.zero_score if assignment.optimal else np.int64(MAX_SCORE)
        reached = distance[candidates.zero_need] + (MAX_SCORE - np.asarray(score, np.int64))
        np.minimum.at(at_offer, candidates.zero_offer, reached)
    at_offer[at_offer > UNREACHED // 2] = 0
    return np.asarray(np.maximum(-at_offer, 0))
