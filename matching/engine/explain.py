"""Guarantees a reason for everyone without a place, and the comparison with first come first
served."""

from typing import Final

import numpy as np

from matching.engine.codes import Cause, Rule
from matching.engine.feasibility import Candidates
from matching.engine.instance import OfferTable

ALTERNATIVES: Final = 5
_FIRST_LOOK: Final = 4


def preference_order(candidates: Candidates, ties: np.ndarray) -> np.ndarray:
    """Gives the pairs by need, then best score, then tie number."""
    key = candidates.need.astype(np.int64) << 41
    key |= (1000 - candidates.score.astype(np.int64)) << 31
    key |= ties
    return np.argsort(key)


def alternatives(
    candidates: Candidates, preference: np.ndarray, chosen_offer: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Gives per need the best other feasible offers and their scores, padded with -1."""
    count = len(chosen_offer)
    offers = np.full((count, ALTERNATIVES), -1, np.int32)
    scores = np.zeros((count, ALTERNATIVES), np.int16)
    need = candidates.need[preference]
    rank = np.arange(len(need)) - candidates.first[need]
    near_top = rank <= ALTERNATIVES
    top, need = preference[near_top], need[near_top]
    other = candidates.offer[top] != chosen_offer[need]
    top, need = top[other], need[other]
    first = np.searchsorted(need, np.arange(count))
    rank = np.arange(len(need)) - first[need]
    keep = rank < ALTERNATIVES
    offers[need[keep], rank[keep]] = candidates.offer[top[keep]]
    scores[need[keep], rank[keep]] = candidates.score[top[keep]]
    return offers, scores


def first_come_pairs(
    offers: OfferTable, candidates: Candidates, preference: np.ndarray, order: np.ndarray
) -> np.ndarray:
    """Gives the pairs when everyone in turn takes the best seat that is still free."""
    first, wanted = candidates.first.tolist(), candidates.offer[preference]
    # Most people find a seat among their first few, so those are spelled out for all at once; who
    # has fewer sees an offer behind the last one there, which never has a seat.
    looks = np.full((len(first) - 1, _FIRST_LOOK), len(offers))
    rank = np.arange(len(wanted)) - candidates.first[candidates.need]
    early = rank < _FIRST_LOOK
    looks[candidates.need[early], rank[early]] = wanted[early]
    first_look = looks.tolist()
    seats = [*offers.seats.tolist(), 0]
    under, places = _members(offers), list(offers.ceiling_places)
    ceiling = offers.ceiling.tolist()
    for number, left in enumerate(places):
        _close_reached(seats, under[number], left)
    chosen = []
    for need in order.tolist():
        place = first[need]
        for offer in first_look[need]:
            if seats[offer] > 0:
                break
            place += 1
        else:
            for offer in wanted[place : first[need + 1]].tolist():
                if seats[offer] > 0:
                    break
                place += 1
            else:
                continue
        chosen.append(place)
        seats[offer] -= 1
        if ceiling[offer] >= 0:
            places[ceiling[offer]] -= 1
            _close_reached(seats, under[ceiling[offer]], places[ceiling[offer]])
    return preference[np.array(chosen, np.int64)]


def _members(offers: OfferTable) -> list[list[int]]:
    """Gives the offers under each ceiling."""
    members: list[list[int]] = [[] for _ in offers.ceiling_ids]
    for offer in np.flatnonzero(offers.ceiling >= 0).tolist():
        members[offers.ceiling[offer]].append(offer)
    return members


def _close_reached(seats: list[int], members: list[int], left: int) -> None:
    """Takes the seats away below a ceiling that is reached."""
    if left <= 0:
        for offer in members:
            seats[offer] = 0


def causes_of(
    candidates: Candidates,
    offers: OfferTable,
    offer_of: np.ndarray,
    levels: np.ndarray,
) -> np.ndarray:
    """Gives per need why it has no place.

    Lost on priority: at least one fitting seat is held by somebody of a higher priority level.
    All full: the fitting seats are held by people of equal (or lower) level.
    """
    placed = offer_of >= 0
    lowest = np.int64(levels.max(initial=0) + 1)
    best = np.full(len(offers), lowest)
    np.minimum.at(best, offer_of[placed], levels[placed])
    if offers.ceiling_ids:
        at = offers.ceiling[offer_of[placed]]
        by_ceiling = np.full(len(offers.ceiling_ids) + 1, lowest)
        np.minimum.at(by_ceiling, at, levels[placed])
        by_ceiling[-1] = lowest  # the last one stands for "no ceiling"
        best = np.minimum(best, by_ceiling[offers.ceiling])
    cause = np.where(placed, Cause.PLACED, Cause.NO_FEASIBLE_OFFER).astype(np.int8)
    cause[~placed & (np.diff(candidates.first) > 0)] = Cause.ALL_FULL
    open_pairs = np.flatnonzero(~placed[candidates.need])
    need = candidates.need[open_pairs]
    lost = best[candidates.offer[open_pairs]] < levels[need]
    cause[need[lost]] = Cause.LOST_ON_PRIORITY
    return cause


def add_ceiling_reasons(
    counts: np.ndarray,
    rows: np.ndarray,
    candidates: Candidates,
    offers: OfferTable,
    offer_of: np.ndarray,
) -> None:
    """Counts under CEILING the fitting offers with seats left below a ceiling that is reached."""
    if not offers.ceiling_ids:
        return
    taken = np.bincount(offer_of[offer_of >= 0], minlength=len(offers))
    blocked = below_reached_ceiling(offers, taken)
    position = np.full(len(offer_of), -1)
    position[rows] = np.arange(len(rows))
    pairs = blocked[candidates.offer] & (position[candidates.need] >= 0)
    np.add.at(counts, (position[candidates.need[pairs]], int(Rule.CEILING)), 1)


def below_reached_ceiling(offers: OfferTable, taken: np.ndarray) -> np.ndarray:
    """Tells which offers have seats left below a ceiling of which no place is."""
    member = offers.ceiling >= 0
    used = np.bincount(
        offers.ceiling[member], weights=taken[member], minlength=len(offers.ceiling_ids)
    )
    reached = np.append(used >= np.array(offers.ceiling_places, np.int64), False)
    return np.asarray(reached[offers.ceiling] & (taken < offers.seats))
