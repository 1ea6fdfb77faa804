"""Statutory numbers, from one versioned table with source and day of checking (domain.md 11).

Nothing statutory is a constant in code. What a municipality decides itself stands in its
`MatchingPolicy`.
"""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from backend.common.periods import add_years

TABLE = Path(__file__).with_name("statutory_parameters.csv")


@dataclass(frozen=True)
class StatutoryParameter:
    """One value of the law from a day on, where it stands and when that was checked."""

    name: str
    value: int
    valid_from: date
    source: str
    checked_on: date


@cache
def parameters() -> tuple[StatutoryParameter, ...]:
    """The whole table, oldest version first."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = [
            StatutoryParameter(
                name=row["name"],
                value=int(row["value"]),
                valid_from=date.fromisoformat(row["valid_from"]),
                source=row["source"],
                checked_on=date.fromisoformat(row["checked_on"]),
            )
            for row in csv.DictReader(lines)
        ]
    return tuple(sorted(rows, key=lambda row: (row.name, row.valid_from)))


@cache
def value_on(name: str, day: date) -> int:
    """The value of `name` on `day`. Raises LookupError where the table has none."""
    versions = [one for one in parameters() if one.name == name and one.valid_from <= day]
    if not versions:
        raise LookupError(f"no statutory parameter {name!r} on {day}")
    return versions[-1].value


def term_of_first_pip(decision_date: date) -> tuple[date, date]:
    """First day and exclusive end of the integration term (R-TRM-1, Wet inburgering 2021 art. 11).

    It starts the day after the date of the first PIP and lasts three years.
    """
    start = decision_date + timedelta(days=1)
    return start, add_years(start, value_on("term_years", decision_date))


def pip_due_date(
    notified: date, settled: date, third_party_information: date | None = None
) -> date:
    """Last day on which the PIP is in time (R-PIP-1, R-PIP-2; Besluit inburgering 2021 art. 5.3).

    Ten weeks after the notification, or after registration in the municipality where that came
    later; when information of others was missing, two weeks after it came in, if that is later.
    """
    clock_start = max(notified, settled)
    due = clock_start + timedelta(weeks=value_on("pip_deadline_weeks", clock_start))
    if third_party_information is None:
        return due
    extra = timedelta(weeks=value_on("pip_third_party_extra_weeks", clock_start))
    return max(due, third_party_information + extra)
