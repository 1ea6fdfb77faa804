"""Guarantees one order and one spelling for every code that the engine reads or writes.

The spelling is DUO's where DUO has one (components, literacy); the order of the rules is the
order in which a caseworker checks them, and the first failing rule is the one shown first.
"""

from enum import IntEnum
from typing import Final

COMPONENTS: Final = ("B", "O", "Z", "KNM", "MAP", "PVT")
TARGET_GROUPS: Final = ("asylum", "family", "other")
LEVELS: Final = ("A0", "A1", "A2", "B1", "B2")
NEED_LEVELS: Final = ("A0", "A1", "A2", "B1")
TARGET_LEVELS: Final = ("A1", "A2", "B1", "B2")
LITERACIES: Final = ("A", "AA", "NVT")
MODES: Final = ("onsite", "online", "hybrid")
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Day-parts: 1 morning, 2 afternoon, 3 evening. Bit number = 3 * weekday + day-part - 1.
SLOTS: Final = tuple(f"{day}{part}" for day in WEEKDAYS for part in (1, 2, 3))
PRIORITIES: Final = ("none", "tiers", "strict")
FACTORS: Final = (
    "start",
    "travel",
    "level",
    "intensity",
    "dayPart",
    "duality",
    "filling",
    "quality",
    "price",
)
MAX_SCORE: Final = 1000
ONLINE: Final = MODES.index("online")

COMPONENT_CODE: Final = {name: code for code, name in enumerate(COMPONENTS)}
TARGET_GROUP_CODE: Final = {name: code for code, name in enumerate(TARGET_GROUPS)}
LEVEL_CODE: Final = {name: code for code, name in enumerate(LEVELS)}
LITERACY_CODE: Final = {name: code for code, name in enumerate(LITERACIES)}
MODE_CODE: Final = {name: code for code, name in enumerate(MODES)}
SLOT_BIT: Final = {name: 1 << code for code, name in enumerate(SLOTS)}


class Rule(IntEnum):
    """A hard rule; its value is its bit in the set of failed rules of a pair."""

    ROUTE = 0
    LEVEL = 1
    LITERACY = 2
    REGION_CONTRACT = 3
    MARK = 4
    CEILING = 5
    DISTANCE = 6
    DAYPART = 7
    START_EARLY = 8
    START_LATE = 9
    TERM = 10
    CHILDCARE = 11
    ACCESS = 12
    SEATS = 13
    OVERLAP = 14
    HOUSEHOLD = 15

    @property
    def bit(self) -> int:
        """Gives the mask of this rule in a set of failed rules."""
        return 1 << self.value


RULES: Final = tuple(rule.name for rule in Rule)


class Cause(IntEnum):
    """Why a need has no place, as one word."""

    PLACED = 0
    NO_FEASIBLE_OFFER = 1
    ALL_FULL = 2
    LOST_ON_PRIORITY = 3

    @property
    def code(self) -> str:
        """Gives the word that stands in the result file and the API."""
        return self.name.lower()


def slot_mask(slots: "list[str] | tuple[str, ...] | set[str] | frozenset[str]") -> int:
    """Gives the bit set of day-parts; raises KeyError for a day-part that does not exist."""
    mask = 0
    for slot in slots:
        mask |= SLOT_BIT[slot]
    return mask


def slot_names(mask: int) -> list[str]:
    """Gives the day-parts of a bit set in the order of the week."""
    return [name for name, bit in SLOT_BIT.items() if mask & bit]


def rule_names(failed: int) -> list[str]:
    """Gives the codes in a set of failed rules, in the order of checking."""
    return [name for code, name in enumerate(RULES) if failed >> code & 1]
