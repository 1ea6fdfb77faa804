"""Tables as declarations: columns say what they show, how they sort and what they export."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.safestring import SafeString

from backend.web.values import Link, Plain, Text, Value, plain, show

Getter = Callable[[Any], Value]
# A reference or number such as D-2026-10-0200: one short word in parts, with a digit.
CODE = re.compile(r"(?=.{3,20}$)(?=.*\d)\w+(-\w+)+")


@dataclass(frozen=True)
class Column:
    """One column of a table.

    `value` is a function of the row or a dotted attribute path; `sort` names the fields behind a
    sort link (none: the column cannot be sorted); `export` replaces the column in a download. What
    is `whole` stays on one line, and the table scrolls sideways where it must.
    """

    key: str
    label: Text
    value: Getter | str
    sort: Sequence[str] = ()
    numeric: bool = False
    export: Sequence[tuple[Text, Getter | str]] | None = None
    screen: bool = True
    header: bool = False
    whole: bool = False

    def read(self, row: Any) -> Value:
        return read(row, self.value)

    def exported(self) -> Sequence[tuple[Text, Getter | str]]:
        return ((self.label, self.value),) if self.export is None else self.export


def read(row: Any, getter: Getter | str) -> Value:
    """The value of a row: through the function, or along the dotted path (None ends it)."""
    if callable(getter):
        return getter(row)
    value = row
    for part in getter.split("."):
        if value is None:
            return None
        value = getattr(value, part)
        if callable(value):
            value = value()
    result: Value = value
    return result


@dataclass(frozen=True)
class Heading:
    column: Column
    url: str = ""
    direction: str = ""

    @property
    def aria_sort(self) -> str:
        return {"asc": "ascending", "desc": "descending"}.get(self.direction, "")


@dataclass(frozen=True)
class Cell:
    column: Column
    content: SafeString
    # What the content was made of, for a document or workbook with the same table.
    value: Value = None

    @property
    def whole(self) -> bool:
        """Stays on one line: what its column says does, and every code; half a number is none."""
        text = self.value.text if isinstance(self.value, Link) else self.value
        return self.column.whole or (isinstance(text, str) and CODE.match(text) is not None)


@dataclass(frozen=True)
class Table:
    """A table ready to be shown with `{% table table %}`."""

    headings: Sequence[Heading]
    rows: Sequence[Sequence[Cell]]
    caption: Text = ""
    empty: Text = ""
    caption_visible: bool = field(default=False)


def table_of(
    columns: Sequence[Column],
    objects: Iterable[Any],
    *,
    caption: Text,
    caption_visible: bool = False,
    headings: Sequence[Heading] | None = None,
    empty: Text = "",
) -> Table:
    """A table of `objects`; without `headings` it cannot be sorted."""
    shown = [column for column in columns if column.screen]
    return Table(
        headings=headings or [Heading(column) for column in shown],
        rows=[[_cell(column, row) for column in shown] for row in objects],
        caption=caption,
        caption_visible=caption_visible,
        empty=empty,
    )


def _cell(column: Column, row: Any) -> Cell:
    value = column.read(row)
    return Cell(column, show(value), value)


@dataclass(frozen=True)
class Sorting:
    """The order in force: a column of the whitelist and a direction."""

    column: Column
    descending: bool = False

    @property
    def token(self) -> str:
        return f"-{self.column.key}" if self.descending else self.column.key

    def order_by(self) -> list[str]:
        """Field names for `order_by`, ending in the key: pages never overlap or skip a row."""
        names = [_flipped(name) if self.descending else name for name in self.column.sort]
        return [*names, "pk"]


def _flipped(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def sorting_of(columns: Sequence[Column], token: str) -> Sorting | None:
    """The sorting that a `sort` key asks for; None when the column is not in the whitelist."""
    key = token.removeprefix("-")
    for column in columns:
        if column.key == key and column.sort:
            return Sorting(column, descending=token.startswith("-"))
    return None


def headings_of(columns: Sequence[Column], sorting: Sorting, query: QueryDict) -> list[Heading]:
    """Column headings with a link that sorts by the column, or turns the order around."""
    headings = []
    for column in columns:
        if not column.screen:
            continue
        if not column.sort:
            headings.append(Heading(column))
            continue
        current = column.key == sorting.column.key
        turned = current and not sorting.descending
        parameters = query.copy()
        parameters["sort"] = f"-{column.key}" if turned else column.key
        parameters.pop("page", None)
        direction = ("desc" if sorting.descending else "asc") if current else ""
        headings.append(Heading(column, f"?{parameters.urlencode()}", direction))
    return headings


def export_rows(columns: Sequence[Column], objects: Iterable[Any]) -> Iterable[list[Plain]]:
    """The rows of a download: first the headings, then one list of plain values per object."""
    parts = [part for column in columns for part in column.exported()]
    yield [str(label) for label, _getter in parts]
    for row in objects:
        yield [plain(read(row, getter)) for _label, getter in parts]
