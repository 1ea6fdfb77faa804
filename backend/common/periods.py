"""Periods of whole days with inclusive ends; an open end has no last day."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Period:
    start: date
    end: date | None

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise ValueError("a period ends on or after its first day")

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)

    def overlaps(self, other: "Period") -> bool:
        return (other.end is None or self.start <= other.end) and (
            self.end is None or other.start <= self.end
        )


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or back below zero; the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def gaps(periods: Iterable[Period], within: Period) -> list[Period]:
    """The days of `within` that no period covers, as periods in order."""
    found: list[Period] = []
    cursor = within.start
    for period in sorted(periods, key=lambda one: one.start):
        if period.start > cursor:
            last = period.start - timedelta(days=1)
            if within.end is not None:
                last = min(last, within.end)
            if last >= cursor:
                found.append(Period(cursor, last))
        if period.end is None:
            return found
        cursor = max(cursor, period.end + timedelta(days=1))
    if within.end is None or cursor <= within.end:
        found.append(Period(cursor, within.end))
    return found


def add_years(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 28 February (R-TRM-1)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
