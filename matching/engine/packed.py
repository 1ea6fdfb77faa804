"""Guarantees that an explanation comes back as it was given, in a tenth of the room of its JSON.

A batch explains everybody at once, and somebody reads a few of those explanations. So they are
packed column by column, some hundred bytes per need, and spelled out when they are read. All facts
are inside: nothing is looked up or computed again on reading.

Placed: the points per factor, and the best other offers with their scores. Not placed: how many
offers fail each rule, and the near misses with the smallest change that would help.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import numpy as np

from matching.engine.codes import COMPONENTS, FACTORS, LITERACIES, RULES, Rule, slot_names
from matching.engine.columns import NO_DATE_EARLY
from matching.engine.explain import ALTERNATIVES
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.near import NearMisses, contract_gaps
from matching.engine.result import BatchResult

# The first byte says how to read the rest; another order of FACTORS or RULES needs a new one.
_PLACED, _UNPLACED = 1, 2
_GAPS: Final = ("municipality", "targetGroup", "contractPeriod")
_PLACED_TYPE: Final = np.dtype(
    [
        ("kind", "u1"),
        ("points", "<i2", len(FACTORS)),
        ("offers", "u1", (ALTERNATIVES, 16)),
        ("scores", "<i2", ALTERNATIVES),
    ]
)
_NEAR_TYPE: Final = np.dtype([("offer", "u1", 16), ("rule", "u1"), ("relax", "<f8")])
_WITHOUT: Final = -1


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why this place, or why none; in the form of the API."""

    factors: dict[str, int]
    alternatives: list[dict[str, Any]]
    reasons: dict[str, int]
    near_misses: list[dict[str, Any]]


def packed_placed(result: BatchResult) -> np.ndarray:
    """Gives the explanations of those with a place (the rows of `placed`), all of one length."""
    rows = result.placed
    packed = np.zeros(len(rows), _PLACED_TYPE)
    others = result.alternative_offer[rows]
    packed["kind"] = _PLACED
    packed["points"] = result.points[rows]
    packed["offers"] = _key_bytes(result.offers)[others]
    packed["scores"] = np.where(others >= 0, result.alternative_score[rows], _WITHOUT)
    return packed


def packed_unplaced(result: BatchResult) -> list[bytes]:
    """Gives the explanations of those without a place (the rows of `unplaced`)."""
    near = np.zeros(len(result.near), _NEAR_TYPE)
    near["offer"] = _key_bytes(result.offers)[result.near.offer]
    near["rule"] = result.near.rule
    near["relax"] = _relax_numbers(result.needs, result.offers, result.near)
    bounds = np.stack(
        [np.searchsorted(result.near.need, result.unplaced, side) for side in ("left", "right")]
    )
    counts, records = result.reasons.astype("<u4").tobytes(), near.tobytes()
    head = bytes([_UNPLACED, len(RULES)])
    width, size = 4 * len(RULES), _NEAR_TYPE.itemsize
    return [
        b"".join(
            (
                head,
                counts[row * width : (row + 1) * width],
                records[size * first : size * last],
            )
        )
        for row, (first, last) in enumerate(bounds.T.tolist())
    ]


def unpacked(data: bytes | memoryview) -> Explanation:
    """Spells an explanation out; nothing packed is an empty one."""
    data = bytes(data)
    if not data:
        return Explanation({}, [], {}, [])
    if data[0] == _PLACED:
        return _placed_of(data)
    return _unplaced_of(data)


def _placed_of(data: bytes) -> Explanation:
    one = np.frombuffer(data, _PLACED_TYPE)[0]
    others = [
        {"intakeMomentId": _spelled(key), "score": score}
        for key, score in zip(one["offers"], one["scores"].tolist(), strict=True)
        if score != _WITHOUT
    ]
    factors = dict(zip(FACTORS, one["points"].tolist(), strict=True))
    return Explanation(factors, others, {}, [])


def _unplaced_of(data: bytes) -> Explanation:
    rules = data[1]
    counts = np.frombuffer(data, "<u4", rules, 2).tolist()
    near = np.frombuffer(data, _NEAR_TYPE, offset=2 + 4 * rules)
    reasons = {RULES[rule]: count for rule, count in enumerate(counts) if count}
    misses = [
        {"intakeMomentId": _spelled(key), "rule": RULES[rule], "relax": _relax_of(rule, number)}
        for key, rule, number in zip(
            near["offer"], near["rule"].tolist(), near["relax"].tolist(), strict=True
        )
    ]
    return Explanation({}, [], reasons, misses)


def _key_bytes(offers: OfferTable) -> np.ndarray:
    """Gives the UUIDs of the offers as rows of 16 bytes; the last row, for -1, is empty."""
    digits = "".join(offers.ids.tolist()).replace("-", "")
    return np.frombuffer(bytes.fromhex(digits) + bytes(16), np.uint8).reshape(-1, 16)


def _spelled(key: np.ndarray) -> str:
    return str(UUID(bytes=key.tobytes()))


def _relax_numbers(needs: NeedTable, offers: OfferTable, near: NearMisses) -> np.ndarray:
    """Gives what `relax_value` spells out as one number per near miss."""
    numbers = near.amount.astype(np.float64)
    i, j = near.need, near.offer

    def fill(rule: Rule, values: Any) -> None:
        at = np.flatnonzero(near.rule == rule)
        if len(at):
            numbers[at] = values(i[at], j[at])

    fill(Rule.DAYPART, lambda need, offer: offers.slots[offer] & ~needs.available[need])
    fill(Rule.LITERACY, lambda need, offer: needs.literacy[need])
    fill(Rule.ROUTE, lambda need, offer: offers.component[offer])
    fill(Rule.REGION_CONTRACT, lambda need, offer: _gap_bits(needs, offers, need, offer))
    endless = (near.rule == Rule.MARK) & (offers.mark_valid_to[j] == NO_DATE_EARLY)
    numbers[endless] = np.nan
    return numbers


def _gap_bits(
    needs: NeedTable, offers: OfferTable, need: np.ndarray, offer: np.ndarray
) -> list[int]:
    found: dict[tuple[int, int, int], int] = {}
    bits = []
    keys = zip(
        needs.municipality[need].tolist(),
        needs.target_group[need].tolist(),
        offer.tolist(),
        need.tolist(),
        strict=True,
    )
    for place, group, row, person in keys:
        key = (place, group, row)
        if key not in found:
            gaps = contract_gaps(needs, offers, person, row)
            found[key] = sum(1 << _GAPS.index(name) for name in gaps)
        bits.append(found[key])
    return bits


def _relax_of(rule: int, number: float) -> Any:
    match rule:
        case Rule.DISTANCE:
            return number
        case Rule.DAYPART | Rule.OVERLAP:
            return slot_names(int(number))
        case Rule.LITERACY:
            return LITERACIES[int(number)]
        case Rule.ROUTE:
            return COMPONENTS[int(number)]
        case Rule.REGION_CONTRACT:
            return [name for bit, name in enumerate(_GAPS) if int(number) >> bit & 1]
        case Rule.CHILDCARE | Rule.ACCESS | Rule.HOUSEHOLD:
            return True
        case Rule.MARK if np.isnan(number):
            return None
        case _:
            return int(number)
