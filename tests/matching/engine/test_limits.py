"""Shares of municipalities and seats under two contracts: kept to, filled, and honest about it."""

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import NO_LIMIT, RULES, Cause, Limits, run_batch
from tests.matching.engine.helpers import check_limits, level_keys, tables
from tests.support.instances import AS_OF, instance, need_record, offer_record

TOWNS = ("GM0001", "GM0002")


def offer(number, **changes):
    return offer_record(number, municipalities=list(TOWNS), mode="online", **changes)


def need(number, town, **changes):
    return need_record(number, municipality=TOWNS[town], online=True, **changes)


def shares(data, lot, places):
    """`lot` per offer; `places` per lot and town, in the order of TOWNS."""
    codes = tables(data)[0].municipality_codes
    column = [TOWNS.index(code) for code in codes]
    return Limits(np.array(lot), np.array(places, np.int64)[:, column], True)


def solve(data, *limits):
    return run_batch(*tables(data), AS_OF, limits=limits)


def used(data, result, lot, places):
    counts = np.zeros((len(places), len(TOWNS)), int)
    for row in result.placed.tolist():
        number = lot[int(result.offer[row])]
        if number >= 0:
            counts[number, TOWNS.index(data["needs"][row]["municipality"])] += 1
    return counts


def best_within(data, lot, places, pairs):
    """The best (places per level, score) by trying everything."""
    keys = level_keys(data)
    levels = sorted(set(keys))
    best = None
    for chosen in product(range(-1, len(data["offers"])), repeat=len(keys)):
        seats = np.zeros(len(data["offers"]), int)
        left = np.array(places)
        counts, score, fits = [0] * len(levels), 0, True
        for row, one in enumerate(chosen):
            if one < 0:
                continue
            if (row, one) not in pairs:
                fits = False
                break
            seats[one] += 1
            if lot[one] >= 0:
                left[lot[one], TOWNS.index(data["needs"][row]["municipality"])] -= 1
            counts[levels.index(keys[row])] += 1
            score += pairs[row, one]
        if not fits or (left < 0).any():
            continue
        if any(number > one["seats"] for number, one in zip(seats, data["offers"], strict=True)):
            continue
        value = (*counts, score)
        best = value if best is None or value > best else best
    return best


def value_of(data, result):
    keys = level_keys(data)
    levels = sorted(set(keys))
    counts = [0] * len(levels)
    for row in result.placed.tolist():
        counts[levels.index(keys[row])] += 1
    return (*counts, int(result.score.sum()))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_never_above_a_share_and_said_to_be_the_optimum_only_where_it_is(data):
    offers = [
        offer(
            number, seats=data.draw(st.integers(1, 2)), pricePerHour=data.draw(st.integers(8, 25))
        )
        for number in range(data.draw(st.integers(1, 3)))
    ]
    towns = data.draw(st.lists(st.integers(0, 1), min_size=1, max_size=5))
    needs = [
        need(number, town, waitingSince=f"2026-0{data.draw(st.integers(1, 9))}-01")
        for number, town in enumerate(towns)
    ]
    made = instance(needs, offers, priority=data.draw(st.sampled_from(["none", "tiers", "strict"])))
    lot = [data.draw(st.integers(-1, 1)) for _ in offers]
    places = [[data.draw(st.integers(0, 2)) for _ in TOWNS] for _ in range(2)]
    result = solve(made, shares(made, lot, places))
    check_limits(made, result)
    assert (used(made, result, lot, places) <= np.array(places)).all()
    free = solve(made).candidates
    pairs = {
        (int(row), int(one)): int(score)
        for row, one, score in zip(free.need, free.offer, free.score, strict=True)
    }
    best = best_within(made, lot, places, pairs)
    assert value_of(made, result) <= best
    assert sum(best[:-1]) <= result.summary.bound_placed
    if result.summary.optimal:
        assert value_of(made, result) == best
    # Nobody stays behind beside a seat that the shares leave open.
    left = np.array(places) - used(made, result, lot, places)
    taken = np.bincount(result.offer[result.placed], minlength=len(offers))
    for row, one in pairs:
        town = TOWNS.index(made["needs"][row]["municipality"])
        room = lot[one] < 0 or left[lot[one], town] > 0
        assert result.offer[row] >= 0 or taken[one] >= offers[one]["seats"] or not room


def test_the_share_keeps_the_most_urgent_and_the_reason_is_the_share():
    made = instance(
        [
            need(0, 0),
            need(1, 0, deadline="2026-01-20"),
            need(2, 1),
        ],
        [offer(0, seats=3)],
        priority="tiers",
    )
    # Without the share everybody has a seat: the guard is what keeps one of them out.
    assert solve(made).summary.placed == 3
    result = solve(made, shares(made, [0], [[1, 5]]))
    assert result.offer.tolist() == [-1, 0, 0]
    assert result.reasons[0, RULES.index("CEILING")] == 1
    assert result.cause[0] == Cause.LOST_ON_PRIORITY
    assert result.summary.limits_exceeded == 1
    assert (result.summary.placed, result.summary.bound_placed) == (2, 3)
    assert not result.summary.optimal


def test_who_can_go_elsewhere_leaves_the_share_to_who_cannot():
    """Two of one town with one place in its share: the longest waiting takes the other lot."""
    made = instance(
        [need(0, 0, waitingSince="2025-01-01"), need(1, 0, wheelchair=True)],
        [
            offer(0, seats=2, wheelchair=True, qualityIndex=1.0),
            offer(1, seats=1, wheelchair=False, qualityIndex=0.0),
        ],
        priority="strict",
    )
    assert solve(made).offer.tolist() == [0, 0]
    result = solve(made, shares(made, [0, -1], [[1, 1]]))
    assert result.offer.tolist() == [1, 0]
    assert result.summary.placed == result.summary.bound_placed


def test_a_start_under_two_contracts_has_its_seats_once():
    made = instance(
        [need(0, 0), need(1, 1), need(2, 1)],
        [
            offer(0, seats=1, ceiling={"id": "a", "places": 5}),
            offer(1, seats=1, ceiling={"id": "b", "places": 5}),
        ],
    )
    one_start = Limits(np.array([0, 0]), np.array([[1]]), False)
    assert solve(made).summary.placed == 2
    result = solve(made, one_start)
    assert result.summary.placed == 1
    assert result.reasons[:, RULES.index("CEILING")].sum() == 0
    assert set(result.cause[result.unplaced].tolist()) == {int(Cause.ALL_FULL)}


def test_a_limit_that_nobody_reaches_changes_nothing():
    made = instance([need(number, number % 2) for number in range(4)], [offer(0, seats=3)])
    free, wide = solve(made), solve(made, shares(made, [0], [[2, NO_LIMIT]]))
    assert free.offer.tolist() == wide.offer.tolist()
    assert wide.summary.optimal
