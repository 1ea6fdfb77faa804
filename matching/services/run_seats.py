"""A run stores only proposals for which there still is a seat at the moment it stores them.

Minutes may pass between reading and storing; a provider lowers seats, a caseworker places somebody.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from matching.engine import last_in_line, without_places
from matching.services.batch import Pass, Routed
from providers.public import seats_left_locked


def with_seats_left(routed: Routed, reserved: Mapping[int, int]) -> Routed:
    """The outcome without the proposals for which no seat is left, the least urgent first.

    The seats are certain until the transaction ends (lock order: run, then intake moments by key).
    `reserved` are seats that proposals of other runs keep. MUST be in atomic(). Raises BusyError.
    """
    wanted: Counter[int] = Counter()
    for one in routed.passes:
        wanted.update(_intakes(one).tolist())
    if not wanted:
        return routed
    left = {pk: free - reserved.get(pk, 0) for pk, free in seats_left_locked(wanted.keys()).items()}
    if all(number <= left[pk] for pk, number in wanted.items()):
        return routed
    bought, first = _fitting(routed.bought, left)
    for pk in _intakes(bought).tolist():
        left[pk] -= 1
    referred, second = _fitting(routed.referred, left)
    return replace(routed, bought=bought, referred=referred, seats_gone=first + second)


def _intakes(one: Pass) -> np.ndarray:
    return one.offers.intakes[one.result.offer[one.result.placed]]


def _fitting(one: Pass, left: Mapping[int, int]) -> tuple[Pass, int]:
    """What still fits, and how many have to go without."""
    intakes, number = np.unique(_intakes(one), return_inverse=True)
    seats = np.array([left[pk] for pk in intakes.tolist()], np.int64)
    rows = last_in_line(one.result, number.reshape(-1), seats)
    return replace(one, result=without_places(one.result, rows)), len(rows)
