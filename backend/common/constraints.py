"""The constraints that every table with periods has, in one wording."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db.models import CheckConstraint, F, Func, Q, Value


def days(start: str, end: str) -> Func:
    """The days from column `start` to column `end`, both included; null is an open end."""
    return Func(F(start), F(end), Value("[]"), function="daterange", output_field=DateRangeField())


def ends_after_start(name: str) -> CheckConstraint:
    """`valid_to` is open, or not before `valid_from`."""
    return CheckConstraint(
        condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name=name
    )


def no_overlap(
    name: str,
    *same: str,
    period: Func | None = None,
    also: tuple[tuple[Func, str], ...] = (),
) -> ExclusionConstraint:
    """No two rows that agree on the columns `same` share a day of `period`.

    `period` is `valid_from` to `valid_to` unless given; `also` adds conditions that must hold too
    for two rows to exclude each other.
    """
    return ExclusionConstraint(
        name=name,
        expressions=[
            *((column, RangeOperators.EQUAL) for column in same),
            (period or days("valid_from", "valid_to"), RangeOperators.OVERLAPS),
            *also,
        ],
    )
