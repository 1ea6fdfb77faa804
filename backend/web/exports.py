"""Downloads of tables as CSV and XLSX in which no cell can start a formula."""

import csv
from collections.abc import Iterable
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from backend.common.clock import NETHERLANDS
from backend.web.values import Plain

FORMATS = ("csv", "xlsx")
# A spreadsheet runs a text that starts with one of these (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export_response(
    rows: Iterable[list[Plain]], *, file_name: str, file_format: str
) -> HttpResponse:
    """A download of `rows`; the first row holds the headings."""
    content, content_type = (
        (_xlsx(rows), XLSX_TYPE)
        if file_format == "xlsx"
        else (_csv(rows), "text/csv; charset=utf-8")
    )
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{file_name}.{file_format}"'
    return response


def _csv(rows: Iterable[list[Plain]]) -> bytes:
    """Semicolons and a byte-order mark: a Dutch spreadsheet program opens it without questions."""
    stream = StringIO()
    writer = csv.writer(stream, delimiter=";")
    for row in rows:
        writer.writerow([_csv_cell(value) for value in row])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _csv_cell(value: Plain) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(NETHERLANDS).isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return str(value)


def _xlsx(rows: Iterable[list[Plain]]) -> bytes:
    book = Workbook(write_only=True)
    sheet: WriteOnlyWorksheet = book.create_sheet("Passend")
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([_xlsx_cell(sheet, value) for value in row])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _xlsx_cell(sheet: WriteOnlyWorksheet, value: Any) -> Any:
    if isinstance(value, datetime):
        # A worksheet has no time zones: the Dutch wall clock is meant.
        value = value.astimezone(NETHERLANDS).replace(tzinfo=None)
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell
