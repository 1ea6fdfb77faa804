"""Guarantees that a batch leaves alone what people have settled: kept seats, and refused pairs.

Rolling re-optimisation solves everything anew at each run. Whoever keeps a seat from the run before
gets that seat or, when it no longer fits, takes part like everybody; a pair that was refused never
comes back.
"""

from dataclasses import dataclass, replace

import numpy as np

from matching.engine.feasibility import Candidates

FREE = -1


@dataclass(frozen=True, eq=False, slots=True)
class Settled:
    """`seat`: per offer a number of its intake moment (two contracts may share one); `kept`: per
    need the number it keeps, FREE for most; `barred`: pairs of a need and a number, 2 x pairs."""

    seat: np.ndarray
    kept: np.ndarray
    barred: np.ndarray


def settle(candidates: Candidates, settled: Settled) -> tuple[Candidates, np.ndarray]:
    """Gives the pairs that may still be chosen, and which needs keep a seat that still fits."""
    seat = settled.seat[candidates.offer]
    fits = settled.kept[candidates.need] == seat
    keeps = np.zeros(len(settled.kept), np.bool_)
    keeps[candidates.need[fits]] = True
    open_pairs = fits | ~keeps[candidates.need]
    if settled.barred.size:
        width = np.int64(max(settled.seat.max(initial=0), settled.barred[1].max()) + 1)
        open_pairs &= ~np.isin(
            candidates.need * width + seat, settled.barred[0] * width + settled.barred[1]
        )
    first = np.zeros(len(settled.kept) + 1, np.int64)
    need = candidates.need[open_pairs]
    np.cumsum(np.bincount(need, minlength=len(settled.kept)), out=first[1:])
    chosen = replace(
        candidates,
        first=first,
        need=need,
        offer=candidates.offer[open_pairs],
        score=candidates.score[open_pairs],
        km=candidates.km[open_pairs],
    )
    return chosen, keeps


def above_all(weights: np.ndarray, keeps: np.ndarray) -> np.ndarray:
    """Gives the weights with one step above all others for whoever keeps a seat."""
    return np.where(keeps, weights.max(initial=0) + 1, weights)
