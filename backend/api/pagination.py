"""Pages of a list: bounded, in a total order, with links and the total in headers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.api.problems import Fault

PAGE_KEY = "page"
SIZE_KEY = "pageSize"
SORT_KEY = "sort"
DEFAULT_PAGE_SIZE = 50
# A screen never shows more; a nightly exchange may ask for five times that (performance.md).
MAX_PAGE_SIZE = 100
MAX_CLIENT_PAGE_SIZE = 500
# Rows before the wanted page are read and thrown away; whoever needs more narrows the filter.
MAX_OFFSET = 1_000_000
# Up to here skipping rows costs less than counting first.
NEAR = 5_000


@dataclass(frozen=True)
class PageRequest:
    number: int
    size: int

    @property
    def start(self) -> int:
        return (self.number - 1) * self.size


@dataclass(frozen=True)
class Page:
    """One page with what is needed to find the others."""

    items: Sequence[Mapping[str, Any]]
    request: PageRequest
    total: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.request.size))

    def body(self) -> dict[str, Any]:
        return {
            "items": self.items,
            "page": self.request.number,
            "pageSize": self.request.size,
            "total": self.total,
        }

    def headers(self, url: str, parameters: Mapping[str, str]) -> dict[str, str]:
        """`Link` (RFC 8288) to the first, previous, next and last page, and `Total-Count`."""
        numbers = {"first": 1, "last": self.last}
        if self.request.number > 1:
            numbers["prev"] = min(self.request.number - 1, self.last)
        if self.request.number < self.last:
            numbers["next"] = self.request.number + 1
        others = {key: value for key, value in parameters.items() if key != PAGE_KEY}
        asked = f"{url}?{urlencode({**others, PAGE_KEY: ''})}"
        links = [f'<{asked}{number}>; rel="{name}"' for name, number in numbers.items()]
        return {"Link": ", ".join(links), "Total-Count": str(self.total)}


def read_page_request(
    parameters: Mapping[str, str], actor: Actor, faults: list[Fault]
) -> PageRequest:
    """The wanted page; numbers outside the bounds go to `faults`."""
    largest = MAX_CLIENT_PAGE_SIZE if actor.kind == "client" else MAX_PAGE_SIZE
    size = _number(parameters, SIZE_KEY, DEFAULT_PAGE_SIZE, largest, faults)
    number = _number(parameters, PAGE_KEY, 1, MAX_OFFSET // size, faults)
    return PageRequest(number, size)


def _number(
    parameters: Mapping[str, str], key: str, default: int, largest: int, faults: list[Fault]
) -> int:
    text = parameters.get(key)
    if text is None:
        return default
    if text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= largest:
        return int(text)
    message = _("Use a whole number from 1 to %(largest)s.") % {"largest": largest}
    faults.append(Fault(key, "out_of_range", message))
    return default


def read_ordering(
    parameters: Mapping[str, str],
    sortable: Mapping[str, str],
    default: Sequence[str],
    faults: list[Fault],
) -> tuple[str, ...]:
    """Model paths to order by, always ending in the key so that no row is shown twice or never."""
    ordering: list[str] = []
    for part in parameters.get(SORT_KEY, "").split(",") if SORT_KEY in parameters else ():
        key = part.strip()
        path = sortable.get(key.removeprefix("-"))
        if path is None:
            message = _("You cannot sort on this. Choose from: %(keys)s.") % {
                "keys": ", ".join(sorted(sortable))
            }
            faults.append(Fault(SORT_KEY, "unknown_sort", message))
            continue
        ordering.append(f"-{path}" if key.startswith("-") else path)
    return (*(ordering or default), "pk")


def far_page(
    rows: Callable[[models.QuerySet[Any]], list[Any]],
    queryset: models.QuerySet[Any],
    ordering: Sequence[str],
    request: PageRequest,
    total: int,
) -> list[Any]:
    """The rows of a page far from the start, read from the nearest end and by key first.

    So the last page costs what the first one costs, and nothing is computed for rows that are only
    skipped.
    """
    start, stop = request.start, min(request.start + request.size, total)
    if start >= stop:
        return []
    if total - stop < start:
        # Turning every part around mirrors the order: PostgreSQL turns the place of null as well.
        mirrored = queryset.order_by(*(_turned(name) for name in ordering))
        window = mirrored[total - stop : total - start]
    else:
        window = queryset.order_by(*ordering)[start:stop]
    keys = list(window.values_list("pk", flat=True))
    return rows(queryset.filter(pk__in=keys).order_by(*ordering))


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def known_total(request: PageRequest, found: int) -> int | None:
    """All rows, where the page itself tells; None when they have to be counted."""
    if 0 < found < request.size or (found == 0 and request.number == 1):
        return request.start + found
    return None


def sort_schema(sortable: Mapping[str, str]) -> dict[str, Any]:
    keys = [key for name in sorted(sortable) for key in (name, f"-{name}")]
    return {"type": "array", "items": {"type": "string", "enum": keys}, "minItems": 1}
