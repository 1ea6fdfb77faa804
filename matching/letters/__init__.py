"""What the person reads: one file of texts per language, all with the same keys.

The Dutch is A1. A language is added by adding its file here and its code to `LANGUAGES`; a test
compares the keys. The translations MUST be read by a native speaker before they are sent to people
(docs/decisions/letters-texts-and-fonts.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson
from babel.dates import format_date, get_day_names

LANGUAGES: Final = ("nl", "en", "ar", "ti", "tr", "fa", "uk")
FALLBACK: Final = "nl"
FOLDER: Final = Path(__file__).resolve().parent
# Digits and dashes keep their order inside a text that runs from right to left.
UNBROKEN: Final = "\u2011"  # a hyphen at which no line ends
LEFT_TO_RIGHT, END_OF_ISOLATE = "\u2066", "\u2069"


@dataclass(frozen=True)
class Texts:
    """The texts of one language; `texts["title"]` fails loudly on an unknown key."""

    code: str
    values: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    @property
    def is_right_to_left(self) -> bool:
        return bool(self.values["dir"] == "rtl")

    def day(self, day: date) -> str:
        """Weekday and date in words, and the same in digits: months differ between calendars."""
        words = format_date(day, "EEEE d MMMM y", locale=self.code)
        digits = f"{day:%d-%m-%Y}".replace("-", UNBROKEN)
        return f"{words} ({self.isolated(digits)})"

    def lesson(self, weekday: int, start: time, end: time) -> str:
        """`weekday` is an ISO number; times in the order in which they are read."""
        name = get_day_names("wide", locale=self.code)[weekday - 1]
        return f"{name} {self.isolated(f'{start:%H:%M} – {end:%H:%M}')}"

    def isolated(self, text: str) -> str:
        """Digits and Latin text that must not be turned around within right-to-left text."""
        return f"{LEFT_TO_RIGHT}{text}{END_OF_ISOLATE}" if self.is_right_to_left else text


@cache
def texts_in(language: str) -> Texts:
    """The texts in this language, or in Dutch when there are none."""
    code = language if language in LANGUAGES else FALLBACK
    return Texts(code, orjson.loads((FOLDER / f"{code}.json").read_bytes()))


def language_names() -> list[tuple[str, str]]:
    """Codes with the name of each language in that language."""
    return [(code, texts_in(code)["name"]) for code in LANGUAGES]
