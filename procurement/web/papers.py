"""A contract as a document: an accessible PDF, and a workbook with one sheet per part."""

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import typst
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from openpyxl import Workbook

from backend.common import clock
from backend.web.exports import FORMULA_STARTS, XLSX_TYPE
from backend.web.tables import Table
from backend.web.values import Plain, day_text, plain, text_of
from procurement.web.common import Section
from procurement.web.contract_page import BUILDERS, ContractPage
from procurement.web.lot_sections import lots_of

TEMPLATE = Path(__file__).resolve().parent.parent / "papers" / "contract.typ"
SHEET_NAME_LENGTH = 31
FORBIDDEN = frozenset("[]:*?/\\")


class _Paper(ContractPage):
    """The parts of the page of a contract, for whoever may see that page, without its buttons."""

    def parts(self) -> list[Section]:
        lots = list(lots_of(self.object))
        found = []
        for build in BUILDERS:
            section = build(self.object, lots, False)
            found += [section, *section.parts]
        return [one for one in found if one.tables or one.facts]

    def answer(self, content: bytes, content_type: str, ending: str) -> HttpResponse:
        response = HttpResponse(content, content_type=content_type)
        number = "".join(one if one.isalnum() else "-" for one in self.object.number)
        name = f"contract-{number}-{clock.today().isoformat()}.{ending}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


class ContractPdf(_Paper):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        return self.answer(self._pdf(), "application/pdf", "pdf")

    def _pdf(self) -> bytes:
        """A tagged PDF (PDF/UA-1). All texts travel as data, so none of them is read as markup."""
        data = {
            "title": str(self.get_title()),
            "language": translation.get_language() or "nl",
            "made": _("Made with Passend on %(day)s") % {"day": day_text(clock.today())},
            "page": _("Page"),
            "facts": [[str(one.term), text_of(one.value)] for one in self.get_facts()],
            "sections": [_section(one) for one in self.parts()],
        }
        found: Any = typst.compile(
            TEMPLATE.read_bytes(),
            format="pdf",
            pdf_standards="ua-1",
            ignore_system_fonts=True,
            sys_inputs={"data": orjson.dumps(data).decode()},
        )
        return bytes(found)


class ContractXlsx(_Paper):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        book = Workbook()
        book.remove(book.active)  # type: ignore[arg-type]
        facts = [[str(one.term), plain(one.value)] for one in self.get_facts()]
        _fill(book, _("Contract"), [[_("Contract"), str(self.get_title())], *facts])
        for one in self.parts():
            rows: list[list[Plain]] = [[str(f.term), plain(f.value)] for f in one.facts]
            for table in one.tables:
                rows += [[], [str(table.caption)], *_rows(table)]
            _fill(book, str(one.title), rows)
        stream = BytesIO()
        book.save(stream)
        return self.answer(stream.getvalue(), XLSX_TYPE, "xlsx")


def _section(one: Section) -> dict[str, Any]:
    return {
        "title": str(one.title),
        "facts": [[str(f.term), text_of(f.value)] for f in one.facts],
        "tables": [
            {
                "caption": str(table.caption),
                "empty": str(table.empty),
                "headings": [str(one.column.label) for one in table.headings],
                "rows": [[text_of(cell.value) for cell in row] for row in table.rows],
            }
            for table in one.tables
        ],
    }


def _rows(table: Table) -> list[list[Plain]]:
    """Headings and plain values of a table, or nothing when it is empty."""
    if not table.rows:
        return []
    headings: list[Plain] = [str(one.column.label) for one in table.headings]
    return [headings, *[[plain(cell.value) for cell in row] for row in table.rows]]


def _fill(book: Workbook, title: str, rows: list[list[Plain]]) -> None:
    """A sheet with these rows; no text in it can start a formula."""
    allowed = "".join(" " if one in FORBIDDEN else one for one in title)[:SHEET_NAME_LENGTH]
    sheet = book.create_sheet(allowed)
    for row in rows:
        sheet.append([_cell(value) for value in row])


def _cell(value: Plain) -> Plain:
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    if isinstance(value, datetime):
        return value.astimezone(clock.NETHERLANDS).replace(tzinfo=None)
    return value
