"""Guarantees every hard rule on a pair exactly once, as arithmetic on whole columns.

Rules that compare codes are packed: an offer carries the bits of what it refuses, a need the
bits of what it can bear, and one AND answers six rules for a pair. Date rules are packed too:
one subtraction with guard bits answers three comparisons. A pair is decided by the same numbers
in the batch, in one recommendation and in the explanation.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from matching.engine.codes import LITERACIES, MAX_SCORE, NEED_LEVELS, SLOTS, TARGET_LEVELS, Rule
from matching.engine.columns import EARTH_RADIUS_KM
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.policy import Policy

_LITERACY_SHIFT: Final = len(SLOTS)
_LEVEL_SHIFT: Final = _LITERACY_SHIFT + len(LITERACIES)
_TARGET_SHIFT: Final = _LEVEL_SHIFT + len(NEED_LEVELS)
_CHILDCARE_BIT: Final = 1 << (_TARGET_SHIFT + len(TARGET_LEVELS))
_ACCESS_BIT: Final = _CHILDCARE_BIT << 1
_COMPONENT_SHIFT: Final = _TARGET_SHIFT + len(TARGET_LEVELS) + 2

CONFLICT_MASKS: Final = {
    Rule.ROUTE: 63 << _COMPONENT_SHIFT,
    Rule.LEVEL: ((1 << _LITERACY_SHIFT + 11) - 1) & ~((1 << _LEVEL_SHIFT) - 1),
    Rule.LITERACY: 7 << _LITERACY_SHIFT,
    Rule.DAYPART: (1 << _LITERACY_SHIFT) - 1,
    Rule.CHILDCARE: _CHILDCARE_BIT,
    Rule.ACCESS: _ACCESS_BIT,
}
# Three dates of 20 bits, each below a guard bit that shows whether the subtraction borrowed.
_DATE_BITS: Final = 20
_DATE_MAX: Final = (1 << _DATE_BITS) - 1
_DATE_BASE: Final = -(1 << _DATE_BITS - 1)
DATE_GUARDS: Final = sum(1 << 21 * field + _DATE_BITS for field in range(3))
_DATE_RULES: Final = (Rule.START_EARLY, Rule.START_LATE, Rule.TERM)
# A limit is met when the distance is equal; rounding of the sine may not decide that.
KM_TOLERANCE: Final = 1e-9
COSINE_ERROR: Final = 1e-14  # the rounding of a scalar product of unit vectors, with room to spare
assert MAX_SCORE < 1 << 15


def need_bits(needs: NeedTable) -> np.ndarray:
    """Gives for each need the bits of everything it can bear."""
    bits = needs.available.copy()
    bits |= np.int64(1) << (_LITERACY_SHIFT + needs.literacy.astype(np.int64))
    bits |= np.int64(1) << (_LEVEL_SHIFT + needs.level.astype(np.int64))
    bits |= np.int64(1) << (_TARGET_SHIFT - 1 + needs.target_level.astype(np.int64))
    bits |= np.int64(1) << (_COMPONENT_SHIFT + needs.component.astype(np.int64))
    # Literacy, level, target and component have one bit set; an offer refuses by the bits
    # of the *other* kind, so flip them: a need bears every refusal that is not about itself.
    bits ^= ((np.int64(1) << (_COMPONENT_SHIFT + 6)) - 1) & ~np.int64(CONFLICT_MASKS[Rule.DAYPART])
    bits &= ~np.int64(_CHILDCARE_BIT | _ACCESS_BIT)
    bits |= np.where(needs.childcare, 0, _CHILDCARE_BIT)
    bits |= np.where(needs.wheelchair, 0, _ACCESS_BIT)
    return bits


def offer_bits(offers: OfferTable) -> np.ndarray:
    """Gives for each offer the bits of everything that it asks or refuses."""
    bits = np.where(offers.is_online, 0, offers.slots)
    for code in range(len(LITERACIES)):
        bits |= np.where(offers.literacy >> code & 1, 0, 1 << _LITERACY_SHIFT + code)
    for code in range(len(NEED_LEVELS)):
        inside = (offers.level_from <= code) & (code <= offers.level_to)
        bits |= np.where(inside, 0, 1 << _LEVEL_SHIFT + code)
    for code in range(1, len(TARGET_LEVELS) + 1):
        bits |= np.where(offers.target_level >= code, 0, 1 << _TARGET_SHIFT - 1 + code)
    for code in range(6):
        bits |= np.where(offers.component == code, 0, 1 << _COMPONENT_SHIFT + code)
    bits |= np.where(offers.childcare, 0, _CHILDCARE_BIT)
    bits |= np.where(offers.wheelchair, 0, _ACCESS_BIT)
    return bits


def _pack(*days: np.ndarray) -> np.ndarray:
    packed = np.zeros(len(days[0]), np.int64)
    for field, values in enumerate(days):
        shifted = np.clip(values.astype(np.int64) - _DATE_BASE, 0, _DATE_MAX)
        packed |= shifted << 21 * field
    return packed


@dataclass(frozen=True, slots=True)
class OfferSide:
    """What one offer table contributes to the rules, whatever the needs: computed once."""

    bits: np.ndarray
    dates: np.ndarray
    fixed_failures: np.ndarray
    points: np.ndarray
    online: np.ndarray
    region: np.ndarray

    @classmethod
    def of(cls, offers: OfferTable) -> "OfferSide":
        """Prepares the offers; MARK, SEATS and the contract's dates do not depend on a need."""
        fixed = np.where(
            offers.mark_required & (offers.mark_valid_to < offers.start), Rule.MARK.bit, 0
        )
        fixed |= _without_seats(offers.seats)
        in_contract = (offers.contract_from <= offers.start) & (offers.start <= offers.contract_to)
        fixed |= np.where(in_contract, 0, Rule.REGION_CONTRACT.bit)
        return cls(
            bits=offer_bits(offers),
            # start >= earliest, latest >= start and term >= end: the second and third are
            # turned round (maximum minus the day), so that all three read offer >= need.
            dates=_pack(offers.start, -1 - offers.start, -1 - offers.end) | DATE_GUARDS,
            fixed_failures=fixed.astype(np.uint16),
            points=offers.points,
            online=offers.is_online,
            region=offers.region,
        )

    def with_seats(self, seats: np.ndarray) -> "OfferSide":
        """Gives the same offers with other free seats."""
        others = self.fixed_failures & ~np.uint16(Rule.SEATS.bit)
        return replace(self, fixed_failures=others | _without_seats(seats).astype(np.uint16))


def _without_seats(seats: np.ndarray) -> np.ndarray:
    return np.where(seats > 0, 0, Rule.SEATS.bit)


@dataclass(frozen=True, slots=True)
class NeedSide:
    """What the needs contribute to the rules under one policy."""

    bits: np.ndarray
    dates: np.ndarray
    limit_km: np.ndarray
    points: np.ndarray
    online: np.ndarray
    region_row: np.ndarray
    region_ok: np.ndarray

    @classmethod
    def of(cls, needs: NeedTable, offers: OfferTable, policy: Policy) -> "NeedSide":
        """Prepares the needs; `region_ok[region_row[i], region]` answers the contract's cover."""
        rows, row_of = _region_rows(needs, offers)
        limit = np.where(np.isnan(needs.max_travel_km), policy.max_travel_km, needs.max_travel_km)
        return cls(
            bits=need_bits(needs),
            dates=_pack(needs.earliest_start, -1 - needs.latest_start, -1 - needs.term_end),
            limit_km=limit,
            points=needs.points,
            online=needs.online,
            region_row=row_of,
            region_ok=rows,
        )


def _region_rows(needs: NeedTable, offers: OfferTable) -> tuple[np.ndarray, np.ndarray]:
    """Gives the distinct rows "which regions cover this person", and the row of each need."""
    if len(needs) == 1:  # one person: no table of all municipalities
        home = needs.municipality_codes[needs.municipality[0]]
        covered = offers.regions_for(home, int(needs.target_group[0]))
        return covered[None, :], np.zeros(1, np.int64)
    number = {code: index for index, code in enumerate(needs.municipality_codes)}
    cover = np.zeros((len(number), 3, len(offers.regions)), np.bool_)
    groups = np.arange(3)
    for region, (codes, mask) in enumerate(offers.regions):
        inside = [number[code] for code in codes & number.keys()]
        cover[inside, :, region] = (mask >> groups & 1).astype(np.bool_)
    key = needs.municipality.astype(np.int64) * 3 + needs.target_group
    flat = cover.reshape(len(number) * 3, len(offers.regions))
    if not flat.size:
        return np.zeros((1, len(offers.regions)), np.bool_), np.zeros(len(needs), np.int64)
    rows, inverse = np.unique(flat, axis=0, return_inverse=True)
    return rows, inverse.reshape(-1)[key]


def distance_km(need_points: np.ndarray, offer_points: np.ndarray) -> np.ndarray:
    """Gives great-circle distances from points on the unit sphere (the arrays broadcast).

    From the chord, not from the cosine: exact zero for the same point, no loss close by.
    """
    chord = (need_points[0] - offer_points[0]) ** 2
    chord += (need_points[1] - offer_points[1]) ** 2
    chord += (need_points[2] - offer_points[2]) ** 2
    np.sqrt(chord, out=chord)
    chord *= 0.5
    np.minimum(chord, 1.0, out=chord)
    np.arcsin(chord, out=chord)
    chord *= 2 * EARTH_RADIUS_KM
    return chord


def date_failures(guards: np.ndarray) -> np.ndarray:
    """Gives the failed date rules from the guard bits that a subtraction has left."""
    failed = np.zeros(guards.shape, np.uint16)
    for field, rule in enumerate(_DATE_RULES):
        borrowed = (guards >> 21 * field + _DATE_BITS & 1) == 0
        failed |= borrowed.astype(np.uint16) << np.uint16(rule)
    return failed
