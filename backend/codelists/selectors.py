"""What a code list says on a day, and what a code is called.

A version counts from its first day until the next one begins. What began earlier keeps the version
of its own day: ask with that day instead of today.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from backend.codelists.models import CodeListEntry
from backend.codelists.registry import DELIVERED_FROM, list_named
from backend.common import clock
from backend.common.errors import Violation


@dataclass(frozen=True)
class Code:
    """A code with its labels; `counts_as` is the delivered code that a finer one belongs to."""

    code: str
    label_nl: str
    label_en: str
    counts_as: str = ""

    @property
    def label(self) -> str:
        """In the language of the reader."""
        dutch = (translation.get_language() or "nl").startswith("nl")
        return self.label_nl if dutch else self.label_en


@dataclass(frozen=True)
class Version:
    """All codes of a list from `valid_from` up to and including `valid_to` (None: open)."""

    version: int
    valid_from: date
    valid_to: date | None
    codes: tuple[Code, ...]
    reason: str = ""
    actor_label: str = ""

    def holds(self) -> dict[str, Code]:
        return {one.code: one for one in self.codes}


_held: ContextVar[dict[str, tuple[Version, ...]] | None] = ContextVar("held", default=None)


@contextmanager
def lists_held() -> Iterator[None]:
    """Inside, every list is read once: for work that asks for the codes of many rows."""
    token = _held.set({})
    try:
        yield
    finally:
        _held.reset(token)


def versions_of(key: str) -> tuple[Version, ...]:
    """All versions of a list, the delivered one first; one query. Raises NotFoundError."""
    held = _held.get()
    if held is None:
        return _versions([key])[key]
    if key not in held:
        held.update(_versions([key]))
    return held[key]


def all_versions(keys: Iterable[str]) -> dict[str, tuple[Version, ...]]:
    """The versions of several lists in one query."""
    return _versions(list(keys))


def version_on(key: str, day: date) -> Version:
    """The version in force on `day`; the delivered one for every day before it."""
    versions = versions_of(key)
    return next((one for one in reversed(versions) if one.valid_from <= day), versions[0])


def offered(
    key: str, on: date | None = None, *, besides: Collection[str] = ()
) -> list[tuple[str, str]]:
    """Codes to choose from with their labels: those of the day, and those a record has already."""
    day = on or clock.today()
    found = [(one.code, one.label) for one in version_on(key, day).codes]
    missing = set(besides) - {code for code, _label in found}
    if missing:
        words = labels_of(key)
        found += [(code, words.get(code, code)) for code in sorted(missing)]
    return found


def known_codes(key: str) -> list[tuple[str, str]]:
    """Every code that the list ever had with its last label: to read and filter what exists."""
    return list(labels_of(key).items())


def labels_of(*keys: str) -> dict[str, str]:
    """The last label of every code that the lists ever had; one query for all of them."""
    found: dict[str, str] = {}
    for versions in all_versions(keys).values():
        for version in versions:
            found.update({one.code: one.label for one in version.codes})
    return found


def code_faults(
    key: str, codes: Iterable[str], *, on: date | None = None, field: str, had: Collection[str] = ()
) -> list[Violation]:
    """A fault for each code that does not hold on the day; those in `had` were there already."""
    new = set(codes) - set(had)
    if not new:
        return []
    unknown = new - set(version_on(key, on or clock.today()).holds())
    return [
        Violation(
            field,
            "unknown_code",
            _("This code does not exist on this day. Choose one from the list."),
        )
        for _code in sorted(unknown)
    ]


def _versions(keys: list[str]) -> dict[str, tuple[Version, ...]]:
    rows = (
        CodeListEntry.objects.filter(version__code_list__in=keys)
        .select_related("version")
        .order_by("version__code_list", "version__version", "position")
    )
    entries: dict[str, dict[int, list[CodeListEntry]]] = {
        key: defaultdict(list) for key in keys if list_named(key)
    }
    for row in rows:
        entries[row.version.code_list][row.version.version].append(row)
    return {key: _in_order(key, list(found.values())) for key, found in entries.items()}


def _in_order(key: str, stored: list[list[CodeListEntry]]) -> tuple[Version, ...]:
    starts = [DELIVERED_FROM, *(rows[0].version.valid_from for rows in stored)]
    ends = [*(start - timedelta(days=1) for start in starts[1:]), None]
    found = [Version(1, DELIVERED_FROM, ends[0], delivered_codes(key))]
    for rows, end in zip(stored, ends[1:], strict=True):
        version = rows[0].version
        found.append(
            Version(
                version.version,
                version.valid_from,
                end,
                tuple(Code(one.code, one.label_nl, one.label_en, one.counts_as) for one in rows),
                version.reason,
                version.actor_label,
            )
        )
    return tuple(found)


@cache
def delivered_codes(key: str) -> tuple[Code, ...]:
    """The codes of version 1 in both languages."""
    return tuple(
        Code(str(value), _in_language("nl", label), _in_language("en", label))
        for value, label in list_named(key).delivered.choices
    )


def _in_language(language: str, label: object) -> str:
    with translation.override(language):
        return str(label)
