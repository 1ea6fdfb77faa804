"""Guarantees the rules for one person against all offers in a few passes over the offers.

Offers share values: the same entry profile, day-parts, dates, contracts and places come back many
times. Each rule is answered once per distinct value and then looked up.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.engine.codes import RULES, Rule
from matching.engine.columns import EARTH_RADIUS_KM
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.rules import (
    CONFLICT_MASKS,
    COSINE_ERROR,
    KM_TOLERANCE,
    NeedSide,
    OfferSide,
    distance_km,
)

_SETS: Final = np.arange(1 << len(RULES), dtype=np.uint32)
# Sets with one failed rule, other than ROUTE: what a near miss looks like.
_NEAR: Final = (np.bitwise_count(_SETS) == 1) & (Rule.ROUTE.bit != _SETS)


@dataclass(frozen=True, slots=True)
class Distinct:
    """The distinct values of a column, and where each offer finds its own."""

    values: np.ndarray
    row: np.ndarray

    @classmethod
    def of(cls, column: np.ndarray) -> "Distinct":
        """Splits a column."""
        values, row = np.unique(column, return_inverse=True)
        return cls(values, row.reshape(-1))


@dataclass(frozen=True, slots=True)
class OfferIndex:
    """The distinct values of one offer table, computed once."""

    fixed: np.ndarray
    profile: Distinct
    slots: Distinct
    start: Distinct
    end: Distinct
    region: np.ndarray
    points: np.ndarray
    online: np.ndarray

    @classmethod
    def of(cls, offers: OfferTable, side: OfferSide) -> "OfferIndex":
        """Prepares a table."""
        slots = np.int64(CONFLICT_MASKS[Rule.DAYPART])
        return cls(
            fixed=side.fixed_failures,
            profile=Distinct.of(side.bits & ~slots),
            slots=Distinct.of(side.bits & slots),
            start=Distinct.of(offers.start),
            end=Distinct.of(offers.end),
            region=side.region.astype(np.int64),
            points=side.points,
            online=side.online,
        )

    def failed_rules(self, needs: NeedTable, side: NeedSide) -> np.ndarray:
        """Gives for need 0 the full set of failed rules of every offer."""
        bears = ~side.bits[0]
        profile = np.zeros(len(self.profile.values), np.uint16)
        conflict = self.profile.values & bears
        for rule, mask in CONFLICT_MASKS.items():
            if rule != Rule.DAYPART:
                profile |= _as(rule, (conflict & mask) != 0)
        start = _as(Rule.START_EARLY, self.start.values < needs.earliest_start[0])
        start |= _as(Rule.START_LATE, self.start.values > needs.latest_start[0])
        failed = self.fixed | profile[self.profile.row]
        failed |= _as(Rule.DAYPART, (self.slots.values & bears) != 0)[self.slots.row]
        failed |= start[self.start.row]
        failed |= _as(Rule.TERM, self.end.values > needs.term_end[0])[self.end.row]
        failed |= _as(Rule.REGION_CONTRACT, ~side.region_ok[side.region_row[0]])[self.region]
        failed |= _as(Rule.DISTANCE, self._far(side))
        return failed

    def _far(self, side: NeedSide) -> np.ndarray:
        """Tells which offers lie beyond the limit; rounding is settled by the exact distance."""
        limit = side.limit_km[0] + KM_TOLERANCE
        here = side.points[:, 0]
        product = here @ self.points
        product -= np.cos(min(limit / EARTH_RADIUS_KM, np.pi))
        far = product < 0
        close = np.flatnonzero(np.abs(product) < COSINE_ERROR)
        if len(close):
            far[close] = distance_km(here[:, None], self.points[:, close]) > limit
        if side.online[0]:
            far &= ~self.online
        return np.asarray(far)


def _as(rule: Rule, fails: np.ndarray) -> np.ndarray:
    return np.multiply(fails, np.uint16(rule.bit), dtype=np.uint16)


def near_positions(failed: np.ndarray) -> np.ndarray:
    """Gives the offers on which exactly one rule fails, ROUTE left out.

    A different component is another question than the one asked: never "nearly".
    """
    return np.flatnonzero(_NEAR[failed])


def count_rules(failed: np.ndarray) -> dict[str, int]:
    """Gives for each rule how many offers fail it; rules that none fails are left out."""
    per_set = np.bincount(failed)
    sets = np.flatnonzero(per_set)
    totals = per_set[sets] @ (sets[:, None] >> np.arange(len(RULES)) & 1)
    return {name: int(count) for name, count in zip(RULES, totals.tolist(), strict=True) if count}
