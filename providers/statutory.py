"""Numbers of the quality mark, with the day from which each counts and where it comes from."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class TeacherNorm:
    """Least share of the lessons that qualified NT2 teachers give."""

    valid_from: date
    share: Decimal
    source: str
    checked_on: date


# Relaxations that ended on 1 January 2025 at the latest are left out: they never made seats fewer.
TEACHER_NORMS = (
    TeacherNorm(
        valid_from=date(2022, 1, 1),
        share=Decimal("0.80"),
        source="Blik op Werk, handleiding keurmerk inburgeren, norm 1.4.11.a1",
        checked_on=date(2026, 11, 21),
    ),
)
# R-KEU-3: more learners may not be taken over from another (former) holder of the mark without
# written approval by Blik op Werk beforehand.
MOST_TRANSFERRED = 15


def teacher_share(on: date) -> Decimal:
    """The share that counts on `on`."""
    norms = [norm for norm in TEACHER_NORMS if norm.valid_from <= on]
    return max(norms or TEACHER_NORMS, key=lambda norm: norm.valid_from).share
