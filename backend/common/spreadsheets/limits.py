"""How much a spreadsheet may ask of the server."""

from dataclasses import dataclass

from django.conf import settings

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bounds of one file; the defaults hold a season of the largest school many times over."""

    # Set by PASSEND_SPREADSHEET_MB. 100,000 rows of a catalogue are 6 MB as XLSX, 15 MB as CSV.
    file_bytes: int
    # All parts of an XLSX together, unpacked; a zip bomb is found before it is unpacked further.
    unpacked_bytes: int = 200 * MEGABYTE
    parts: int = 1_000
    rows: int = 100_000
    columns: int = 200
    # A worksheet is read as a rectangle: one cell far away would make all between it real.
    cells: int = 5_000_000
    # A person reads the first ones, corrects, and checks again.
    faults: int = 1_000


LIMITS = Limits(file_bytes=settings.SPREADSHEET_MB * MEGABYTE)
