"""Searching and sorting lines that are computed: the same on a page and in the API."""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, TypeVar

Line = TypeVar("Line")


def matching(lines: Iterable[Line], search: str, names: Sequence[str]) -> list[Line]:
    """The lines that hold every word of `search` somewhere in these attributes."""
    words = search.casefold().split()
    if not words:
        return list(lines)
    read = [attrgetter(name) for name in names]
    return [
        one
        for one in lines
        if all(word in " ".join(str(get(one)) for get in read).casefold() for word in words)
    ]


def sorted_by(lines: Iterable[Line], order: Sequence[str]) -> list[Line]:
    """The lines by these attributes, the first counting most; a minus turns one around."""
    found = list(lines)
    # Sorting is stable: the first name counts most, so it comes last.
    for name in reversed(order):
        found.sort(key=_key(name.removeprefix("-")), reverse=name.startswith("-"))
    return found


def _key(name: str) -> Any:
    read = attrgetter(name)

    def key(line: Any) -> Any:
        value = read(line)
        return value.casefold() if isinstance(value, str) else value

    return key
