"""Words that do not belong in a free text about a person: a BSN, a list of names, health details.

A warning, never a ban: a list of words cannot know what somebody means. The field asks to read the
text again, and who says that it is right saves it. Used by `backend.web.personal_text` on pages
and by `backend.api.personal_text` in the API, so that both ask the same.
"""

import re
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from backend.common.bsn import holds_bsn
from backend.common.errors import Text

CONFIRMED: Final = "confirm_personal_text"
# Stems, Dutch and English. What the plan has a code for (childcare, wheelchair) is no free text.
HEALTH_STEMS: Final = (
    "adhd", "alcohol", "allerg", "angststoornis", "arbeidsongeschikt", "astma", "autis",
    "behandelaar", "bipolair", "burn-?out", "cancer", "chemo", "chronisch", "dementie", "depress",
    "diabet", "diagnos", "disab", "disease", "doktersadvies", "doof", "epilep", "fysiotherap",
    "gehandicapt", "ggz", "handicap", "hartinfarct", "hiv", "hospital", "huisarts", "illness",
    "invalid", "kanker", "medic", "medisch", "miskraam", "overspannen", "pregnan", "psych", "ptss",
    "ptsd", "revalid", "slechthorend", "slechtziend", "suic", "suïc", "surgery", "therap",
    "trauma", "verslaa", "verslav", "ziek", "zwanger",
)  # fmt: skip
HEALTH: Final = re.compile(rf"(?<!\w)(?:{'|'.join(HEALTH_STEMS)})", re.IGNORECASE)
_INFIX: Final = r"(?:van|von|de|der|den|ter|ten|el|al|bin|ben|ibn|abu|di|da|dos|la|le)"
_CAPITAL: Final = r"[^\W\d_a-zà-öø-ÿ][\w'’\-]*[a-zà-öø-ÿ][\w'’\-]*"
_FULL_NAME: Final = rf"{_CAPITAL}(?: {_INFIX})*(?: {_CAPITAL}){{1,3}}"
_BETWEEN: Final = r"(?: *[,;/&\n]+ *| +(?:en|and|und) +)"
NAME_LIST: Final = re.compile(rf"(?<!\w){_FULL_NAME}(?:{_BETWEEN}{_FULL_NAME})+")
TITLED: Final = re.compile(
    rf"(?<!\w)(?:[Dd]hr|[Mm]w|[Mm]evr|[Mm]evrouw|[Mm]eneer|Mrs?|Ms)\.? (?:{_INFIX} )*{_CAPITAL}"
)
LIST_FROM: Final = 2


@dataclass(frozen=True)
class Hint:
    """What a text seems to hold, with a stable code."""

    code: str
    message: Text


BSN: Final = Hint(
    "personal_text_bsn",
    _("This looks like a citizen service number (BSN). Take it out: Passend keeps no BSN."),
)
NAMES: Final = Hint(
    "personal_text_names",
    _("This looks like a list of names. Take the names out, or use the reference."),
)
HEALTH_DETAIL: Final = Hint(
    "personal_text_health",
    _("This looks like a health detail. Write what the person needs, not why."),
)


def personal_hints(text: str) -> tuple[Hint, ...]:
    """What somebody should read again before this text is saved; empty for nearly every text."""
    found = []
    if holds_bsn(text):
        found.append(BSN)
    if NAME_LIST.search(text) or len(TITLED.findall(text)) >= LIST_FROM:
        found.append(NAMES)
    if HEALTH.search(text):
        found.append(HEALTH_DETAIL)
    return tuple(found)
