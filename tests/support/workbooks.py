"""Spreadsheets as people make them: opened, edited and saved with another program."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook


class Edited:
    """A workbook that is changed by headings and keys, and saved again."""

    def __init__(self, content: bytes) -> None:
        self.book = load_workbook(BytesIO(content))

    def sheet(self, title: str) -> Any:
        return self.book[title]

    def headings(self, title: str) -> list[str]:
        return [cell.value for cell in self.sheet(title)[1]]

    def column(self, title: str, heading: str) -> int:
        return self.headings(title).index(heading) + 1

    def set(self, title: str, row: int, heading: str, value: Any) -> "Edited":
        self.sheet(title).cell(row, self.column(title, heading)).value = value
        return self

    def get(self, title: str, row: int, heading: str) -> Any:
        return self.sheet(title).cell(row, self.column(title, heading)).value

    def add(self, title: str, **values: Any) -> int:
        """A row with values by heading (spaces as underscores); its number."""
        sheet = self.sheet(title)
        number = sheet.max_row + 1
        for heading, value in values.items():
            sheet.cell(number, self.column(title, heading.replace("_", " "))).value = value
        return number

    def remove_row(self, title: str, row: int) -> "Edited":
        self.sheet(title).delete_rows(row)
        return self

    def save(self) -> bytes:
        stream = BytesIO()
        self.book.save(stream)
        return stream.getvalue()


def workbook(rows: Sequence[Sequence[Any]], title: str = "Sheet") -> bytes:
    """One sheet with these rows."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()
