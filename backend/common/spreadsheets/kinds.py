"""How one cell is read, written and explained, per kind of value."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from backend.common.errors import Text
from backend.common.spreadsheets.cells import (
    CellError,
    check_range,
    day_of,
    number_of,
    plain_text,
    text_of,
)
from backend.common.spreadsheets.faults import shown
from backend.common.spreadsheets.words import spellings

Plain = str | int | float | bool | Decimal | date | None
FIRST_YEAR, LAST_YEAR = 1990, 2100


class Kind:
    """Reads a filled cell (`parse`), writes a value (`show`), and explains itself (`hint`).

    `parse` gets what the file holds: text, number, bool, date, datetime or time; text is stripped
    and never empty. It MUST depend on nothing but the cell: results are remembered per column.
    """

    number_format = "@"
    width = 16

    def parse(self, raw: Any) -> Any:
        raise NotImplementedError

    def show(self, value: Any) -> Plain:
        return None if value is None else str(value)

    def normal(self, value: Any) -> Any:
        """A stored value as `parse` would have given it, so that equal values compare equal."""
        return value

    def hint(self) -> str:
        return ""

    def options(self) -> Sequence[str]:
        """The values of a drop-down list; none: free input."""
        return ()

    def meanings(self) -> Sequence[tuple[str, str]]:
        """Codes with their meaning, for the sheet that explains."""
        return ()


@dataclass(frozen=True)
class TextKind(Kind):
    """Text of at most `longest` characters. Every id is text: "NA" and 007 stay what they are."""

    longest: int
    shortest: int = 1
    pattern: re.Pattern[str] | None = None
    form: Text = ""
    upper: bool = False
    multiline: bool = False

    @property
    def width(self) -> int:  # type: ignore[override]
        return max(12, min(self.longest, 40))

    def parse(self, raw: Any) -> str:
        text = text_of(raw)
        if self.upper:
            text = text.upper()
        if self.pattern is not None and not self.pattern.fullmatch(text):
            raise CellError(
                "wrong_form",
                _("“%(value)s” is not valid here.") % {"value": shown(text)},
                _("Write it as %(form)s.") % {"form": self.form},
            )
        if not self.shortest <= len(text) <= self.longest:
            raise CellError(
                "wrong_length",
                _("This text has %(count)s characters.") % {"count": len(text)},
                _("Use %(shortest)s to %(longest)s characters.")
                % {"shortest": self.shortest, "longest": self.longest},
            )
        if not text.isprintable() and any(ord(one) < 32 and one not in "\n\t\r" for one in text):
            raise CellError(
                "control_character",
                _("This text holds an invisible control character."),
                _("Type the text again."),
            )
        return str(self.normal(text))

    def normal(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if self.multiline:
            return "\n".join(line.rstrip() for line in value.strip().splitlines())
        return " ".join(value.split())

    def hint(self) -> str:
        if self.form:
            return _("Write it as %(form)s.") % {"form": self.form}
        return _("Text, at most %(longest)s characters.") % {"longest": self.longest}


@dataclass(frozen=True)
class WholeKind(Kind):
    """A whole number from `least` up to and including `most`."""

    least: int
    most: int
    number_format = "0"
    width = 12

    def parse(self, raw: Any) -> int:
        number = number_of(raw)
        if number != number.to_integral_value():
            raise CellError(
                "not_whole",
                _("“%(value)s” is not a whole number.") % {"value": shown(raw)},
                self.hint(),
            )
        check_range(number, self.least, self.most, self.hint())
        return int(number)

    def show(self, value: Any) -> Plain:
        return None if value is None else int(value)

    def hint(self) -> str:
        return _("A whole number from %(least)s to %(most)s.") % {
            "least": self.least,
            "most": self.most,
        }


@dataclass(frozen=True)
class AmountKind(Kind):
    """A number with at most `decimals` decimals; comma and point both separate them."""

    decimals: int
    least: Decimal | int = 0
    most: Decimal | int = 10**9
    width = 12

    @property
    def number_format(self) -> str:  # type: ignore[override]
        return f"0.{'0' * self.decimals}" if self.decimals else "0"

    def parse(self, raw: Any) -> Decimal:
        number = number_of(raw)
        rounded = round(number, self.decimals)
        if rounded != number:
            raise CellError(
                "too_precise",
                _("“%(value)s” has too many decimals.") % {"value": shown(raw)},
                self.hint(),
            )
        check_range(number, self.least, self.most, self.hint())
        return rounded

    def show(self, value: Any) -> Plain:
        return None if value is None else self.normal(value)

    def normal(self, value: Any) -> Any:
        return None if value is None else round(Decimal(str(value)), self.decimals)

    def hint(self) -> str:
        return _("A number from %(least)s to %(most)s with at most %(decimals)s decimals.") % {
            "least": self.least,
            "most": self.most,
            "decimals": self.decimals,
        }


@dataclass(frozen=True)
class DayKind(Kind):
    """A calendar day: a real date, 2026-11-30, or 30-11-2026. Anything else is refused."""

    number_format = "yyyy-mm-dd"
    width = 12

    def parse(self, raw: Any) -> date:
        day = day_of(raw)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise CellError(
                "year_out_of_range",
                _("The year %(year)s cannot be right.") % {"year": day.year},
                _("Enter the year with four digits."),
            )
        return day

    def show(self, value: Any) -> Plain:
        return value

    def hint(self) -> str:
        return _("A date, for example 2026-11-30 or 30-11-2026.")


@dataclass(frozen=True)
class FlagKind(Kind):
    """Yes or no, in the words of every language of the site."""

    width = 8

    @cached_property
    def words(self) -> dict[str, bool]:
        known = {"true": True, "false": False, "waar": True, "onwaar": False, "1": True, "0": False}
        known.update(dict.fromkeys(("yes", "y", "ja", "j"), True))
        known.update(dict.fromkeys(("no", "n", "nee"), False))
        return known

    def parse(self, raw: Any) -> bool:
        if isinstance(raw, bool):
            return raw
        found = self.words.get(plain_text(raw).casefold())
        if found is None:
            raise CellError(
                "not_yes_or_no",
                _("“%(value)s” is neither yes nor no.") % {"value": shown(raw)},
                self.hint(),
            )
        return found

    def show(self, value: Any) -> Plain:
        if value is None:
            return None
        return _("yes") if value else _("no")

    def hint(self) -> str:
        return _("Choose from: %(choices)s.") % {"choices": ", ".join(self.options())}

    def options(self) -> Sequence[str]:
        return (_("yes"), _("no"))


@dataclass(frozen=True)
class CodeKind(Kind):
    """One code of a list; the label is understood too. `as_label` writes the label."""

    choices: Sequence[tuple[Any, Text]]
    as_label: bool = False

    @cached_property
    def known(self) -> dict[str, Any]:
        """Labels in every language first, then codes: a code always means itself."""
        found = {word: code for code, label in self.choices for word in spellings(label)}
        return found | {str(code).casefold(): _plain_code(code) for code, _label in self.choices}

    def parse(self, raw: Any) -> Any:
        text = plain_text(raw)
        try:
            return _plain_code(self.known[" ".join(text.split()).casefold()])
        except KeyError:
            raise unknown_code(text, self.options()) from None

    def show(self, value: Any) -> Plain:
        if value is None:
            return None
        if self.as_label:
            return next(str(label) for code, label in self.choices if code == value)
        return str(_plain_code(value))

    def hint(self) -> str:
        return _("Choose from: %(choices)s.") % {"choices": ", ".join(self.options())}

    def options(self) -> Sequence[str]:
        return [str(label if self.as_label else _plain_code(code)) for code, label in self.choices]

    def meanings(self) -> Sequence[tuple[str, str]]:
        if self.as_label:
            return ()
        return [(str(_plain_code(code)), str(label)) for code, label in self.choices]


@dataclass(frozen=True)
class CodesKind(Kind):
    """Several codes of a list in one cell, separated by commas or semicolons; at least one."""

    choices: Sequence[tuple[Any, Text]]

    @cached_property
    def one(self) -> CodeKind:
        return CodeKind(self.choices)

    def parse(self, raw: Any) -> tuple[Any, ...]:
        """In the order of the code list, so that the order in the cell makes no difference."""
        parts = [part.strip() for part in re.split(r"[,;]", plain_text(raw))]
        chosen = {self.one.parse(part) for part in parts if part}
        return tuple(code for code in self.codes if code in chosen)

    def normal(self, value: Any) -> Any:
        return tuple(code for code in self.codes if code in value) if value else ()

    @cached_property
    def codes(self) -> tuple[Any, ...]:
        return tuple(_plain_code(code) for code, _label in self.choices)

    def show(self, value: Any) -> Plain:
        chosen = set(value or ())
        return ", ".join(str(code) for code in self.codes if code in chosen) or None

    def hint(self) -> str:
        return _("One or more, separated by commas: %(choices)s.") % {
            "choices": ", ".join(self.one.options())
        }

    def meanings(self) -> Sequence[tuple[str, str]]:
        return self.one.meanings()


def _plain_code(code: Any) -> Any:
    """The bare value of an enumeration member."""
    return getattr(code, "value", code)


def unknown_code(text: str, options: Sequence[str]) -> CellError:
    return CellError(
        "unknown_code",
        _("“%(value)s” does not exist here.") % {"value": shown(text)},
        _("Choose from: %(choices)s.") % {"choices": ", ".join(options)},
    )
