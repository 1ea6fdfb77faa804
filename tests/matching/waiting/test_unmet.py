"""Unmet demand as groups: everybody in a group fits it, nobody counts twice, always the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.expectation import expected_month
from matching.unmet import Centre, Unmet, clusters, lessons_of

TOWN, FAR_TOWN = Centre("Aadorp", 52.1, 5.1), Centre("Verweg", 53.2, 6.5)
MORNINGS = sum(1 << (3 * day) for day in range(5))
EVENINGS = sum(1 << (3 * day + 2) for day in range(5))


def people(*, available, lat=52.1, lon=5.1, kind=0, limit=10.0, tier=3, waiting=10):
    count = len(available)

    def column(value, kind_=np.int64):
        return np.array(value if isinstance(value, list) else [value] * count, kind_)

    return Unmet(
        key=np.arange(count),
        kind=column(kind),
        lat=column(lat, np.float64),
        lon=column(lon, np.float64),
        limit_km=column(limit, np.float64),
        available=np.array(available, np.int64),
        hours=np.full(count, 6.0),
        waiting_days=column(waiting),
        tier=column(tier),
    )


def found(unmet, smallest=4, largest=15, centres=(TOWN,)):
    return clusters(unmet, centres, smallest=smallest, largest=largest)


def test_six_people_with_mornings_are_one_morning_group():
    (one,) = found(people(available=[MORNINGS] * 6))
    assert (one.members, one.day_part, one.centre) == ((0, 1, 2, 3, 4, 5), 1, TOWN)
    assert one.slots.bit_count() == 2


def test_three_people_are_no_group():
    assert found(people(available=[MORNINGS] * 3)) == []


def test_mornings_and_evenings_become_two_groups_and_nobody_counts_twice():
    both = found(people(available=[MORNINGS] * 5 + [EVENINGS] * 4))
    assert [len(one.members) for one in both] == [5, 4]
    assert {one.day_part for one in both} == {1, 3}
    assert not set(both[0].members) & set(both[1].members)


def test_who_lives_too_far_away_is_left_out():
    unmet = people(available=[MORNINGS] * 5, lat=[52.1] * 4 + [53.2], lon=[5.1] * 4 + [6.5])
    assert [one.members for one in found(unmet, centres=(TOWN, FAR_TOWN))] == [(0, 1, 2, 3)]


def test_a_full_group_takes_the_most_urgent_and_then_the_longest_wait():
    unmet = people(
        available=[MORNINGS] * 6, tier=[3, 3, 1, 3, 3, 3], waiting=[10, 20, 1, 90, 80, 70]
    )
    (one,) = found(unmet, largest=4, smallest=4)
    assert one.members == (2, 3, 4, 5)


def test_other_levels_are_other_groups():
    unmet = people(available=[MORNINGS] * 8, kind=[1] * 4 + [2] * 4)
    assert {one.kind for one in found(unmet)} == {1, 2}


@given(
    available=st.lists(st.integers(0, (1 << 15) - 1), min_size=1, max_size=40),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_every_member_can_follow_the_group_whatever_the_order(available, seed):
    unmet = people(available=available)
    first = found(unmet, smallest=2, largest=6)
    for one in first:
        assert all(one.slots & ~available[key] == 0 for key in one.members)
        assert 2 <= len(one.members) <= 6
    keys = [key for one in first for key in one.members]
    assert len(keys) == len(set(keys))
    shuffled = unmet.take(np.random.default_rng(seed).permutation(len(unmet)))
    assert found(shuffled, smallest=2, largest=6) == first


def test_lessons_follow_from_the_hours_of_the_median_person():
    assert lessons_of(np.array([12.0, 12.0, 6.0])) == 4
    assert lessons_of(np.array([1.0])) == 1


class TestExpectation:
    def test_a_year_of_ten_a_month_expects_about_ten_within_a_band(self):
        found = expected_month(120, 12)
        assert found.mean == pytest.approx(10, abs=0.1)
        assert found.low < 10 < found.high

    def test_the_band_covers_what_it_promises_and_little_history_widens_it(self):
        random = np.random.default_rng(20260302)
        inside = 0
        for _ in range(2000):
            past, coming = random.poisson(6.0, 12).sum(), random.poisson(6.0)
            found = expected_month(int(past), 12)
            inside += found.low <= coming <= found.high
        assert 0.8 <= inside / 2000 <= 0.95
        short, long = expected_month(10, 1), expected_month(120, 12)
        assert short.high - short.low > long.high - long.low

    def test_nothing_in_a_year_still_leaves_room_for_somebody(self):
        assert expected_month(0, 12).high >= 0
        with pytest.raises(ValueError, match="at least one month"):
            expected_month(0, 0)
