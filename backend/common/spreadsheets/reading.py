"""From the bytes of a file to checked values, with every fault in it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from backend.common.spreadsheets import csv_file, xlsx_file
from backend.common.spreadsheets.cells import CellError
from backend.common.spreadsheets.columns import Column, Sheet
from backend.common.spreadsheets.faults import Fault, UnreadableFileError, shown
from backend.common.spreadsheets.headings import (
    did_you_mean,
    filled,
    find_headings,
    with_headings,
)
from backend.common.spreadsheets.limits import LIMITS, MEGABYTE, Limits
from backend.common.spreadsheets.raw import RawSheet, column_letters
from backend.common.spreadsheets.words import fold, spellings
from backend.common.spreadsheets.writing import HELP_SHEETS
from backend.common.spreadsheets.xlsx_scan import locked

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
# The container of Excel before 2007, and of every workbook with a password.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# A byte order mark and white space.
BEFORE_TEXT = b"\xef\xbb\xbf \t\r\n"
PASSWORD_MARK = "EncryptedPackage".encode("utf-16-le")
# Rows between two calls of a listener.
TOLD_EVERY = 500
# Hears how many rows are done, and of how many.
Listener = Callable[[int, int], None]
Item = TypeVar("Item")


def ignore_progress(done: int, total: int) -> None:
    """For whoever does not watch."""


@dataclass(frozen=True)
class Watch:
    """Tells a listener how far it is, of how many; `done` rows of other sheets came before."""

    listen: Listener
    done: int
    total: int

    def over(self, rows: Iterable[Item]) -> Iterator[Item]:
        for number, one in enumerate(rows):
            if number % TOLD_EVERY == 0:
                self.listen(self.done + number, self.total)
            yield one


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` as the spreadsheet program shows it, `values` by column name."""

    number: int
    values: dict[str, Any]


@dataclass
class Table:
    """The rows of one sheet of the file; `present` names the columns that stand in it.

    Rows with a fault are left out; `columns` gives the letter of each present column.
    """

    sheet: Sheet
    title: str
    present: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)
    positions: Mapping[str, int] = field(default_factory=dict)

    def fault(
        self, row: int, name: str, code: str, message: Any, advice: Any = "", value: object = ""
    ) -> Fault:
        """A fault of a rule that the caller checks, at the right cell."""
        column = self.sheet.by_name.get(name)
        position = self.positions.get(name)
        return Fault(
            code,
            message,
            advice,
            sheet=self.title,
            row=row,
            column=str(column.label) if column else "",
            cell=f"{column_letters(position + 1)}{row}" if position is not None else "",
            value=shown(value),
        )


@dataclass
class ReadFile:
    """What a file holds: the tables found in it by sheet name, and every fault."""

    tables: dict[str, Table] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    file_format: str = ""

    def table(self, name: str) -> Table | None:
        return self.tables.get(name)


def read_tables(
    content: bytes,
    sheets: Sequence[Sheet],
    *,
    limits: Limits = LIMITS,
    listen: Listener = ignore_progress,
) -> ReadFile:
    """The tables of `sheets` in a workbook, or the one table of a CSV file.

    A sheet that the file leaves out is no fault; a sheet, heading or value that is not known is.
    `listen` hears how many rows have been read, and of how many. Raises UnreadableFileError when
    the file as a whole cannot be read.
    """
    if not content.strip():
        raise _empty()
    check_size(len(content), limits)
    if content.startswith(OLE):
        raise _old_or_locked(content)
    if content.startswith((ZIP, EMPTY_ZIP)):
        read = _read_workbook(content, sheets, limits, listen)
    elif content.lstrip(BEFORE_TEXT).startswith(b"<"):
        raise _web_page()
    else:
        read = _read_csv(content, sheets, limits, listen)
    del read.faults[limits.faults :]
    return read


def check_size(size: int, limits: Limits = LIMITS) -> None:
    """Raises UnreadableFileError for a file of more bytes than are read."""
    if size > limits.file_bytes:
        raise UnreadableFileError(
            "file_too_large",
            _("This file is %(size)s MB; at most %(limit)s MB is read.")
            % {"size": megabytes(size), "limit": megabytes(limits.file_bytes)},
            _("Save only the table in a new workbook, or split it into several files."),
        )


def megabytes(size: int) -> str:
    """A size in MB with one decimal, rounded up: what is too large never looks allowed."""
    tenths = -(-size * 10 // MEGABYTE)
    return number_format(tenths // 10 if tenths % 10 == 0 else tenths / 10)


def _empty() -> UnreadableFileError:
    return UnreadableFileError(
        "file_empty",
        _("This file is empty."),
        _("Download the template, fill it in and upload that."),
    )


def _web_page() -> UnreadableFileError:
    """What many systems call a download for Excel."""
    return UnreadableFileError(
        "file_type",
        _("This is a web page or XML, whatever its name says."),
        _("Open it in your spreadsheet program, save it as .xlsx and upload that."),
    )


def _old_or_locked(content: bytes) -> UnreadableFileError:
    if PASSWORD_MARK in content:
        return locked()
    return UnreadableFileError(
        "file_type",
        _("This is a file of Excel 97–2003 (.xls), or another old Office file."),
        _("Save it as an Excel workbook (.xlsx) and upload that."),
    )


def _read_workbook(
    content: bytes, sheets: Sequence[Sheet], limits: Limits, listen: Listener
) -> ReadFile:
    helpers = {spelling for label in HELP_SHEETS for spelling in spellings(label)}
    raw_sheets, _names = xlsx_file.read_sheets(
        content, limits, lambda name: fold(name) not in helpers
    )
    read = ReadFile(file_format="xlsx")
    named = {title: sheet for sheet in sheets for title in sheet.titles}
    # A workbook with a single sheet may call it as it likes.
    single = sheets[0] if len(sheets) == 1 and len(raw_sheets) == 1 else None
    done, total = 0, sum(len(raw.rows) for raw in raw_sheets)
    for raw in raw_sheets:
        sheet = named.get(fold(raw.title), single)
        if raw.hidden and raw.rows:
            read.faults.append(_hidden(raw.title))
        elif sheet is None:
            if raw.rows:
                read.faults.append(_unknown_sheet(raw.title, sheets))
        elif sheet.name in read.tables:
            read.faults.append(_twice(raw.title))
        else:
            _read_sheet(read, sheet, raw, limits, Watch(listen, done, total))
        done += len(raw.rows)
    if not read.tables and not read.faults:
        raise _empty()
    return read


def _unknown_sheet(title: str, sheets: Sequence[Sheet]) -> Fault:
    known = [sheet.title() for sheet in sheets]
    return Fault(
        "unknown_sheet",
        _("The sheet “%(name)s” is unknown.") % {"name": title},
        did_you_mean(title, known) or _("Remove the sheet, or rename it to one of: %(names)s.")
        % {"names": ", ".join(known)},
        sheet=title,
    )  # fmt: skip


def _twice(title: str) -> Fault:
    return Fault(
        "sheet_twice",
        _("The sheet “%(name)s” stands in the file twice.") % {"name": title},
        _("Put the rows together in one sheet."),
        sheet=title,
    )


def _hidden(title: str) -> Fault:
    return Fault(
        "hidden_sheet",
        _("The sheet “%(name)s” is hidden.") % {"name": title},
        _("Right-click a tab, choose Unhide, and look at the sheet; or remove it."),
        sheet=title,
    )


def _read_csv(
    content: bytes, sheets: Sequence[Sheet], limits: Limits, listen: Listener
) -> ReadFile:
    raw = csv_file.read_sheet(content, limits)
    headings = {fold(cell) for cell in raw.rows[0]} if raw.rows else set()
    sheet = max(sheets, key=lambda one: _overlap(one, headings))
    read = ReadFile(file_format="csv")
    raw.title = sheet.title()
    raw.faults = [replace(fault, sheet=raw.title) for fault in raw.faults]
    total = len(raw.rows)
    _read_sheet(read, sheet, raw, limits, Watch(listen, 0, total))
    return read


def _overlap(sheet: Sheet, headings: set[str]) -> tuple[int, int]:
    """How well a sheet fits: most headings known, then fewest of its own missing."""
    known = {sheet.headings[text] for text in headings if text in sheet.headings}
    missing = {column.name for column in sheet.columns if column.must_be_filled} - known
    return len(known) - len(missing), -len(sheet.columns)


def _read_sheet(read: ReadFile, sheet: Sheet, raw: RawSheet, limits: Limits, ahead: Watch) -> None:
    faults = read.faults
    start = next((n for n, row in enumerate(raw.rows) if any(filled(c) for c in row)), None)
    if start is None:
        faults += raw.faults
        faults.append(
            Fault(
                "sheet_empty",
                _("The sheet “%(name)s” is empty.") % {"name": raw.title},
                _("Remove the sheet, or fill it in with the headings of the template."),
                sheet=raw.title,
            )
        )
        return
    faults += with_headings(raw, start)
    positions = find_headings(raw, start, sheet, faults)
    table = Table(sheet, raw.title, tuple(positions), positions=positions)
    read.tables[sheet.name] = table
    spoilt = {(fault.row, fault.cell) for fault in raw.faults}
    _read_rows(table, raw, start + 1, faults, spoilt, limits, ahead)
    faults += _repeated_keys(table)


@dataclass
class _Reader:
    """One column while rows are read; equal cells are parsed once."""

    column: Column
    position: int
    seen: dict[Any, Any] = field(default_factory=dict)

    def read(self, raw: Any) -> Any:
        """The value; raises CellError. True and 1 are different cells but equal keys."""
        if raw.__class__ is bool:
            return self.column.kind.parse(raw)
        try:
            return self.seen[raw]
        except KeyError:
            value = self._parse(raw)
            self.seen[raw] = value
            return value

    def _parse(self, raw: Any) -> Any:
        cell = raw.strip() if isinstance(raw, str) else raw
        if cell is None or cell == "":
            if self.column.must_be_filled:
                raise CellError("required", _("This cell is empty."), _("Fill it in."))
            return self.column.empty
        return self.column.kind.parse(cell)


def _read_rows(
    table: Table,
    raw: RawSheet,
    start: int,
    faults: list[Fault],
    spoilt: set[tuple[int, str]],
    limits: Limits,
    ahead: Watch,
) -> None:
    readers = [
        _Reader(table.sheet.by_name[name], position)
        for name, position in table.positions.items()
        if not table.sheet.by_name[name].read_only
    ]
    plan: list[tuple[str, int, Callable[[Any], Any]]] = [
        (reader.column.name, reader.position, reader.read) for reader in readers
    ]
    width = max(table.positions.values(), default=-1) + 1
    for number, cells in enumerate(ahead.over(raw.rows[start:]), start=start + 1):
        if not any(map(filled, cells)):
            continue
        if len(cells) < width:
            cells = [*cells, *[""] * (width - len(cells))]
        faults_before = len(faults)
        values = {}
        for name, position, read in plan:
            try:
                values[name] = read(cells[position])
            except CellError as error:
                fault = table.fault(
                    number, name, error.code, error.message, error.advice, cells[position]
                )
                # A formula or error value in this cell has been reported already.
                if (number, fault.cell) not in spoilt:
                    faults.append(fault)
                else:
                    faults_before = -1
        if len(cells) > len(raw.rows[start - 1]) and any(
            filled(cell) for cell in cells[len(raw.rows[start - 1]) :]
        ):
            faults.append(_too_many_cells(table, number))
        if len(faults) == faults_before:
            table.rows.append(Row(number, values))
        elif len(faults) > limits.faults:
            return


def _too_many_cells(table: Table, number: int) -> Fault:
    return Fault(
        "too_many_cells",
        _("This row has more cells than there are headings."),
        _("Put a text that holds the separator between quotation marks, or upload XLSX."),
        sheet=table.title,
        row=number,
    )


def _repeated_keys(table: Table) -> list[Fault]:
    """A fault for each row of which the key stood in the sheet before."""
    names = table.sheet.key_names
    if not names or not set(names) <= set(table.present):
        return []
    first: dict[tuple[Any, ...], int] = {}
    faults = []
    for row in table.rows:
        key = tuple([row.values[name] for name in names])
        earlier = first.setdefault(key, row.number)
        if earlier != row.number:
            faults.append(
                table.fault(
                    row.number,
                    names[-1],
                    "repeated",
                    _("This row has the same key as row %(row)s.") % {"row": earlier},
                    _("Keep one of the two."),
                    " / ".join(str(part) for part in key),
                )
            )
    return faults
