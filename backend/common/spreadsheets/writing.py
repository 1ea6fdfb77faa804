"""Workbooks and CSV files that open without questions, start no formula, and can come back."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from backend.common.spreadsheets.columns import Column, Sheet
from backend.common.spreadsheets.kinds import Plain
from backend.common.spreadsheets.raw import column_letters

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"
# A spreadsheet runs a text that starts with one of these (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
EXPLANATION = gettext_lazy("Explanation")
CHOICES = gettext_lazy("Choices")
# Sheets that we write for the reader and never read.
HELP_SHEETS = (EXPLANATION, CHOICES)
# Drop-down lists and formats reach this far below the last row, for rows that are added.
ROOM = 1_000
REQUIRED_FILL = PatternFill("solid", fgColor="FF154273")
OPTIONAL_FILL = PatternFill("solid", fgColor="FF5B7A99")
WHITE = Font(bold=True, color="FFFFFFFF")
WRAP = Alignment(wrap_text=True, vertical="top")

Values = Mapping[str, Any]


def write_xlsx(tables: Sequence[tuple[Sheet, Iterable[Values]]]) -> bytes:
    """A workbook: a sheet per table, a sheet that explains every column, and drop-down lists."""
    book = Workbook(write_only=True)
    lists = _Lists()
    for sheet, rows in tables:
        _write_table(book, sheet, rows, lists)
    _write_explanation(book, [sheet for sheet, _rows in tables])
    lists.write(book)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def write_csv(sheet: Sheet, rows: Iterable[Values]) -> bytes:
    """Semicolons and a byte-order mark: a Dutch spreadsheet program opens it without questions."""
    stream = StringIO()
    writer = csv.writer(stream, delimiter=";")
    writer.writerow([str(column.label) for column in sheet.columns])
    for row in rows:
        writer.writerow([_csv_cell(_shown(column, row)) for column in sheet.columns])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _shown(column: Column, row: Values) -> Plain:
    value = row.get(column.name)
    return None if value is None or value == "" else column.kind.show(value)


def _csv_cell(value: Plain) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value).replace(".", ",")
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return str(value)


class _Lists:
    """The drop-down lists of all columns, each once, in a sheet of their own."""

    def __init__(self) -> None:
        self.columns: list[tuple[str, ...]] = []

    def reference(self, options: Sequence[str]) -> str:
        """Where the list stands, as a formula of a data validation."""
        wanted = tuple(options)
        if wanted not in self.columns:
            self.columns.append(wanted)
        letters = column_letters(self.columns.index(wanted) + 1)
        return f"='{CHOICES}'!${letters}$1:${letters}${len(wanted)}"

    def write(self, book: Workbook) -> None:
        if not self.columns:
            return
        sheet = book.create_sheet(str(CHOICES))
        sheet.sheet_state = "hidden"
        longest = max(len(one) for one in self.columns)
        for number in range(longest):
            sheet.append(
                [
                    _text_cell(sheet, one[number] if number < len(one) else None)
                    for one in self.columns
                ]
            )


def _write_table(book: Workbook, sheet: Sheet, rows: Iterable[Values], lists: _Lists) -> None:
    page: Any = book.create_sheet(sheet.title())
    page.freeze_panes = "A2"
    for number, column in enumerate(sheet.columns, start=1):
        letters = column_letters(number)
        page.column_dimensions[letters].width = max(column.kind.width, len(str(column.label)) + 2)
        # New rows get the format of their column, so that 007 stays 007.
        page.column_dimensions[letters].number_format = column.kind.number_format
    page.append([_heading(page, column) for column in sheet.columns])
    count = 1
    for row in rows:
        count += 1
        page.append([_cell(page, column, _shown(column, row)) for column in sheet.columns])
    for number, column in enumerate(sheet.columns, start=1):
        if options := column.kind.options():
            rule = DataValidation(
                type="list",
                formula1=lists.reference(options),
                allow_blank=True,
                showErrorMessage=True,
            )
            rule.errorTitle, rule.error = str(column.label)[:32], column.kind.hint()[:255]
            letters = column_letters(number)
            rule.add(f"{letters}2:{letters}{count + ROOM}")
            page.data_validations.append(rule)
    page.auto_filter.ref = f"A1:{column_letters(len(sheet.columns))}{count}"


def _heading(page: Any, column: Column) -> Any:
    cell = WriteOnlyCell(page, value=str(column.label))
    cell.data_type = "s"
    cell.font = WHITE
    cell.fill = REQUIRED_FILL if column.must_be_filled else OPTIONAL_FILL
    cell.alignment = WRAP
    return cell


def _cell(page: Any, column: Column, value: Plain) -> Any:
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)
    if value is None or isinstance(value, str):
        cell = _text_cell(page, value)
    else:
        number: Any = value
        cell = WriteOnlyCell(page, value=number)
    cell.number_format = column.kind.number_format
    return cell


def _text_cell(page: Any, value: str | None) -> Any:
    """A text is a text, whatever it begins with."""
    cell = WriteOnlyCell(page, value=value)
    if value is not None:
        cell.data_type = "s"
    return cell


def _write_explanation(book: Workbook, sheets: Sequence[Sheet]) -> None:
    page: Any = book.create_sheet(str(EXPLANATION))
    for letters, width in zip("ABCDE", (22, 28, 14, 60, 60), strict=True):
        page.column_dimensions[letters].width = width
    page.freeze_panes = "A2"
    headings = (_("Sheet"), _("Column"), _("Required"), _("What to fill in"), _("Codes"))
    page.append([_bold(page, text) for text in headings])
    for sheet in sheets:
        if sheet.help:
            page.append(
                [_text_cell(page, text) for text in (sheet.title(), "", "", str(sheet.help))]
            )
        for column in sheet.columns:
            page.append([_wrapped(page, text) for text in explanation(sheet, column)])


def explanation(sheet: Sheet, column: Column) -> tuple[str, str, str, str, str]:
    """Sheet, column, whether it must be filled, what belongs in it, and its codes."""
    needed = _("yes") if column.must_be_filled else _("no")
    hint = _("For your information; it is not read.") if column.read_only else column.kind.hint()
    codes = "; ".join(f"{code} = {label}" for code, label in column.kind.meanings())
    return sheet.title(), str(column.label), needed, f"{column.help} {hint}".strip(), codes


def _bold(page: Any, text: str) -> Any:
    cell = _text_cell(page, text)
    cell.font = WHITE
    cell.fill = REQUIRED_FILL
    return cell


def _wrapped(page: Any, text: str) -> Any:
    cell = _text_cell(page, text)
    cell.alignment = WRAP
    return cell
