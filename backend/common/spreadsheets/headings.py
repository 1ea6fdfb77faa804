"""The row of headings: which column stands where, and what is wrong with it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from backend.common.spreadsheets.columns import Sheet
from backend.common.spreadsheets.faults import Fault, shown
from backend.common.spreadsheets.raw import RawSheet, column_letters, column_number
from backend.common.spreadsheets.words import fold

FIRST_LETTERS = re.compile(r"[A-Z]+")


def with_headings(raw: RawSheet, start: int) -> list[Fault]:
    """The faults of form with the heading above the first cell of each."""
    headings = raw.rows[start]
    named = []
    for fault in raw.faults:
        letters = FIRST_LETTERS.match(fault.cell)
        position = column_number(letters[0]) - 1 if letters else len(headings)
        heading = str(headings[position]).strip() if position < len(headings) else ""
        named.append(replace(fault, column=heading))
    return named


def find_headings(raw: RawSheet, start: int, sheet: Sheet, faults: list[Fault]) -> dict[str, int]:
    """Column name to position; every heading that is unknown, double, missing or absent."""
    found: dict[str, int] = {}
    number = start + 1

    def fault(code: str, message: str, advice: str, position: int | None, text: str = "") -> None:
        cell = f"{column_letters(position + 1)}{number}" if position is not None else ""
        faults.append(
            Fault(code, message, advice, raw.title, number, text, cell, shown(text))
        )  # fmt: skip

    for position, value in enumerate(raw.rows[start]):
        text = str(value).strip()
        name = sheet.headings.get(fold(text))
        if not text:
            if any(position < len(row) and filled(row[position]) for row in raw.rows[number:]):
                fault(
                    "heading_missing",
                    _("This column has values but no heading."),
                    _("Add the heading, or remove the column."),
                    position,
                )
        elif name is None:
            known = [str(column.label) for column in sheet.columns]
            fault(
                "unknown_column",
                _("The column “%(name)s” is unknown.") % {"name": shown(text)},
                did_you_mean(text, known) or _("Remove the column."),
                position,
                text,
            )
        elif name in found:
            fault(
                "column_twice",
                _("The column “%(name)s” stands in the sheet twice.") % {"name": text},
                _("Keep one of the two."),
                position,
                text,
            )
        else:
            found[name] = position
    for column in sheet.columns:
        if column.must_be_filled and column.name not in found:
            fault(
                "column_missing",
                _("The column “%(name)s” is missing.") % {"name": column.label},
                _("Add the column, or start from the template."),
                None,
                str(column.label),
            )
    return found


def did_you_mean(text: str, known: Sequence[str]) -> str:
    near = get_close_matches(text.casefold(), [one.casefold() for one in known], n=1)
    if not near:
        return ""
    meant = next(one for one in known if one.casefold() == near[0])
    return _("Did you mean “%(name)s”?") % {"name": meant}


def filled(cell: Any) -> bool:
    return cell is not None and cell != "" and (not isinstance(cell, str) or bool(cell.strip()))
