"""Looks into the parts of an XLSX before a library does: bounded, streamed, without an XML tree.

The values come from calamine; it tells neither of formulas nor of error values, and its memory
has no bound.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from django.utils.translation import gettext as _

from backend.common.spreadsheets.faults import Fault, UnreadableFileError
from backend.common.spreadsheets.limits import Limits
from backend.common.spreadsheets.raw import column_number

CHUNK = 256 * 1024
# A cell element with what stands in it is far shorter; a hit is never cut in two.
OVERLAP = 4 * 1024
PREFIX = rb"<(?:[A-Za-z0-9]+:)?"
FORMULA = re.compile(PREFIX + rb'c\b[^>]*?\br="([A-Z]+[0-9]+)"[^>]*>\s*' + PREFIX + rb"f[ />]")
FORMULA_MARK = re.compile(PREFIX + rb"f[ />]")
ERROR_CELL = re.compile(PREFIX + rb'c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]+[0-9]+)"')
MERGED = re.compile(PREFIX + rb'mergeCell\b[^>]*?\bref="([A-Z0-9:]+)"')
ROW_NUMBER = re.compile(PREFIX + rb'row\b[^>]*?\br="([0-9]+)"')
ROW = re.compile(PREFIX + rb"row\b")
WIDE_CELL = re.compile(rb'\br="([A-Z]{2,})[0-9]+"')
DOCTYPE = b"<!DOCTYPE"
# So many cells are named one by one; the rest are counted.
NAMED = 20


@dataclass
class Findings:
    """What the scan of one worksheet found."""

    formulas: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    rows: int = 0
    columns: int = 26

    def faults(self, title: str) -> list[Fault]:
        """One fault per cell or range, with the advice that repairs all of them at once."""
        found = []
        for cell in self.formulas[:NAMED]:
            found.append(
                _fault(title, cell, "formula", _("This cell holds a formula."), _(
                    "Select the sheet, copy it, and choose Paste special > Values."
                ))
            )  # fmt: skip
        for cell in self.errors[:NAMED]:
            found.append(
                _fault(title, cell, "error_value", _(
                    "This cell holds an error of the spreadsheet program, such as #N/A."
                ), _("Type the value that belongs here."))
            )  # fmt: skip
        for cells in self.merged[:NAMED]:
            found.append(
                _fault(title, cells, "merged_cells", _("These cells are merged."), _(
                    "Split the cells again and fill in each one."
                ))
            )  # fmt: skip
        return found


def _fault(title: str, cells: str, code: str, message: str, advice: str) -> Fault:
    first = re.search(r"[0-9]+", cells)
    return Fault(code, message, advice, sheet=title, row=int(first[0]) if first else 0, cell=cells)


def scan(content: bytes, limits: Limits) -> dict[str, Findings]:
    """Findings per part of the file that is a worksheet. Raises UnreadableFileError.

    Every part is unpacked once, piece by piece, and counted: what a zip file says about its own
    size is not believed.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_kind(archive, {part.filename for part in parts})
            if len(parts) > limits.parts:
                raise too_big_inside()
            found = {}
            left = limits.unpacked_bytes
            for part in parts:
                is_sheet = part.filename.startswith("xl/worksheets/") and part.filename.endswith(
                    ".xml"
                )
                findings = Findings()
                left -= _scan_part(archive, part, left, findings if is_sheet else None)
                if is_sheet:
                    check_size(findings, limits)
                    found[part.filename] = findings
            return found
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as error:
        raise damaged() from error
    except RuntimeError as error:
        # zipfile's word for a part that asks for a password.
        raise locked() from error


def _check_kind(archive: zipfile.ZipFile, names: set[str]) -> None:
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise with_macros()
    if "xl/workbook.bin" in names:
        raise UnreadableFileError(
            "file_type",
            _("This is a binary Excel workbook (.xlsb)."),
            _("Save it as an Excel workbook (.xlsx) and upload that."),
        )
    if "mimetype" in names and "content.xml" in names:
        raise UnreadableFileError(
            "file_type",
            _("This is an OpenDocument file (.ods)."),
            _("Save it as an Excel workbook (.xlsx) or as CSV and upload that."),
        )
    if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
        raise UnreadableFileError(
            "file_type",
            _("This is a zip file, but not a spreadsheet."),
            _("Upload an XLSX or CSV file."),
        )
    with archive.open("[Content_Types].xml") as stream:
        if b"macroEnabled" in stream.read(CHUNK):
            raise with_macros()


def _scan_part(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int, findings: Findings | None
) -> int:
    """The number of bytes in the part; what is in a worksheet goes into `findings`."""
    size = 0
    rest = b""
    is_xml = part.filename.endswith((".xml", ".rels"))
    for chunk in _chunks(archive, part):
        size += len(chunk)
        if size > left:
            raise too_big_inside()
        if is_xml and DOCTYPE in rest[-len(DOCTYPE) :] + chunk:
            raise damaged()
        if findings is not None:
            rest = _scan_chunk(rest, chunk, findings)
    if findings is not None:
        _collect(rest, len(rest), findings)
    return size


def _chunks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _scan_chunk(rest: bytes, chunk: bytes, findings: Findings) -> bytes:
    """Looks at all but the last bytes, which come back in front of the next chunk."""
    window = rest + chunk
    end = max(0, len(window) - OVERLAP)
    # At the beginning of a tag, or anywhere where a stretch holds none: nothing piles up.
    stop = window.rfind(b"<", max(0, end - OVERLAP), end)
    stop = end if stop < 0 else stop
    _collect(window, stop, findings)
    return window[stop:]


def _collect(window: bytes, stop: int, findings: Findings) -> None:
    """Adds everything that begins before `stop`; a pattern may look further to see its end."""
    if FORMULA_MARK.search(window):
        findings.formulas += _hits(FORMULA, window, stop)
    if b't="e"' in window:
        findings.errors += _hits(ERROR_CELL, window, stop)
    if b"mergeCell" in window:
        findings.merged += _hits(MERGED, window, stop)
    numbers = ROW_NUMBER.findall(window, 0, stop)
    if numbers:
        findings.rows = max(findings.rows, int(numbers[-1]), max(map(int, numbers)))
    else:
        findings.rows += len(ROW.findall(window, 0, stop))
    for letters in set(WIDE_CELL.findall(window, 0, stop)):
        findings.columns = max(findings.columns, column_number(letters.decode()))


def _hits(pattern: re.Pattern[bytes], window: bytes, stop: int) -> list[str]:
    return [match[1].decode() for match in pattern.finditer(window) if match.start() < stop]


def check_size(findings: Findings, limits: Limits) -> None:
    """Refuses a sheet that would unfold into more cells than the server wants to hold."""
    if findings.columns > limits.columns:
        raise too_many_columns(limits)
    if findings.rows > limits.rows or findings.rows * findings.columns > limits.cells:
        raise too_many_rows(limits)


def too_many_columns(limits: Limits) -> UnreadableFileError:
    return UnreadableFileError(
        "too_many_columns",
        _("This file has more than %(limit)s columns.") % {"limit": limits.columns},
        _("Remove everything to the right of the table, also what looks empty."),
    )


def too_many_rows(limits: Limits) -> UnreadableFileError:
    return UnreadableFileError(
        "too_many_rows",
        _("This file has more than %(limit)s rows.") % {"limit": limits.rows},
        _("Split it into several files, and remove everything below the table."),
    )


def too_big_inside() -> UnreadableFileError:
    return UnreadableFileError(
        "file_expands",
        _("Unpacked, this file is far too large."),
        _("Save the table in a new, empty workbook and upload that."),
    )


def with_macros() -> UnreadableFileError:
    return UnreadableFileError(
        "file_macros",
        _("This file holds macros (programs); for safety it is not read."),
        _("Save it as an Excel workbook without macros (.xlsx) and upload that."),
    )


def locked() -> UnreadableFileError:
    return UnreadableFileError(
        "file_locked",
        _("This file is protected with a password."),
        _("Remove the password and upload the file again."),
    )


def damaged() -> UnreadableFileError:
    return UnreadableFileError(
        "file_damaged",
        _("This file is damaged or incomplete."),
        _("Open it in your spreadsheet program, save it again as XLSX, and upload that."),
    )
