"""Recognising a citizen service number (BSN): Passend keeps none, wherever somebody types it."""

import re
from typing import Final

# Nine digits, also written in groups; longer runs (telephone, account) are something else.
IN_TEXT: Final = re.compile(r"(?<![\d+])\d(?:[ .\-]?\d){8}(?![ .\-]?\d)")
LENGTH: Final = 9
WEIGHTS: Final = (9, 8, 7, 6, 5, 4, 3, 2, -1)
NOT_A_DIGIT: Final = re.compile(r"\D")


def is_bsn(text: str) -> bool:
    """Nine digits that pass the eleven test; a system that sends those sends BSNs."""
    if len(text) != LENGTH or not (text.isascii() and text.isdecimal()) or set(text) == {"0"}:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, WEIGHTS, strict=True))
    return total % 11 == 0


def holds_bsn(text: str) -> bool:
    """Whether a number in the text passes the eleven test, with or without points and spaces."""
    return any(is_bsn(NOT_A_DIGIT.sub("", found)) for found in IN_TEXT.findall(text))
