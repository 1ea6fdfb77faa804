"""Months of the calendar: the same day, or the last one of a shorter month."""

from datetime import date

import pytest

from backend.common.periods import add_months


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 1, 31), -12, date(2025, 1, 31)),
    ],
)
def test_a_day_so_many_months_on_or_back(day, months, found):
    assert add_months(day, months) == found
