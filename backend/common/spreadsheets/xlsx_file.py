"""The sheets of an XLSX workbook as rows of values."""

import re
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO

import python_calamine

from backend.common.spreadsheets.faults import UnreadableFileError
from backend.common.spreadsheets.limits import Limits
from backend.common.spreadsheets.raw import RawSheet
from backend.common.spreadsheets.xlsx_scan import Findings, damaged, locked, scan

SHEET_TAG = re.compile(rb"<(?:[A-Za-z0-9]+:)?sheet\b([^>]*)>")
NAME = re.compile(rb'\bname="([^"]*)"')
RELATION = re.compile(rb'\b[A-Za-z0-9]+:id="([^"]*)"')
RELATIONSHIP_TAG = re.compile(rb"<(?:[A-Za-z0-9]+:)?Relationship\b([^>]*)>")
IDENTIFIER = re.compile(rb'\bId="([^"]*)"')
TARGET = re.compile(rb'\bTarget="([^"]*)"')


def read_sheets(
    content: bytes, limits: Limits, wanted: Callable[[str], bool]
) -> tuple[list[RawSheet], list[str]]:
    """The wanted sheets with their faults of form, and the names of all sheets.

    Raises UnreadableFileError.
    """
    findings = scan(content, limits)
    parts = _parts_by_position(content)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(content))
        names = list(book.sheet_names)
        sheets = []
        for position, name in enumerate(names):
            if wanted(name):
                rows = book.get_sheet_by_index(position).to_python(skip_empty_area=False)
                found = findings.get(parts.get(position, ""), _anything(findings))
                shown = book.sheets_metadata[position].visible
                hidden = shown != python_calamine.SheetVisibleEnum.Visible
                sheets.append(RawSheet(name, rows, found.faults(name), hidden))
    except UnreadableFileError:
        raise
    except python_calamine.PasswordError as error:
        raise locked() from error
    except (python_calamine.CalamineError, OSError, ValueError, OverflowError) as error:
        raise damaged() from error
    return sheets, names


def _parts_by_position(content: bytes) -> Mapping[int, str]:
    """Which part of the file holds the n-th sheet of the workbook."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        book = archive.read("xl/workbook.xml")
        try:
            relations = archive.read("xl/_rels/workbook.xml.rels")
        except KeyError:
            return {}
    targets = {
        _value(IDENTIFIER, tag): _part(_value(TARGET, tag))
        for tag in RELATIONSHIP_TAG.findall(relations)
    }
    return {
        position: targets.get(_value(RELATION, tag), "")
        for position, tag in enumerate(SHEET_TAG.findall(book))
    }


def _value(pattern: re.Pattern[bytes], tag: bytes) -> str:
    found = pattern.search(tag)
    return found[1].decode("utf-8", "replace") if found else ""


def _part(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _anything(findings: Mapping[str, Findings]) -> Findings:
    """All findings together, for a workbook that does not tell which part a sheet is."""
    together = Findings()
    for one in findings.values():
        together.formulas += one.formulas
        together.errors += one.errors
        together.merged += one.merged
    return together
