"""A CSV file as rows of text: encoding and delimiter are found out, and doubts are said."""

import codecs
import csv
import re
from io import StringIO

from django.utils.translation import gettext as _

from backend.common.spreadsheets.faults import Fault, UnreadableFileError
from backend.common.spreadsheets.limits import Limits
from backend.common.spreadsheets.raw import RawSheet, column_letters
from backend.common.spreadsheets.xlsx_scan import too_many_columns, too_many_rows

DELIMITERS = ";,\t"
# The longest text of a cell; Excel itself stops at 32,767.
LONGEST_CELL = 100_000
# UTF-8 that was read as Windows-1252 and written again: "cafÃ©".
TWICE_ENCODED = re.compile("[ÃÂâ][\u0080-\u00bf\u20ac\u201a-\u2122]")
# Letters of old DOS and Mac files, read as Windows-1252: a low quote in the middle of a word.
STRANGE_IN_WORD = re.compile(r"[A-Za-z][‚ƒ„†‡ˆ‰‹›][A-Za-z]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# `writing.write_csv` puts an apostrophe before what a spreadsheet program would take for a formula.
ESCAPED = re.compile(r"'(?=[=+\-@\t\r])")


def read_sheet(content: bytes, limits: Limits) -> RawSheet:
    """The one table of a CSV file. Raises UnreadableFileError."""
    text = decode(content)
    try:
        delimiter = sniff(text)
        rows = _rows(text, delimiter, limits)
    except csv.Error as error:
        raise UnreadableFileError(
            "csv_quotes",
            _("A quotation mark in this CSV file is opened and never closed."),
            _("Save the file again as CSV from your spreadsheet program, or upload it as XLSX."),
        ) from error
    sheet = RawSheet("", rows)
    sheet.faults += _cell_faults(rows)
    return sheet


def decode(content: bytes) -> str:
    """The text, from UTF-8 or Windows-1252; everything else is refused with what to do."""
    if content.startswith(MARKS):
        raise wrong_encoding()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError as error:
            raise wrong_encoding() from error
        if STRANGE_IN_WORD.search(text):
            raise wrong_encoding() from None
    if CONTROL.search(text):
        raise UnreadableFileError(
            "file_type",
            _("This is not an XLSX or CSV file."),
            _("Upload the file that your spreadsheet program saves as XLSX or CSV."),
        )
    return text


def sniff(text: str) -> str:
    """The delimiter that stands most often in the first line with text, outside quotes."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", line)
    return max(DELIMITERS, key=bare.count)


def wrong_encoding() -> UnreadableFileError:
    return UnreadableFileError(
        "wrong_encoding",
        _("The letters of this file are written in an encoding that cannot be told apart."),
        _("Save it as “CSV UTF-8 (delimited)” or upload it as XLSX."),
    )


def _rows(text: str, delimiter: str, limits: Limits) -> list[list[str]]:
    rows = []
    csv.field_size_limit(LONGEST_CELL)
    for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True):
        if len(row) > limits.columns and any(row[limits.columns :]):
            raise too_many_columns(limits)
        rows.append(row)
        if len(rows) > limits.rows:
            raise too_many_rows(limits)
    return rows


def _cell_faults(rows: list[list[str]]) -> list[Fault]:
    """Texts that are formulas or garbled. Escaped texts lose their apostrophe in place."""
    faults = []
    for number, row in enumerate(rows, start=1):
        joined = "\x1f".join(row)
        if "'" in joined:
            row[:] = [ESCAPED.sub("", cell, count=1) if cell[:1] == "'" else cell for cell in row]
        if "=" not in joined and joined.isascii():
            continue
        for position, cell in enumerate(row, start=1):
            fault = _cell_fault(cell, was_escaped="'=" in joined)
            if fault is not None:
                code, message, advice = fault
                address = f"{column_letters(position)}{number}"
                faults.append(Fault(code, message, advice, row=number, cell=address, value=cell))
    return faults


def _cell_fault(cell: str, *, was_escaped: bool) -> tuple[str, str, str] | None:
    if cell.startswith("=") and not was_escaped:
        return (
            "formula",
            _("This cell holds a formula."),
            _("Type the value itself."),
        )
    if "\ufffd" in cell or TWICE_ENCODED.search(cell):
        return (
            "garbled_text",
            _("The letters in “%(value)s” have been garbled.") % {"value": cell[:60]},
            _("Type the text again, and save the file as “CSV UTF-8 (delimited)” or XLSX."),
        )
    return None
