"""Intervals against published numbers, and what must always hold of them."""

from math import isclose

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quality.statistics import RatioSums, binomial_interval, mean_interval, ratio_interval


def test_exact_binomial_interval_of_the_r_manual():
    """R, help page of binom.test (Conover 1971, p. 97): 682 of 925."""
    interval = binomial_interval(682, 925)
    assert interval.value == pytest.approx(0.7372973, abs=5e-8)
    assert interval.low == pytest.approx(0.7076683, abs=5e-8)
    assert interval.high == pytest.approx(0.7654066, abs=5e-8)


def test_exact_binomial_interval_of_rare_events():
    """Hanley and Lippman-Hand 1983 ("rule of three"): 0 of n, one-sided 97.5%: 1 - .025^(1/n)."""
    interval = binomial_interval(0, 10)
    assert (interval.value, interval.low) == (0, 0)
    assert interval.high == pytest.approx(1 - 0.025**0.1)


def test_t_interval_of_students_sleep_data():
    """Student 1908; R, help page of t.test on the paired differences: mean 1.58, 10 people."""
    interval = mean_interval(1.58, 1.2299955, 10, low=-10, high=10)
    assert interval.low == pytest.approx(0.7001142, abs=1e-6)
    assert interval.high == pytest.approx(2.4598858, abs=1e-6)


@pytest.mark.parametrize("n", [0, 1])
def test_one_person_has_no_interval(n):
    assert mean_interval(4.0, 0.0, n, low=1, high=5) is None
    assert ratio_interval(RatioSums(n, 1, 2, 1, 4, 2)) is None


def test_no_trials_no_interval():
    assert binomial_interval(0, 0) is None


def test_the_mean_of_a_scale_stays_on_the_scale():
    interval = mean_interval(4.9, 0.4, 3, low=1, high=5)
    assert interval.high == 5


def sums_of(people):
    return RatioSums(
        len(people),
        sum(a for a, _s in people),
        sum(s for _a, s in people),
        sum(a * a for a, _s in people),
        sum(s * s for _a, s in people),
        sum(a * s for a, s in people),
    )


person = st.integers(1, 5000).flatmap(
    lambda s: st.tuples(st.integers(0, s).map(float), st.just(float(s)))
)
people = st.lists(person, min_size=2, max_size=40)


@given(people, st.randoms())
def test_the_order_of_people_does_not_matter(group, random):
    shuffled = list(group)
    random.shuffle(shuffled)
    one, two = ratio_interval(sums_of(group)), ratio_interval(sums_of(shuffled))
    assert isclose(one.low, two.low, abs_tol=1e-9)
    assert isclose(one.high, two.high, abs_tol=1e-9)


@given(people, people)
def test_merging_two_providers_adds_all_sums(one, two):
    merged, added = sums_of([*one, *two]), sums_of(one) + sums_of(two)
    assert merged.n == added.n
    for name in ("a", "s", "aa", "ss", "as_"):
        assert isclose(getattr(merged, name), getattr(added, name), rel_tol=1e-12)


@given(people)
def test_the_interval_holds_the_rate_and_stays_between_nothing_and_all(group):
    interval = ratio_interval(sums_of(group))
    assert 0 <= interval.low <= interval.value + 1e-12
    assert interval.value - 1e-12 <= interval.high <= 1


@given(st.lists(st.integers(0, 180), min_size=2, max_size=30))
def test_with_equal_timetables_it_is_the_ordinary_interval_of_the_mean(minutes):
    """Cochran 1977, ch. 6: for equal sizes the ratio estimator is the mean."""
    from statistics import mean, stdev

    assume(len(set(minutes)) > 1)
    ratio = ratio_interval(sums_of([(float(a), 180.0) for a in minutes]))
    shares = [a / 180 for a in minutes]
    plain = mean_interval(mean(shares), stdev(shares), len(shares), low=0, high=1)
    assert isclose(ratio.low, plain.low, abs_tol=1e-6)
    assert isclose(ratio.high, plain.high, abs_tol=1e-6)


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_exact_interval_holds_the_share(passed, failed):
    assume(passed + failed)
    interval = binomial_interval(passed, passed + failed)
    assert 0 <= interval.low <= interval.value <= interval.high <= 1
