"""Which code lists there are: every app declares its own, with what is delivered and what is used.

Version 1 of a list is delivered with the program and stands in the code; later versions stand in
the database (docs/decisions/code-lists-in-versions.md).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Choices
from django.utils.functional import Promise

from backend.common.errors import NotFoundError

Text = str | Promise
# The Wet inburgering 2021, in whose terms the delivered lists are written, is in force from here.
DELIVERED_FROM = date(2022, 1, 1)


@dataclass(frozen=True)
class Usage:
    """Where codes of a list stand: how many records hold each of some codes."""

    label: Text
    count: Callable[[Collection[str]], Mapping[str, int]]


@dataclass(frozen=True)
class Running:
    """Records that keep the version with which they began, and how many there are now."""

    label: Text
    count: Callable[[], int]


@dataclass(frozen=True)
class CodeList:
    """One list: `delivered` is version 1, and `fixed` are its codes that nobody ends or renames.

    Where `grounds` are named, a new code says as which of them it counts: what the law or a
    national list knows stays readable from every finer code.
    """

    key: str
    title: Text
    source: Text
    delivered: type[Choices]
    is_changeable: bool = True
    fixed: frozenset[str] = frozenset()
    grounds: frozenset[str] = frozenset()
    usages: tuple[Usage, ...] = ()
    running: tuple[Running, ...] = field(default=())


_lists: dict[str, CodeList] = {}


def register(*lists: CodeList) -> None:
    """Adds lists; a second registration under the same key replaces the first."""
    for one in lists:
        _lists[one.key] = one


def all_lists() -> list[CodeList]:
    """Those that an administrator may change first, then the delivered ones, by key."""
    return sorted(_lists.values(), key=lambda one: (not one.is_changeable, one.key))


def list_named(key: str) -> CodeList:
    """Raises NotFoundError."""
    found = _lists.get(key)
    if found is None:
        raise NotFoundError
    return found
