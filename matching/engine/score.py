"""Guarantees an integer score 0..1000 per pair that is exactly the sum of its named parts.

Each factor is a number 0..1 from declared facts only; the policy's weights turn it into whole
points. No factor knows other pairs, so a score does not change when somebody else arrives.

| factor | 1 means | falls to 0 |
|---|---|---|
| start | starts on the first day the person can (or today, when that has passed) | 26 weeks later |
| travel | no travel, or online where the person accepts that | at the travel limit |
| level | enters and leaves at exactly the wanted levels | 6 level steps off together |
| intensity | exactly the wanted hours a week | no hours in common |
| dayPart | lessons take none of the available day-parts | they take every one |
| duality | all five working days keep free of day-time lessons | lessons on all five |
| filling | the group reaches its minimum with this person | far below its minimum |
| quality | high quality index (logistic: index 0 gives one half) | low index |
| price | EUR 8 an hour or less | EUR 25 an hour or more |
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import numpy as np

from matching.engine.codes import FACTORS
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.policy import Policy

# Half a year: the longest wait for a start that still earns points.
START_HORIZON_DAYS: Final = 182
# Four level steps between A0 and B1 at entry cannot all be off at once with three at the end:
# 3 steps of entry (A0 in a B1 group's band) and 3 of target (A1 wanted, B2 offered).
LEVEL_STEPS: Final = 6
# The range of contracted learner-hour prices; outside it more or less changes no order.
PRICE_BEST: Final = 8.0
PRICE_WORST: Final = 25.0
_DAY_COUNT: Final = 22  # 0..21 day-parts a week
# Kinds of people x kinds of offers that are scored beforehand; more would not stay in the cache.
_FIT_MAX: Final = 1 << 18
_DAYTIME: Final = tuple(3 << 3 * day for day in range(5))


def _popcount(masks: np.ndarray) -> np.ndarray:
    return np.bitwise_count(masks.astype(np.uint64)).astype(np.int64)


def _round(points: np.ndarray) -> np.ndarray:
    return np.floor(points + 0.5).astype(np.int16)


@dataclass(frozen=True, slots=True)
class OfferScore:
    """The parts of a score that depend on the offer alone, in whole points."""

    fixed: np.ndarray  # 4 x offers: duality, filling, quality, price
    fixed_sum: np.ndarray
    slot_count: np.ndarray
    level_from: np.ndarray
    target_level: np.ndarray
    hours: np.ndarray
    start: np.ndarray
    online: np.ndarray

    @classmethod
    def of(cls, offers: OfferTable, policy: Policy) -> "OfferScore":
        """Prepares the offers under one policy."""
        top = policy.max_points()
        slots = np.where(offers.is_online, 0, offers.slots)
        lesson_days = sum(((slots & day) != 0).astype(np.int64) for day in _DAYTIME)
        filling = np.minimum(1.0, (offers.enrolled + 1) / np.maximum(offers.min_group, 1))
        price = (PRICE_WORST - offers.price_per_hour) / (PRICE_WORST - PRICE_BEST)
        factors = np.stack(
            [
                1.0 - lesson_days / 5,
                filling,
                1.0 / (1.0 + np.exp(-np.clip(offers.quality_index, -30, 30))),
                np.clip(price, 0.0, 1.0),
            ]
        )
        fixed = _round(factors * top[5:, None])
        return cls(
            fixed=fixed,
            fixed_sum=fixed.sum(axis=0, dtype=np.int16),
            slot_count=_popcount(slots),
            level_from=offers.level_from,
            target_level=offers.target_level,
            hours=offers.hours_per_week,
            start=offers.start,
            online=offers.is_online,
        )


@lru_cache(maxsize=64)
def _tables(start: float, level: float, day_part: float) -> tuple[np.ndarray, ...]:
    """Gives the points per day of delay, per level step and per (available, taken) day-parts."""
    delays = np.arange(START_HORIZON_DAYS + 1)
    steps = np.arange(LEVEL_STEPS + 3)
    taken, available = np.meshgrid(np.arange(_DAY_COUNT), np.arange(_DAY_COUNT))
    share = np.clip(taken / np.maximum(available, 1), 0, 1)
    return (
        _round(start * (1 - delays / START_HORIZON_DAYS)),
        _round(level * (1 - steps / LEVEL_STEPS).clip(0, 1)),
        _round(day_part * (1 - share)).reshape(-1),
    )


@dataclass(frozen=True)
class Scorer:
    """Scores any pairs of one needs table and one offers table under one policy."""

    offer: OfferScore
    first_day: np.ndarray
    slot_row: np.ndarray
    level: np.ndarray
    target_level: np.ndarray
    hours: np.ndarray
    online: np.ndarray
    limit_km: np.ndarray
    start_points: np.ndarray
    level_points: np.ndarray
    day_part_points: np.ndarray
    travel_top: float
    intensity_top: float
    any_online: bool

    @classmethod
    def of(cls, needs: NeedTable, offer: OfferScore, policy: Policy, as_of: int) -> "Scorer":
        """Prepares the needs; everything that takes few values becomes a table of points."""
        top = policy.max_points()
        limit = np.where(np.isnan(needs.max_travel_km), policy.max_travel_km, needs.max_travel_km)
        start_points, level_points, day_part_points = _tables(
            float(top[0]), float(top[2]), float(top[4])
        )
        return cls(
            offer=offer,
            first_day=np.maximum(needs.earliest_start, as_of),
            slot_row=_popcount(needs.available) * _DAY_COUNT,
            level=needs.level,
            target_level=needs.target_level,
            hours=needs.hours_per_week,
            online=needs.online,
            limit_km=limit,
            start_points=start_points,
            level_points=level_points,
            day_part_points=day_part_points,
            travel_top=float(top[1]),
            intensity_top=float(top[3]),
            any_online=bool(offer.online.any()),
        )

    def _start(self, need: np.ndarray, offer: np.ndarray) -> np.ndarray:
        delay = self.offer.start[offer] - self.first_day[need]
        np.clip(delay, 0, START_HORIZON_DAYS, out=delay)
        return self.start_points[delay]

    def _travel(self, need: np.ndarray, offer: np.ndarray, km: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            near = 1.0 - km / self.limit_km[need]
        near[km == 0] = 1.0
        np.clip(near, 0.0, 1.0, out=near)
        if self.any_online:
            near[self.offer.online[offer] & self.online[need]] = 1.0
        near *= self.travel_top
        return _round(near)

    def _level(self, need: np.ndarray, offer: np.ndarray) -> np.ndarray:
        steps = np.abs(self.level[need] - self.offer.level_from[offer])
        steps += np.abs(self.offer.target_level[offer] - self.target_level[need])
        return self.level_points[steps]

    def _intensity(self, need: np.ndarray, offer: np.ndarray) -> np.ndarray:
        wanted, given = self.hours[need], self.offer.hours[offer]
        most = np.maximum(np.maximum(wanted, given), 1e-9)
        return _round(self.intensity_top * (1.0 - np.abs(wanted - given) / most))

    def _day_part(self, need: np.ndarray, offer: np.ndarray) -> np.ndarray:
        return self.day_part_points[self.slot_row[need] + self.offer.slot_count[offer]]

    @cached_property
    def _fit(self) -> "_Fit | None":
        """Level, intensity and day-parts of all kinds of people and offers at once."""
        side = self.offer
        people = _kinds(self.level, self.target_level, self.hours, self.slot_row)
        groups = _kinds(side.level_from, side.target_level, side.hours, side.slot_count)
        if len(people.first) * len(groups.first) > _FIT_MAX:
            return None
        need, offer = people.first[:, None], groups.first
        points = self._level(need, offer) + self._intensity(need, offer)
        points += self._day_part(need, offer)
        row = people.number * len(groups.first)
        return _Fit(points.reshape(-1), row, groups.number)

    def totals(self, need: np.ndarray, offer: np.ndarray, km: np.ndarray) -> np.ndarray:
        """Gives the score of each pair as int16."""
        score = self.offer.fixed_sum[offer]
        score += self._start(need, offer)
        score += self._travel(need, offer, km)
        if self._fit is not None:
            score += self._fit.points[self._fit.need[need] + self._fit.offer[offer]]
            return score
        for part in (self._level, self._intensity, self._day_part):
            score += part(need, offer)
        return score

    def points(self, need: np.ndarray, offer: np.ndarray, km: np.ndarray) -> np.ndarray:
        """Gives pairs x factors in the order of FACTORS; each row adds up to `totals`."""
        parts = np.empty((len(offer), len(FACTORS)), np.int16)
        parts[:, 0] = self._start(need, offer)
        parts[:, 1] = self._travel(need, offer, km)
        for column, part in enumerate((self._level, self._intensity, self._day_part), 2):
            parts[:, column] = part(need, offer)
        parts[:, 5:] = self.offer.fixed[:, offer].T
        return parts


@dataclass(frozen=True, slots=True)
class _Fit:
    """The points of `points[need[i] + offer[j]]`."""

    points: np.ndarray
    need: np.ndarray
    offer: np.ndarray


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Rows that agree on some columns have one number; `first` is a row of each."""

    number: np.ndarray
    first: np.ndarray


def _kinds(*columns: np.ndarray) -> _Kinds:
    number = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        values, code = np.unique(column, return_inverse=True)
        number = number * len(values) + code.reshape(-1)
    _, first, number = np.unique(number, return_index=True, return_inverse=True)
    return _Kinds(number.reshape(-1), first)


def factor_dict(points: np.ndarray) -> dict[str, int]:
    """Gives one row of points by factor name."""
    return dict(zip(FACTORS, points.tolist(), strict=True))
