"""Guarantees all feasible pairs of a batch, each with its score, need by need.

The join is made in blocks of needs that share component and contract cover, so that most of the
needs x offers pairs are never looked at; inside a block the packed rules of `rules.py` decide.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.engine.codes import Rule
from matching.engine.columns import EARTH_RADIUS_KM
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.rules import (
    COSINE_ERROR,
    DATE_GUARDS,
    KM_TOLERANCE,
    NeedSide,
    OfferSide,
    distance_km,
)
from matching.engine.score import Scorer

# Pairs looked at together: two int64 arrays of this length stay inside a 2 MB cache.
_CHUNK_PAIRS: Final = 1 << 17
# How need, offer, score and kilometres of a pair are kept.
_KINDS: Final = (np.int32, np.int32, np.int16, np.float32)


@dataclass(frozen=True, eq=False, slots=True)
class Candidates:
    """Feasible pairs ordered by need, then offer; `first[i]:first[i+1]` are those of need i.

    `zero_*` are the pairs whose only failed rule is SEATS: they cannot be assigned, but they say
    what one more seat at a sold-out group would be worth.
    """

    first: np.ndarray
    need: np.ndarray
    offer: np.ndarray
    score: np.ndarray
    km: np.ndarray
    zero_need: np.ndarray
    zero_offer: np.ndarray
    zero_score: np.ndarray

    def __len__(self) -> int:
        return len(self.offer)


_Chunk = tuple[np.ndarray, np.ndarray, np.ndarray]


def find_candidates(
    needs: NeedTable,
    need: NeedSide,
    offer: OfferSide,
    offers: OfferTable,
    scorer: Scorer,
    progress: Callable[[float], None] | None = None,
    *,
    sold_out: bool = True,
) -> Candidates:
    """Gives every pair on which no hard rule fails, and its score; `sold_out` asks for `zero_*`."""
    lists: tuple[list[np.ndarray], ...] = ([], [], [], [])
    zero: tuple[list[np.ndarray], ...] = ([], [], [])
    done = 0
    for rows, cols in _blocks(needs, need, offers, offer, sold_out):
        free = offers.seats[cols] > 0
        for i, j, km in _block_pairs(need, offer, rows, cols):
            need_rows, offer_rows = rows[i], cols[j]
            score = scorer.totals(need_rows, offer_rows, km)
            found = (need_rows, offer_rows, score, km)
            is_free = free[j]
            if is_free.all():
                _append(lists, found)
            else:
                _append(lists, found, np.flatnonzero(is_free))
                _append(zero, found[:3], np.flatnonzero(~is_free))
        done += len(rows)
        if progress is not None:
            progress(done / len(needs))
    return _sorted(len(needs), lists, zero)


def _append(
    lists: tuple[list[np.ndarray], ...],
    found: tuple[np.ndarray, ...],
    at: np.ndarray | None = None,
) -> None:
    """Keeps the columns of some pairs (of all without `at`), each as narrow as it may be."""
    for target, part, kind in zip(lists, found, _KINDS, strict=False):
        target.append((part if at is None else part[at]).astype(kind, copy=False))


def _blocks(
    needs: NeedTable, need: NeedSide, offers: OfferTable, offer: OfferSide, sold_out: bool
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields (needs, offers) that agree on component and contract; offers are ascending."""
    never = Rule.MARK.bit | Rule.REGION_CONTRACT.bit | (0 if sold_out else Rule.SEATS.bit)
    open_offers = (offer.fixed_failures & never) == 0
    by_component = [np.flatnonzero(open_offers & (offers.component == code)) for code in range(6)]
    key = needs.component.astype(np.int64) * len(need.region_ok) + need.region_row
    order = np.argsort(key, kind="stable")
    bounds = np.flatnonzero(np.diff(key[order], prepend=-1, append=-1))
    for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        rows = order[start:stop]
        component, region_row = divmod(int(key[rows[0]]), len(need.region_ok))
        cols = by_component[component]
        cols = cols[need.region_ok[region_row][offers.region[cols]]]
        if cols.size:
            yield rows, cols


def _block_pairs(
    need: NeedSide, offer: OfferSide, rows: np.ndarray, cols: np.ndarray
) -> Iterator[_Chunk]:
    """Yields (row in block, column in block, km) of the pairs that pass the remaining rules."""
    offer_bits, offer_dates = offer.bits[cols], offer.dates[cols]
    offer_points, offer_online = offer.points[:, cols], offer.online[cols]
    any_online = bool(offer_online.any())
    height = max(1, _CHUNK_PAIRS // len(cols))
    for start in range(0, len(rows), height):
        part = rows[start : start + height]
        points, limit = need.points[:, part], need.limit_km[part] + KM_TOLERANCE
        passed = (offer_bits & ~need.bits[part, None]) == 0
        in_time = offer_dates - need.dates[part, None]
        in_time &= DATE_GUARDS
        passed &= in_time == DATE_GUARDS
        # One matrix product leaves out who is surely too far; the exact distance decides the rest.
        cosine = np.cos(np.minimum(limit / EARTH_RADIUS_KM, np.pi)) - COSINE_ERROR
        around = points.T @ offer_points >= cosine[:, None]
        if any_online:
            around |= offer_online & need.online[part, None]
        passed &= around
        i = np.repeat(np.arange(len(part)), np.count_nonzero(passed, axis=1))
        j = np.flatnonzero(passed) - i * len(cols)
        km = distance_km(points[:, i], offer_points[:, j])
        near = km <= limit[i]
        if any_online:
            near |= offer_online[j] & need.online[part][i]
        yield i[near] + start, j[near], km[near]


def _sorted(
    count: int, lists: tuple[list[np.ndarray], ...], zero: tuple[list[np.ndarray], ...]
) -> Candidates:
    """Puts the blocks' pairs in order of need; inside a need the blocks kept order of offer."""
    need, offer, score, km = (
        np.concatenate(parts) if parts else np.zeros(0, kind)
        for parts, kind in zip(lists, _KINDS, strict=True)
    )
    zero_need, zero_offer, zero_score = (
        np.concatenate(parts) if parts else np.zeros(0, kind)
        for parts, kind in zip(zero, _KINDS, strict=False)
    )
    first = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(need, minlength=count), out=first[1:])
    # Every need lies in one block, so its pairs are one run: move run by run, without a sort.
    runs = np.flatnonzero(np.diff(need, prepend=-1))
    shift = first[need[runs]] - runs
    target = np.arange(len(need)) + np.repeat(shift, np.diff(runs, append=len(need)))
    sorted_parts = []
    for part in (offer, score, km):
        moved = np.empty_like(part)
        moved[target] = part
        sorted_parts.append(moved)
    return Candidates(
        first=first,
        need=np.repeat(np.arange(count, dtype=np.int32), np.diff(first)),
        offer=sorted_parts[0],
        score=sorted_parts[1],
        km=sorted_parts[2],
        zero_need=zero_need,
        zero_offer=zero_offer,
        zero_score=zero_score,
    )
