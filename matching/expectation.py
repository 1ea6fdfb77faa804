"""How many new people a month brings, with what is not known about it.

Simple on purpose, so that anybody can follow it: the number per month is taken to vary around one
rate (Poisson). The rate is learned from the months that are over; not knowing it exactly makes the
band wider. With n people in T months and Jeffreys' prior the next month is negative binomial with
r = n + 1/2 and p = T / (T + 1) (Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.6).
"""

from dataclasses import dataclass
from typing import Final

from scipy import stats

# Eight out of ten months lie inside the band.
BAND: Final = 0.8


@dataclass(frozen=True)
class Expected:
    """People expected in one month, with the band in which eight out of ten months lie."""

    mean: float
    low: int
    high: int


def expected_month(people: int, months: int) -> Expected:
    """What one month brings after `people` came in `months` months that are over.

    Raises ValueError without a month to learn from.
    """
    if months < 1:
        raise ValueError("an expectation needs at least one month")
    size, chance = people + 0.5, months / (months + 1)
    low, high = stats.nbinom.ppf([(1 - BAND) / 2, (1 + BAND) / 2], size, chance)
    return Expected(round(size / months, 1), int(low), int(high))
