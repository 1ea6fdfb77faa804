"""A sheet as a declaration; adding a column is one line."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backend.common.errors import Text
from backend.common.spreadsheets.kinds import Kind
from backend.common.spreadsheets.words import fold, spellings

EXCEL_SHEET_NAME = 31


@dataclass(frozen=True)
class Column:
    """One column: `name` in code, `label` as heading, `kind` how it is read and written.

    `key` columns together name a row and are required. `empty` is the value of an empty cell. A
    column that is neither key nor required may be left out of a file: then rows have no such value.
    `read_only` columns are written for the reader's convenience and ignored on the way back.
    """

    name: str
    label: Text
    kind: Kind
    required: bool = False
    key: bool = False
    empty: Any = None
    help: Text = ""
    example: Any = None
    read_only: bool = False

    @property
    def must_be_filled(self) -> bool:
        return self.required or self.key


@dataclass(frozen=True)
class Sheet:
    """One kind of rows with its columns; `label` is the name of the sheet in a workbook."""

    name: str
    label: Text
    columns: tuple[Column, ...]
    help: Text = ""

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def key_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.key)

    @cached_property
    def titles(self) -> frozenset[str]:
        """Every name under which this sheet may stand in a workbook, folded."""
        return frozenset({fold(self.name), *spellings(self.label, EXCEL_SHEET_NAME)})

    @cached_property
    def headings(self) -> Mapping[str, str]:
        """From folded heading, in every language and as technical name, to the column's name."""
        found: dict[str, str] = {}
        for column in self.columns:
            for text in (fold(column.name), *spellings(column.label)):
                if found.setdefault(text, column.name) != column.name:
                    raise ValueError(f"{self.name}: two columns are called {text!r}")
        return found

    def title(self) -> str:
        """The name of the sheet in the language in force, as a workbook allows it."""
        return str(self.label)[:EXCEL_SHEET_NAME]
