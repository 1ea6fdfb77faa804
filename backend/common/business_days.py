"""Working days in the Netherlands: Monday to Friday without the official holidays."""

from datetime import date, timedelta
from functools import cache

import holidays

SATURDAY = 5


@cache
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("NL", years=year))


def is_holiday(day: date) -> bool:
    """Whether `day` is an official Dutch holiday; lessons are also given on Saturdays."""
    return day in _holidays(day.year)


def is_business_day(day: date) -> bool:
    return day.weekday() < SATURDAY and day not in _holidays(day.year)


def add_business_days(day: date, count: int) -> date:
    """The day that is `count` working days after `day`; the day itself is not counted.

    `count` must be at least 0; with 0 the answer is `day` or the next working day.
    """
    if count < 0:
        raise ValueError("count must be at least 0")
    result = day
    while not is_business_day(result):
        result += timedelta(days=1)
    for _ in range(count):
        result += timedelta(days=1)
        while not is_business_day(result):
            result += timedelta(days=1)
    return result


def business_days_between(start: date, end: date) -> int:
    """Number of working days after `start` up to and including `end`; never below 0."""
    days = (start + timedelta(days=offset) for offset in range(1, (end - start).days + 1))
    return sum(1 for day in days if is_business_day(day))
