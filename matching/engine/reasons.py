"""Guarantees for everyone without a place how many offers fail each rule, and what nearly fits.

Counts are exact over all offers, but are not made pair by pair: a rule that looks at one field
gives the same answer for everybody with the same value. Near misses need pairs, but only pairs of
one component that fail in at most one group of rules.
"""

from typing import Final

import numpy as np

from matching.engine.codes import RULES, Rule
from matching.engine.columns import EARTH_RADIUS_KM
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.near import NearMisses, amounts, nearest, rule_of
from matching.engine.rules import (
    CONFLICT_MASKS,
    COSINE_ERROR,
    DATE_GUARDS,
    KM_TOLERANCE,
    NeedSide,
    OfferSide,
    date_failures,
    distance_km,
)
from matching.engine.ties import pair_numbers

_CHUNK_PAIRS: Final = 1 << 17


def rule_counts(
    needs: NeedTable, offers: OfferTable, need: NeedSide, offer: OfferSide, rows: np.ndarray
) -> np.ndarray:
    """Gives for these needs how many offers fail each rule (needs x rules)."""
    counts = np.zeros((len(rows), len(RULES)), np.int32)
    counts[:, Rule.MARK] = np.count_nonzero(offer.fixed_failures & Rule.MARK.bit)
    counts[:, Rule.SEATS] = np.count_nonzero(offer.fixed_failures & Rule.SEATS.bit)
    counts[:, Rule.REGION_CONTRACT] = _region_counts(need, offer)[need.region_row[rows]]
    for rule, mask in CONFLICT_MASKS.items():
        counts[:, rule] = _conflict_counts(need.bits[rows] & mask, offer.bits & mask, mask)
    start, end = np.sort(offers.start), np.sort(offers.end)
    counts[:, Rule.START_EARLY] = np.searchsorted(start, needs.earliest_start[rows], "left")
    late = np.searchsorted(start, needs.latest_start[rows], "right")
    counts[:, Rule.START_LATE] = len(offers) - late
    counts[:, Rule.TERM] = len(offers) - np.searchsorted(end, needs.term_end[rows], "right")
    counts[:, Rule.DISTANCE] = _far_counts(need, offer, rows)
    return counts


def _region_counts(need: NeedSide, offer: OfferSide) -> np.ndarray:
    """Gives per distinct contract cover how many offers it does not reach."""
    in_period = (offer.fixed_failures & Rule.REGION_CONTRACT.bit) == 0
    per_region = np.bincount(offer.region[in_period], minlength=need.region_ok.shape[1])
    return np.asarray(len(offer.region) - need.region_ok @ per_region)


def _conflict_counts(bears: np.ndarray, refuses: np.ndarray, mask: int) -> np.ndarray:
    """Counts per need the offers that refuse something it cannot bear, value by value."""
    need_values, need_row = np.unique(bears, return_inverse=True)
    offer_values, offer_count = np.unique(refuses, return_counts=True)
    totals = np.zeros(len(need_values), np.int64)
    height = max(1, _CHUNK_PAIRS // max(len(offer_values), 1))
    for start in range(0, len(need_values), height):
        part = ~need_values[start : start + height, None] & mask
        totals[start : start + height] = ((part & offer_values) != 0) @ offer_count
    return np.asarray(totals[need_row])


def _far_counts(need: NeedSide, offer: OfferSide, rows: np.ndarray) -> np.ndarray:
    """Counts per need the offers beyond its limit, place by place.

    Far and near are told apart by the cosine, one matrix product; where rounding could decide,
    the pair is measured exactly as everywhere else.
    """
    places, place_of = _places_of(offer.points)
    # Whole numbers below 2**24 are exact in single precision.
    at_place = np.bincount(place_of, minlength=places.shape[1]).astype(np.float32)
    online_at = np.bincount(place_of[offer.online], minlength=places.shape[1])
    counts = np.zeros(len(rows), np.int64)
    height = max(1, _CHUNK_PAIRS // max(places.shape[1], 1))
    for start in range(0, len(rows), height):
        part = rows[start : start + height]
        here, limit = need.points[:, part], need.limit_km[part] + KM_TOLERANCE
        nearer = _nearer_than_limit(here, limit, places)
        far = nearer < -COSINE_ERROR
        unsure = nearer < COSINE_ERROR
        unsure ^= far
        i, j = np.divmod(np.flatnonzero(unsure), len(at_place))
        far[i, j] = distance_km(here[:, i], places[:, j]) > limit[i]
        counts[start : start + height] = far.astype(np.float32) @ at_place
        accepts = np.flatnonzero(need.online[part])
        counts[start + accepts] -= far[accepts] @ online_at
    return counts


def _places_of(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gives the different points, and the number of each in them."""
    order = np.lexsort(points)
    ordered = points[:, order]
    is_new = np.ones(len(order), np.bool_)
    is_new[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(is_new) - 1
    return ordered[:, is_new], number


def _nearer_than_limit(here: np.ndarray, limit: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Gives by how much the cosine of each angle exceeds that of the limit; negative is too far.

    One matrix product; between -COSINE_ERROR and COSINE_ERROR rounding could decide.
    """
    cosine = np.cos(np.minimum(limit / EARTH_RADIUS_KM, np.pi))
    product = here.T @ points
    product -= cosine[:, None]
    return np.asarray(product)


def near_misses(
    needs: NeedTable,
    offers: OfferTable,
    need: NeedSide,
    offer: OfferSide,
    rows: np.ndarray,
    seed: int,
) -> NearMisses:
    """Gives for these needs (ascending) the nearest pairs with exactly one failed rule.

    A different component is another question than the one asked: never "nearly".
    """
    parts: list[NearMisses] = []
    for code in range(6):
        cols = np.flatnonzero(offers.component == code)
        mine = rows[needs.component[rows] == code]
        height = max(1, _CHUNK_PAIRS // max(len(cols), 1))
        for start in range(0, len(mine) if len(cols) else 0, height):
            part = mine[start : start + height]
            i, j, rule, km = _single_failures(need, offer, part, cols)
            excess = km - need.limit_km[i]
            found = NearMisses(i, j, rule, amounts(needs, offers, i, j, rule, excess))
            ties = pair_numbers(needs.tie_numbers[i], offers.tie_numbers[j], seed)
            parts.append(nearest(found, ties))
    if not parts:
        empty = np.zeros(0, np.int64)
        return NearMisses(empty, empty, empty.astype(np.int8), empty.astype(np.float64))
    columns = [
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("need", "offer", "rule", "amount")
    ]
    order = np.argsort(columns[0], kind="stable")
    return NearMisses(*(column[order] for column in columns))


def _single_failures(
    need: NeedSide, offer: OfferSide, rows: np.ndarray, cols: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Gives (need, offer, rule, km) of the pairs of this block with exactly one failed rule."""
    conflict = offer.bits[cols] & ~need.bits[rows, None]
    in_time = offer.dates[cols] - need.dates[rows, None]
    in_time &= DATE_GUARDS
    groups = (conflict != 0).view(np.int8)
    groups += (in_time != DATE_GUARDS).view(np.int8)
    fixed = need.region_ok[need.region_row[rows]][:, offer.region[cols]]
    groups += (~fixed | (offer.fixed_failures[cols] != 0)).view(np.int8)
    limit = need.limit_km[rows] + KM_TOLERANCE
    nearer = _nearer_than_limit(need.points[:, rows], limit, offer.points[:, cols])
    far = nearer < -COSINE_ERROR
    far &= ~(need.online[rows, None] & offer.online[cols])
    groups += far.view(np.int8)
    # What is surely too far besides another failure is left out; the exact distance decides below.
    found = groups == 1
    found |= (groups == 0) & (nearer < COSINE_ERROR)
    i = np.repeat(np.arange(len(rows)), np.count_nonzero(found, axis=1))
    j = np.flatnonzero(found) - i * len(cols)
    failed = np.where(fixed[i, j], 0, Rule.REGION_CONTRACT.bit).astype(np.uint16)
    conflict, in_time = conflict[i, j], in_time[i, j]
    i, j = rows[i], cols[j]
    failed |= offer.fixed_failures[j]
    for rule, mask in CONFLICT_MASKS.items():
        failed |= ((conflict & mask) != 0).astype(np.uint16) << np.uint16(rule)
    failed |= date_failures(in_time)
    km = distance_km(need.points[:, i], offer.points[:, j])
    far = (km > need.limit_km[i] + KM_TOLERANCE) & ~(offer.online[j] & need.online[i])
    failed |= far.astype(np.uint16) << np.uint16(Rule.DISTANCE)
    single = np.flatnonzero((failed != 0) & (failed & (failed - np.uint16(1)) == 0))
    return i[single], j[single], rule_of(failed[single]), km[single]
