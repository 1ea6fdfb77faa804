"""What a spreadsheet program may have made of a value, and how to get the value back."""

import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from backend.common.spreadsheets.faults import shown

# Excel keeps 15 digits of a number; a longer one has lost its end.
EXACT_DIGITS = 15
ISO_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
DUTCH_DAY = re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4})")
# What else looks like a day: slashes, dots, two digits for the year.
OTHER_DAY = re.compile(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}")
GROUPED = re.compile(r"-?\d{1,3}([.,]\d{3})+")
NUMBER = re.compile(r"-?\d+([.,]\d+)?")


class CellError(Exception):
    """What is wrong with one cell, and what to do."""

    def __init__(self, code: str, message: str, advice: str = "") -> None:
        self.code, self.message, self.advice = code, message, advice
        super().__init__(message)


def plain_text(raw: Any) -> str:
    """A cell as text where no mistake is possible: a number that is whole loses its “.0”."""
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return str(raw)


def text_of(raw: Any) -> str:
    """A cell as text, or the reason why a spreadsheet program has spoilt it."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        raise _turned(_("yes or no"))
    if isinstance(raw, date | datetime | time):
        raise _turned(_("a date or time"))
    if isinstance(raw, float) and raw.is_integer() and abs(raw) >= 10**EXACT_DIGITS:
        raise _turned(_("a number, and the last digits are lost"))
    return plain_text(raw)


def _turned(into: str) -> CellError:
    return CellError(
        "not_text",
        _("Your spreadsheet program has made this %(kind)s.") % {"kind": into},
        _("Give the column the format Text and type the value again."),
    )


def number_of(raw: Any) -> Decimal:
    """A cell as an exact number. A point that might group thousands is refused, never guessed."""
    if isinstance(raw, bool | date | datetime | time):
        raise CellError(
            "not_a_number",
            _("“%(value)s” is not a number.") % {"value": shown(raw)},
            _("Give the cell the format Number and type the value again."),
        )
    if isinstance(raw, int | float):
        # What a person sees: 0.1 + 0.2 is 0.3 in a spreadsheet.
        return Decimal(f"{raw:.12g}") if isinstance(raw, float) else Decimal(raw)
    text = raw.strip().removeprefix("€").strip()
    if GROUPED.fullmatch(text):
        raise CellError(
            "ambiguous_number",
            _("“%(value)s” can mean two numbers.") % {"value": shown(raw)},
            _("Write it without separators for thousands."),
        )
    if not NUMBER.fullmatch(text):
        raise CellError(
            "not_a_number",
            _("“%(value)s” is not a number.") % {"value": shown(raw)},
            _("Use digits only, with a comma before decimals."),
        )
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation as error:  # pragma: no cover - the pattern admits only numbers
        raise CellError("not_a_number", str(error)) from error


def check_range(number: Decimal, least: Decimal | int, most: Decimal | int, hint: str) -> None:
    if not least <= number <= most:
        raise CellError(
            "out_of_range",
            _("%(value)s is too low or too high.") % {"value": f"{number.normalize():f}"[:40]},
            hint,
        )


def day_of(raw: Any) -> date:
    if isinstance(raw, datetime):
        if raw.time() != time():
            raise CellError(
                "has_a_time",
                _("“%(value)s” holds a time of day.") % {"value": shown(raw)},
                _("Enter only the date."),
            )
        return raw.date()
    if isinstance(raw, date):
        return raw
    if not isinstance(raw, str):
        raise CellError(
            "not_a_date",
            _("“%(value)s” is a number, not a date.") % {"value": shown(plain_text(raw))},
            _("Give the cell the format Date and type the date again."),
        )
    return _written_day(raw)


def _written_day(text: str) -> date:
    try:
        if ISO_DAY.fullmatch(text):
            year, month, day = text.split("-")
            return date(int(year), int(month), int(day))
        if match := DUTCH_DAY.fullmatch(text):
            return date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        raise CellError(
            "no_such_day",
            _("“%(value)s” does not exist in the calendar.") % {"value": shown(text)},
            _("Check day and month. Write the date as 2026-11-30 or 30-11-2026."),
        ) from None
    if OTHER_DAY.fullmatch(text):
        raise CellError(
            "ambiguous_date",
            _("“%(value)s” is a text that can mean several dates.") % {"value": shown(text)},
            _("Write the date as 2026-11-30 or 30-11-2026, with four digits for the year."),
        )
    raise CellError(
        "not_a_date",
        _("“%(value)s” is not a date.") % {"value": shown(text)},
        _("Write the date as 2026-11-30 or 30-11-2026."),
    )
