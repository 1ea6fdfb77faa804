"""Guarantees that nobody gets more than a share allows, where limits cross and no flow holds them.

A flow holds the seats of an offer and the ceiling above it. The share of one municipality in a lot
crosses the seats, and so do the seats of a start that is bought under several contracts. So the
optimum without these limits comes first; its value is a bound that nothing can exceed. Where it
exceeds a limit, those who lose most elsewhere keep their place, the others lose this way to it, and
the rest is solved again, until no limit is exceeded; then what is left of a limit is given to the
first in line, as long as that helps. The result is the optimum where its value is that of the
bound, and else says how far it stays below.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from matching.engine.bundle_search import seat_prices
from matching.engine.bundles import Bundled
from matching.engine.codes import Cause, Rule
from matching.engine.explain import below_reached_ceiling
from matching.engine.feasibility import Candidates
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.network import priority_step
from matching.engine.people import keep

NO_LIMIT: Final = np.iinfo(np.int32).max
# Every round that fills places at least one person more, or ends it; few are ever needed.
_FILLING_ROUNDS: Final = 8

Solve = Callable[[Candidates], Bundled]


@dataclass(frozen=True, eq=False, slots=True)
class Limits:
    """Places that some offers share: `of_offer` has the number of the limit, -1 without one.

    `places` has a row per number and a column per municipality of the need table (a limit of each),
    or a single column (one limit for all); NO_LIMIT where there is none. `is_share` tells what to
    call it: a share or ceiling of a contract, or seats.
    """

    of_offer: np.ndarray
    places: np.ndarray
    is_share: bool

    def used(self, needs: NeedTable, rows: np.ndarray, taken: np.ndarray) -> np.ndarray:
        """Gives how many of the places these needs use at the offers that they have taken."""
        under = np.flatnonzero(self.of_offer[taken] >= 0)
        column = needs.municipality[rows[under]] if self.places.shape[1] > 1 else 0
        used = np.zeros_like(self.places)
        np.add.at(used, (self.of_offer[taken[under]], column), 1)
        return used

    def without(self, needs: NeedTable, rows: np.ndarray, taken: np.ndarray) -> "Limits":
        """Gives what is left of the limits when these needs have taken these offers."""
        left = self.places - self.used(needs, rows, taken)
        return replace(self, places=np.where(self.places < NO_LIMIT, left, self.places))


@dataclass(frozen=True, eq=False, slots=True)
class Biting:
    """Limits that more people could reach than there are places: pair by pair which, and how many.

    A pair may count under several; `pair` points into the candidates.
    """

    pair: np.ndarray
    group: np.ndarray
    places: np.ndarray
    is_share: np.ndarray

    def used(self, chosen: np.ndarray) -> np.ndarray:
        """Gives per limit how many of the chosen pairs (a mask over the candidates) it counts."""
        return np.bincount(self.group[chosen[self.pair]], minlength=len(self.places))


def biting(limits: tuple[Limits, ...], needs: NeedTable, candidates: Candidates) -> Biting | None:
    """Gives the limits that matter for these candidates, None where none does."""
    pairs, groups, places, shares, count = [], [], [], [], 0
    for one in limits:
        pair = np.flatnonzero(one.of_offer[candidates.offer] >= 0)
        column = needs.municipality[candidates.need[pair]] if one.places.shape[1] > 1 else 0
        key = one.of_offer[candidates.offer[pair]] * one.places.shape[1] + column
        limit = one.places.reshape(-1)
        pair, key = pair[limit[key] < NO_LIMIT], key[limit[key] < NO_LIMIT]
        people = np.unique(key * len(needs) + candidates.need[pair]) // max(len(needs), 1)
        tight = np.bincount(people, minlength=len(limit)) > limit
        pair, key = pair[tight[key]], key[tight[key]]
        found, group = np.unique(key, return_inverse=True)
        pairs.append(pair)
        groups.append(group.reshape(-1) + count)
        places.append(np.maximum(limit[found], 0))
        shares.append(np.full(len(found), one.is_share))
        count += len(found)
    if not count:
        return None
    return Biting(*(np.concatenate(part) for part in (pairs, groups, places, shares)))


def assign_within(
    limits: Biting,
    needs: NeedTable,
    offers: OfferTable,
    candidates: Candidates,
    weights: np.ndarray,
    solve: Solve,
) -> tuple[Bundled, int]:
    """Gives places within the limits, and how many limits the optimum without them exceeded."""
    return _Within(limits, needs, offers, candidates, weights, solve).best()


@dataclass(frozen=True, eq=False, slots=True)
class _Found:
    bundled: Bundled
    chosen: np.ndarray  # mask over all candidates
    value: tuple[int, ...]


@dataclass(frozen=True, eq=False, slots=True)
class _Within:
    limits: Biting
    needs: NeedTable
    offers: OfferTable
    candidates: Candidates
    weights: np.ndarray
    solve: Solve

    def best(self) -> tuple[Bundled, int]:
        open_ = np.ones(len(self.candidates), np.bool_)
        found = bound = self._solved(open_)
        first = self._exceeded(found)
        if not len(first):
            return bound.bundled, 0
        # A limit that was exceeded is closed to all but as many as it has places: it never is
        # again, so there are at most as many rounds as limits.
        while len(over := self._exceeded(found)):
            for group in over.tolist():
                self._close(open_, group, self._who_stays(found, open_, group))
            found = self._solved(open_)
        found = self._filled(found)
        is_best = found.value == bound.value and bound.bundled.optimal
        return (
            replace(
                found.bundled,
                optimal=is_best,
                bound_placed=bound.bundled.bound_placed,
                bound_score=bound.bundled.bound_score,
                yielded=bound.bundled.yielded,
            ),
            len(first),
        )

    def _solved(self, open_: np.ndarray) -> _Found:
        bundled = self.solve(keep(self.candidates, open_))
        pairs, some = bundled.assignment.pairs, bundled.candidates
        width = np.int64(len(self.offers))
        chosen = np.zeros(len(self.candidates), np.bool_)
        # Candidates are ordered by need, then offer, and each pair is there once.
        key = self.candidates.need * width + self.candidates.offer
        chosen[np.searchsorted(key, some.need[pairs] * width + some.offer[pairs])] = True
        levels, level = np.unique(-self.weights, return_inverse=True)
        places = np.bincount(
            level.reshape(-1)[self.candidates.need[chosen]], minlength=len(levels)
        ).tolist()
        score = int(self.candidates.score[chosen].sum(dtype=np.int64))
        return _Found(bundled, chosen, (*places, score))

    def _exceeded(self, found: _Found) -> np.ndarray:
        return np.flatnonzero(self.limits.used(found.chosen) > self.limits.places)

    def _close(self, open_: np.ndarray, group: int, members: np.ndarray) -> None:
        pairs = self.limits.pair[self.limits.group == group]
        open_[pairs[~np.isin(self.candidates.need[pairs], members)]] = False

    def _who_stays(self, found: _Found, open_: np.ndarray, group: int) -> np.ndarray:
        """The needs that keep their place under a limit: who would lose most without it.

        What is lost is read from the prices of the seats: the steps of priority of somebody who
        has nowhere else to go, a few points of somebody who has.
        """
        inside = np.zeros(len(self.candidates), np.bool_)
        inside[self.limits.pair[self.limits.group == group]] = True
        price = seat_prices(found.bundled.assignment)
        step = priority_step(len(self.offers))
        worth = self.weights[self.candidates.need] * step + self.candidates.score
        net = worth - price[self.candidates.offer]
        elsewhere = np.zeros(len(self.needs), np.int64)
        others = np.flatnonzero(open_ & ~inside)
        np.maximum.at(elsewhere, self.candidates.need[others], net[others])
        mine = np.flatnonzero(found.chosen & inside)
        rows = self.candidates.need[mine]
        order = self._in_line(rows, net[mine] - elsewhere[rows])
        return rows[order[: self.limits.places[group]]]

    def _in_line(self, rows: np.ndarray, first: np.ndarray) -> np.ndarray:
        """The order of these needs: by `first`, then longest waiting, then published number."""
        return np.lexsort((self.needs.tie_numbers[rows], self.needs.waiting_since[rows], -first))

    def _filled(self, best: _Found) -> _Found:
        """Gives what is left of a limit to the first in line who has no place; never below."""
        for _ in range(_FILLING_ROUNDS):
            placed = np.zeros(len(self.needs), np.bool_)
            placed[self.candidates.need[best.chosen]] = True
            open_, newcomers = np.ones(len(self.candidates), np.bool_), 0
            spare = self.limits.places - self.limits.used(best.chosen)
            for group, left in enumerate(spare.tolist()):
                pairs = self.limits.pair[self.limits.group == group]
                stay = self.candidates.need[pairs[best.chosen[pairs]]]
                rows = np.unique(self.candidates.need[pairs])
                rows = rows[~placed[rows]]
                rows = rows[self._in_line(rows, self.weights[rows])[:left]]
                newcomers += len(rows)
                self._close(open_, group, np.concatenate([stay, rows]))
            if not newcomers:
                break
            better = self._solved(open_)
            if better.value <= best.value:
                break
            best = better
        return best


def explain_limits(
    limits: Biting,
    candidates: Candidates,
    offers: OfferTable,
    offer_of: np.ndarray,
    levels: np.ndarray,
    unplaced: np.ndarray,
    counts: np.ndarray,
    cause: np.ndarray,
) -> None:
    """Counts under CEILING what a full limit closed, and says that people had a fitting place.

    `candidates` are those of before the limits. Lost on priority: somebody of a higher priority
    level holds a place of the limit.
    """
    chosen = offer_of[candidates.need] == candidates.offer
    full = limits.used(chosen) >= limits.places
    best = np.full(len(limits.places), levels.max(initial=0) + 1, np.int64)
    held = chosen[limits.pair]
    np.minimum.at(best, limits.group[held], levels[candidates.need[limits.pair[held]]])
    at = np.flatnonzero(full[limits.group] & (offer_of[candidates.need[limits.pair]] < 0))
    pair, group = limits.pair[at], limits.group[at]
    need, offer = candidates.need[pair], candidates.offer[pair]
    cause[need[cause[need] == Cause.NO_FEASIBLE_OFFER]] = Cause.ALL_FULL
    cause[need[best[group] < levels[need]]] = Cause.LOST_ON_PRIORITY
    taken = np.bincount(offer_of[offer_of >= 0], minlength=len(offers))
    told = below_reached_ceiling(offers, taken)[offer]
    share = limits.is_share[group] & (taken[offer] < offers.seats[offer]) & ~told
    position = np.full(len(offer_of), -1)
    position[unplaced] = np.arange(len(unplaced))
    np.add.at(counts, (position[need[share]], int(Rule.CEILING)), 1)
