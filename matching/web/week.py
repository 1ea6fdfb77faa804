"""A week of day-parts as a table: when somebody can, and which lessons fall where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from backend.common.codes import WEEKDAY_CODES, DayPart, Weekday


@dataclass(frozen=True)
class Cell:
    """One day-part: whether the person can, and whose lessons are there."""

    available: bool
    labels: tuple[str, ...]

    @property
    def text(self) -> str:
        """What is there in words; colour alone never says it."""
        if self.labels:
            return ", ".join(self.labels)
        return _("free") if self.available else "–"

    @property
    def kind(self) -> str:
        if self.labels:
            return "lesson" if self.available else "outside"
        return "free" if self.available else "not"


@dataclass(frozen=True)
class Week:
    caption: str
    days: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def week_of(caption: str, available: Sequence[str], lessons: Mapping[str, Sequence[str]]) -> Week:
    """All days, the weekend only where it is needed; `lessons` are the day-parts per label."""
    used = {*available, *(code for codes in lessons.values() for code in codes)}
    days = [code for code in WEEKDAY_CODES if code not in {"SA", "SU"} or _any(used, code)]
    rows = []
    for part in DayPart:
        cells = []
        for day in days:
            code = f"{day}{part.value}"
            labels = tuple(label for label, codes in lessons.items() if code in codes)
            cells.append(Cell(code in available, labels))
        rows.append((str(part.label), tuple(cells)))
    names = tuple(str(Weekday(WEEKDAY_CODES.index(day) + 1).label) for day in days)
    return Week(caption, names, tuple(rows))


def _any(used: set[str], day: str) -> bool:
    return any(code.startswith(day) for code in used)
