"""What is wrong in a file: where, what, and what to do about it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from backend.common.errors import InvalidError, Text, Violation

SHOWN = 60


@dataclass(frozen=True)
class Fault:
    """One fault with its place; `row` counts as the spreadsheet program does, 0 is the whole sheet.

    `column` is the heading, `cell` the address such as E7 (empty where it is about more).
    """

    code: str
    message: Text
    advice: Text = ""
    sheet: str = ""
    row: int = 0
    column: str = ""
    cell: str = ""
    value: str = ""

    @property
    def place(self) -> str:
        """The place in words: sheet, row and column."""
        parts = [self.sheet] if self.sheet else []
        if self.row:
            parts.append(_("row %(row)s") % {"row": self.row})
        if self.column:
            parts.append(_("column “%(column)s”") % {"column": self.column})
        return ", ".join(parts)

    @property
    def sentence(self) -> str:
        return f"{self.message} {self.advice}".strip()

    def as_data(self) -> dict[str, Any]:
        """Plain values in the language in force, to store or to send."""
        return {**asdict(self), "message": str(self.message), "advice": str(self.advice)}


def as_violations(faults: Iterable[Fault]) -> list[Violation]:
    """The faults as every other violation: `Sheet!E7` or the heading stands as the field."""
    return [
        Violation(
            "!".join(part for part in (one.sheet, one.cell or one.column) if part) or "file",
            one.code,
            one.sentence,
        )
        for one in faults
    ]


def shown(value: object) -> str:
    """A value as it may be quoted in a sentence."""
    text = str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


class UnreadableFileError(InvalidError):
    """The file as a whole cannot be read; code and sentence say why and what to do."""

    code = "file_unreadable"

    def __init__(self, code: str, message: Text, advice: Text = "") -> None:
        self.fault = Fault(code, message, advice)
        super().__init__(self.fault.sentence, code=code)
