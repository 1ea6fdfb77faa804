"""A sheet as it stands in the file, before anything is known about its columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.common.spreadsheets.faults import Fault


@dataclass
class RawSheet:
    """Rows of cells as text, number, bool or date; `faults` is what the form of the file breaks."""

    title: str
    rows: Sequence[Sequence[Any]]
    faults: list[Fault] = field(default_factory=list)
    # Not shown by the spreadsheet program, so that nobody has looked at it.
    hidden: bool = False


def column_letters(number: int) -> str:
    """A for 1, Z for 26, AA for 27."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
