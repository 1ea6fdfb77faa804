"""Guarantees for each near miss (exactly one failed rule) the smallest change that would help."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from matching.engine.codes import COMPONENTS, LITERACIES, Rule, slot_names
from matching.engine.columns import NO_DATE_EARLY
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.ties import TIE_BITS

# Per need and rule: enough to choose from, few enough to read.
NEAR_PER_RULE: Final = 3
_WHOLE: Final = 1.0
_AMOUNT_MAX: Final = (1 << 24) - 1


@dataclass(frozen=True, eq=False, slots=True)
class NearMisses:
    """Pairs with exactly one failed rule; `amount` is how far off, in the unit of the rule."""

    need: np.ndarray
    offer: np.ndarray
    rule: np.ndarray
    amount: np.ndarray

    def __len__(self) -> int:
        return len(self.need)


def rule_of(single: np.ndarray) -> np.ndarray:
    """Gives the rule number of sets that hold one rule."""
    return np.bitwise_count(single - np.uint16(1)).astype(np.int8)


def amounts(
    needs: NeedTable,
    offers: OfferTable,
    need: np.ndarray,
    offer: np.ndarray,
    rule: np.ndarray,
    excess_km: np.ndarray,
) -> np.ndarray:
    """Gives how far off each pair is: km, days, level steps or day-parts; 1 where it is yes or no.

    Kilometres are rounded up to a metre, so that the limit plus the amount is enough.
    """
    amount = np.full(len(need), _WHOLE)
    for number in np.unique(rule).tolist():
        at = np.flatnonzero(rule == number)
        i, j = need[at], offer[at]
        if number == Rule.DISTANCE:
            amount[at] = np.ceil(excess_km[at] * 1000) / 1000
        elif number == Rule.START_EARLY:
            amount[at] = needs.earliest_start[i] - offers.start[j]
        elif number == Rule.START_LATE:
            amount[at] = offers.start[j] - needs.latest_start[i]
        elif number == Rule.TERM:
            amount[at] = offers.end[j] - needs.term_end[i]
        elif number == Rule.MARK:
            amount[at] = offers.start[j] - offers.mark_valid_to[j]
        elif number == Rule.DAYPART:
            missing = offers.slots[j] & ~needs.available[i]
            amount[at] = np.bitwise_count(missing.astype(np.uint64))
        elif number == Rule.LEVEL:
            amount[at] = _level_steps(needs, offers, i, j)
    return amount


def _level_steps(
    needs: NeedTable, offers: OfferTable, need: np.ndarray, offer: np.ndarray
) -> np.ndarray:
    level = needs.level[need]
    below = np.maximum(offers.level_from[offer] - level, 0)
    above = np.maximum(level - offers.level_to[offer], 0)
    target = np.maximum(needs.target_level[need] - offers.target_level[offer], 0)
    return np.asarray(below + above + target, np.float64)


def nearest(found: NearMisses, tie: np.ndarray, per_rule: int = NEAR_PER_RULE) -> NearMisses:
    """Keeps per need and rule the few smallest, in order of need, rule, amount and tie number.

    Amounts are compared to the metre (or the thousandth of a day or step).
    """
    first = int(found.need.min(initial=0))
    key = (found.need.astype(np.int64) - first) << 43
    key |= found.rule.astype(np.int64) << 39
    key |= np.minimum(found.amount * 1000, _AMOUNT_MAX).astype(np.int64) << 15
    key |= tie >> (TIE_BITS - 15)
    order = np.argsort(key)
    group = key[order] >> 39
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    rank = np.arange(len(group)) - np.repeat(starts, np.diff(starts, append=len(group)))
    keep = order[rank < per_rule]
    return NearMisses(found.need[keep], found.offer[keep], found.rule[keep], found.amount[keep])


def relax_value(
    needs: NeedTable, offers: OfferTable, need: int, offer: int, rule: int, amount: float
) -> Any:
    """Gives what would have to change, as a value for people and for JSON.

    DISTANCE: km further. START_EARLY, START_LATE, TERM: days. MARK: days longer, or None when
    there is no mark. LEVEL: steps. DAYPART: the missing day-parts. SEATS: 1. LITERACY: the code
    to be accepted. ROUTE: the component on offer. REGION_CONTRACT: what the contract lacks.
    CHILDCARE, ACCESS, HOUSEHOLD: True. OVERLAP: the day-parts that both courses want (the amount
    holds them as a bit set).
    """
    match rule:
        case Rule.DISTANCE:
            return float(amount)
        case Rule.DAYPART:
            return slot_names(int(offers.slots[offer] & ~needs.available[need]))
        case Rule.LITERACY:
            return LITERACIES[needs.literacy[need]]
        case Rule.ROUTE:
            return COMPONENTS[offers.component[offer]]
        case Rule.REGION_CONTRACT:
            return contract_gaps(needs, offers, need, offer)
        case Rule.CHILDCARE | Rule.ACCESS | Rule.HOUSEHOLD:
            return True
        case Rule.OVERLAP:
            return slot_names(int(amount))
        case Rule.MARK if offers.mark_valid_to[offer] == NO_DATE_EARLY:
            return None
        case _:
            return int(amount)


def contract_gaps(needs: NeedTable, offers: OfferTable, need: int, offer: int) -> list[str]:
    """Gives which parts of the contract do not cover the pair."""
    codes, groups = offers.regions[offers.region[offer]]
    start = offers.start[offer]
    gaps = {
        "municipality": needs.municipality_codes[needs.municipality[need]] in codes,
        "targetGroup": bool(groups >> int(needs.target_group[need]) & 1),
        "contractPeriod": bool(offers.contract_from[offer] <= start <= offers.contract_to[offer]),
    }
    return [name for name, covered in gaps.items() if not covered]
