"""Guarantees the reasons OVERLAP and HOUSEHOLD where other lessons, or the household, stood in the
way, and a first-come-first-served comparison that keeps people out of two lessons at once too."""

import numpy as np

from matching.engine.feasibility import Candidates
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.limits import Biting
from matching.engine.near import NearMisses, nearest
from matching.engine.people import People
from matching.engine.ties import pair_numbers


def add_blocked_counts(counts: np.ndarray, rows: np.ndarray, blocked: NearMisses) -> None:
    """Adds the blocked pairs to the counts per rule of the needs without a place."""
    position = np.full(int(rows.max(initial=-1)) + 1, -1)
    position[rows] = np.arange(len(rows))
    np.add.at(counts, (position[blocked.need], blocked.rule.astype(np.int64)), 1)


def with_blocked(
    near: NearMisses, blocked: NearMisses, needs: NeedTable, offers: OfferTable, seed: int
) -> NearMisses:
    """The near misses and the few nearest blocked pairs, need by need: exactly one rule each."""
    if not len(blocked):
        return near
    ties = pair_numbers(needs.tie_numbers[blocked.need], offers.tie_numbers[blocked.offer], seed)
    few = nearest(blocked, ties)
    need, offer, rule, amount = (
        np.concatenate([getattr(near, name), getattr(few, name)])
        for name in ("need", "offer", "rule", "amount")
    )
    order = np.lexsort((rule, need))
    return NearMisses(need[order], offer[order], rule[order], amount[order])


def first_come_beside(
    offers: OfferTable,
    candidates: Candidates,
    preference: np.ndarray,
    order: np.ndarray,
    people: People,
    limits: Biting | None = None,
) -> np.ndarray:
    """Gives the pairs when everyone in turn takes the best free seat beside the own lessons.

    Households are not held together here: nobody did so first come, first served.
    """
    seats, ceiling = offers.seats.tolist(), offers.ceiling.tolist()
    places = [*offers.ceiling_places, len(candidates) + 1]  # the last one: no ceiling
    slots, starts, ends = offers.slots.tolist(), offers.start.tolist(), offers.end.tolist()
    first, wanted = candidates.first.tolist(), candidates.offer[preference].tolist()
    busy = people.busy
    taken: dict[int, list[tuple[int, int, int]]] = {}
    for who, *lesson in zip(
        busy.who.tolist(), busy.slots.tolist(), busy.start.tolist(), busy.end.tolist(), strict=True
    ):
        taken.setdefault(who, []).append((lesson[0], lesson[1], lesson[2]))
    chosen = []
    shares, left = _shares_by_pair(limits)
    for need in order.tolist():
        mine = taken.setdefault(int(people.who[need]), [])
        for place in range(first[need], first[need + 1]):
            offer = wanted[place]
            if seats[offer] <= 0 or places[ceiling[offer]] <= 0:
                continue
            under = shares.get(int(preference[place]), ())
            if any(left[group] <= 0 for group in under):
                continue
            start, end = starts[offer], ends[offer]
            if any(
                slots[offer] & other and start <= until and since <= end
                for other, since, until in mine
            ):
                continue
            seats[offer] -= 1
            places[ceiling[offer]] -= 1
            for group in under:
                left[group] -= 1
            mine.append((slots[offer], start, end))
            chosen.append(place)
            break
    return preference[np.array(chosen, np.int64)]


def _shares_by_pair(limits: Biting | None) -> tuple[dict[int, list[int]], list[int]]:
    """The limits above each pair that is under any, and the places of each limit."""
    shares: dict[int, list[int]] = {}
    if limits is None:
        return shares, []
    for pair, group in zip(limits.pair.tolist(), limits.group.tolist(), strict=True):
        shares.setdefault(pair, []).append(group)
    return shares, limits.places.tolist()
