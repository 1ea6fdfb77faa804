"""What publishing a file would do, as rows that are stored, shown and carried out."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from backend.common.spreadsheets import Fault

NEW, CHANGED, REMOVED, UNCHANGED = "new", "changed", "removed", "unchanged"
ACTIONS = (NEW, CHANGED, REMOVED)


@dataclass(slots=True)
class Change:
    """One row that becomes new, differs, or is missing in the file.

    `values` holds every column of a new row, and what differs of another; `before` the old values
    of the same columns. `row` is its number in the file (0: missing there). `taken` counts the
    seats that people have on a start which is closed or cancelled.
    """

    sheet: str
    action: str
    row: int
    key: list[Any]
    values: dict[str, Any]
    before: dict[str, Any] = field(default_factory=dict)
    pk: int | None = None
    uuid: str = ""
    taken: int = 0

    @property
    def mark(self) -> str:
        """The name of the row in a choice to leave it as it is."""
        return f"{self.sheet}:{self.uuid}"


@dataclass
class Plan:
    """All changes in the order in which rows depend on each other, or the faults instead."""

    changes: list[Change] = field(default_factory=list)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def count(self, sheet: str, action: str, number: int = 1) -> None:
        of_sheet = self.counts.setdefault(sheet, dict.fromkeys((*ACTIONS, UNCHANGED), 0))
        of_sheet[action] += number


def to_bytes(changes: list[Change]) -> bytes:
    """Dates as ISO text, decimals as text: what COPY and history take as they are."""
    return orjson.dumps(changes, default=str)


def from_bytes(content: bytes) -> list[Change]:
    return [Change(**one) for one in orjson.loads(content)] if content else []
