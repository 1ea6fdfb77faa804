"""Intervals of indicators: thin, typed doors to SciPy; nothing here is our own statistics.

Every interval is two-sided at 95%. None means that the data allow none.
"""

import math
from dataclasses import dataclass

from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    value: float
    low: float
    high: float


def binomial_interval(successes: int, trials: int) -> Interval | None:
    """The share with its exact (Clopper-Pearson) interval; exact so that n = 10 is still honest."""
    if trials == 0:
        return None
    bounds = stats.binomtest(successes, trials).proportion_ci(CONFIDENCE, method="exact")
    return Interval(successes / trials, float(bounds.low), float(bounds.high))


def mean_interval(
    mean: float, deviation: float, n: int, *, low: float, high: float
) -> Interval | None:
    """The mean with Student's t interval (n - 1 degrees of freedom), cut to the scale low..high."""
    if n < 2:
        return None
    if deviation == 0:
        return Interval(mean, mean, mean)
    bounds = stats.t.interval(CONFIDENCE, n - 1, loc=mean, scale=deviation / math.sqrt(n))
    return Interval(mean, max(low, float(bounds[0])), min(high, float(bounds[1])))


@dataclass(frozen=True)
class RatioSums:
    """Sums over persons of a (attended) and s (scheduled): all that the ratio interval needs."""

    n: int
    a: float
    s: float
    aa: float
    ss: float
    as_: float

    def __add__(self, other: "RatioSums") -> "RatioSums":
        return RatioSums(
            self.n + other.n,
            self.a + other.a,
            self.s + other.s,
            self.aa + other.aa,
            self.ss + other.ss,
            self.as_ + other.as_,
        )

    def variance(self) -> float:
        """Variance of sum(a - r s) by person: more lessons of one person are no new units."""
        if self.n < 2 or self.s == 0:
            return 0.0
        rate = self.a / self.s
        squares = self.aa - 2 * rate * self.as_ + rate * rate * self.ss
        return max(0.0, squares) * self.n / (self.n - 1)


def ratio_interval(sums: RatioSums) -> Interval | None:
    """Ratio of sums with the linearised t interval (Cochran, Sampling Techniques, 1977, ch. 6)."""
    if sums.n < 2 or sums.s == 0:
        return None
    rate = sums.a / sums.s
    deviation = math.sqrt(sums.variance()) / sums.s
    # Clipped to 0..1: nobody attends more than was scheduled.
    return mean_interval(rate, deviation * math.sqrt(sums.n), sums.n, low=0.0, high=1.0)
