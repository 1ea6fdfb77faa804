"""Tables that people fill in: one declaration gives template, export, check and explanation.

Promise: what `write_xlsx` and `write_csv` write, `read_tables` reads back as the same values.
Reading never raises for what is wrong in a row: it gathers every fault with its place, its
sentence and its advice. A file that cannot be read at all raises UnreadableFileError. Memory is
bounded (LIMITS).

    COURSES = Sheet("courses", _("Courses"), (
        Column("code", _("Course code"), TextKind(40), key=True),
        Column("component", _("Component"), CodeKind(Component.choices), required=True),
        Column("hours", _("Hours per week"), AmountKind(decimals=1, least=0)),
    ))
    file = read_tables(content, [COURSES])
    if file.faults: ...                       # or as_violations(file.faults)
    for row in file.table("courses").rows: row.number, row.values["code"]
    write_xlsx([(COURSES, rows)])             # rows: mappings with the same names
"""

from backend.common.spreadsheets.cells import CellError
from backend.common.spreadsheets.columns import Column, Sheet
from backend.common.spreadsheets.faults import Fault, UnreadableFileError, as_violations
from backend.common.spreadsheets.kinds import (
    AmountKind,
    CodeKind,
    CodesKind,
    DayKind,
    FlagKind,
    Kind,
    TextKind,
    WholeKind,
)
from backend.common.spreadsheets.limits import LIMITS, Limits
from backend.common.spreadsheets.reading import (
    Listener,
    ReadFile,
    Row,
    Table,
    Watch,
    check_size,
    ignore_progress,
    megabytes,
    read_tables,
)
from backend.common.spreadsheets.writing import CSV_TYPE, XLSX_TYPE, write_csv, write_xlsx

__all__ = [
    "CSV_TYPE",
    "LIMITS",
    "XLSX_TYPE",
    "AmountKind",
    "CellError",
    "CodeKind",
    "CodesKind",
    "Column",
    "DayKind",
    "Fault",
    "FlagKind",
    "Kind",
    "Limits",
    "Listener",
    "ReadFile",
    "Row",
    "Sheet",
    "Table",
    "TextKind",
    "UnreadableFileError",
    "Watch",
    "WholeKind",
    "as_violations",
    "check_size",
    "ignore_progress",
    "megabytes",
    "read_tables",
    "write_csv",
    "write_xlsx",
]
