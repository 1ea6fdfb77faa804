"""Guarantees that a place can be taken back from a result when its seat is gone, with the reason.

For who stores a result some time after the facts were read; who got the seat is not looked into.
"""

from dataclasses import replace

import numpy as np

from matching.engine.codes import RULES, Cause, Rule
from matching.engine.near import NearMisses
from matching.engine.result import BatchResult


def last_in_line(result: BatchResult, places: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Gives the placed needs for whom no seat is left: the least urgent, who wait shortest.

    `places` has the number of a start per row of `result.placed`, `left` the seats by number.
    """
    rows = result.placed
    needs = result.needs
    order = np.lexsort(
        (needs.tie_numbers[rows], needs.waiting_since[rows], -result.weights[rows], places)
    )
    place = places[order]
    first = np.flatnonzero(np.diff(place, prepend=-1))
    rank = np.arange(len(place)) - np.repeat(first, np.diff(first, append=len(place)))
    return np.sort(rows[order[rank >= left[place]]])


def without_places(result: BatchResult, rows: np.ndarray) -> BatchResult:
    """The result in which these needs have no place, because the start that they had is full.

    It says no more that it is the optimum: somebody else might have had another seat.
    """
    if not len(rows):
        return result
    lost = result.offer[rows]
    offer, score, cause = result.offer.copy(), result.score.copy(), result.cause.copy()
    points = result.points.copy()
    offer[rows], score[rows], cause[rows], points[rows] = -1, 0, Cause.ALL_FULL, 0
    unplaced = np.concatenate([result.unplaced, rows])
    full = np.zeros((len(rows), len(RULES)), result.reasons.dtype)
    full[:, Rule.SEATS] = 1
    order = np.argsort(unplaced)
    tiers = np.bincount(result.tier[rows], minlength=4)[1:].tolist()
    before = result.summary
    by_tier = [number - gone for number, gone in zip(before.placed_by_tier, tiers, strict=True)]
    return replace(
        result,
        offer=offer,
        score=score,
        cause=cause,
        points=points,
        unplaced=unplaced[order],
        reasons=np.concatenate([result.reasons, full])[order],
        near=_with_full(result.near, rows, lost),
        summary=replace(
            before,
            placed=before.placed - len(rows),
            placed_by_tier=(by_tier[0], by_tier[1], by_tier[2]),
            total_score=int(score.sum(dtype=np.int64)),
            optimal=False,
        ),
    )


def _with_full(near: NearMisses, rows: np.ndarray, lost: np.ndarray) -> NearMisses:
    need = np.concatenate([near.need, rows])
    rule = np.concatenate([near.rule, np.full(len(rows), int(Rule.SEATS), near.rule.dtype)])
    order = np.lexsort((rule, need))
    return NearMisses(
        need[order],
        np.concatenate([near.offer, lost])[order],
        rule[order],
        np.concatenate([near.amount, np.ones(len(rows))])[order],
    )
