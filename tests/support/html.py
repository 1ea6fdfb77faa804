"""What a page says, read from its HTML with the standard library."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.http import HttpResponse


@dataclass
class Link:
    href: str
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.links: list[Link] = []
        self.ids: set[str] = set()
        self._cells: list[str] | None = None
        self._link: Link | None = None
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.ids.add(attributes.get("id", ""))
        if tag == "tr":
            self._cells = []
        if tag in {"td", "th"} and self._cells is not None:
            self._cells.append("")
            self._in_cell = True
        if tag == "a":
            self._link = Link(attributes.get("href", ""), attributes=attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag == "tr" and self._cells is not None:
            self.rows.append([" ".join(cell.split()) for cell in self._cells])
            self._cells = None
        if tag in {"td", "th"}:
            self._in_cell = False
        if tag == "a" and self._link is not None:
            self._link.text = " ".join(self._link.text.split())
            self.links.append(self._link)
            self._link = None

    def handle_data(self, data: str) -> None:
        if self._in_cell and self._cells:
            self._cells[-1] += data
        if self._link is not None:
            self._link.text += data


def _read(response: HttpResponse) -> _Reader:
    reader = _Reader()
    reader.feed(response.content.decode())
    return reader


def table_rows(response: HttpResponse) -> list[list[str]]:
    """The rows of all tables on the page as texts, without the headings."""
    return _read(response).rows[1:]


def links(response: HttpResponse) -> list[Link]:
    return _read(response).links


def ids(response: HttpResponse) -> set[str]:
    return _read(response).ids
