"""Importer of the GeoNames postal-code file of the Netherlands (NL.txt, tab separated, no header).

Two phases: `check` reads everything and names every fault with its line; `postcodes_import` writes
all rows or none. The same file twice changes nothing the second time.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from backend.audit import public as audit
from backend.common.errors import NotAllowedError, Violation
from backend.organisations.errors import PostcodeFileError
from backend.organisations.models import Postcode4
from backend.organisations.services import Rights

# Columns of the file, from the readme that GeoNames publishes beside it.
COLUMNS = 12
COUNTRY, POSTCODE, PLACE, MUNICIPALITY_CODE, LATITUDE, LONGITUDE = 0, 1, 2, 6, 9, 10
PC4 = re.compile(r"^[1-9][0-9]{3}$")
CBS_CODE = re.compile(r"^([0-9]{4})?$")
# The European Netherlands with a margin; a swapped pair of coordinates falls outside.
LATITUDES = (50.5, 53.8)
LONGITUDES = (3.1, 7.4)
LONGEST_PLACE = 100


@dataclass(frozen=True)
class PostcodeRow:
    pc4: str
    place: str
    municipality_code: str
    latitude: float
    longitude: float


@dataclass
class PostcodeCheck:
    """What a file contains: rows to write, faults by line, and how many lines shared a postcode."""

    rows: dict[str, PostcodeRow] = field(default_factory=dict)
    faults: list[Violation] = field(default_factory=list)
    shared: int = 0


@dataclass(frozen=True)
class PostcodeResult:
    created: int
    changed: int
    unchanged: int


def check(lines: Iterable[str]) -> PostcodeCheck:
    """Reads all lines and finds all faults. The first line of a postcode counts, others are shared.

    Several places can share four digits; their centres lie close together.
    """
    found = PostcodeCheck()
    for number, line in enumerate(lines, start=1):
        text = line.rstrip("\r\n")
        if not text.strip():
            continue
        cells = text.split("\t")
        if len(cells) not in {COLUMNS, COLUMNS - 1}:
            found.faults.append(
                _fault(number, "", "column_count", _("Expected 12 columns, separated by tabs."))
            )
            continue
        faults = list(_row_faults(number, cells))
        found.faults.extend(faults)
        if faults:
            continue
        if cells[POSTCODE] in found.rows:
            found.shared += 1
            continue
        found.rows[cells[POSTCODE]] = PostcodeRow(
            pc4=cells[POSTCODE],
            place=cells[PLACE].strip(),
            municipality_code=cells[MUNICIPALITY_CODE],
            latitude=float(cells[LATITUDE]),
            longitude=float(cells[LONGITUDE]),
        )
    if not found.rows and not found.faults:
        found.faults.append(_fault(1, "", "empty_file", _("The file contains no postcodes.")))
    return found


@transaction.atomic
def postcodes_import(*, actor: Rights, lines: Iterable[str]) -> PostcodeResult:
    """Writes all postcodes of the file, or raises PostcodeFileError with every fault.

    Postcodes that the file lacks stay: an older file takes nothing away.
    """
    if actor.kind != "system":
        raise NotAllowedError
    checked = check(lines)
    if checked.faults:
        raise PostcodeFileError(violations=checked.faults)
    names = ("pc4", "place", "municipality_code", "latitude", "longitude")
    # One import at a time: two at once would count the same rows as new.
    with connection.cursor() as cursor:
        cursor.execute("lock table organisations_postcode4 in share row exclusive mode")
    existing = {row[0]: row for row in Postcode4.objects.values_list(*names)}
    wanted = {pc4: tuple(getattr(row, name) for name in names) for pc4, row in checked.rows.items()}
    new = [row for pc4, row in wanted.items() if pc4 not in existing]
    different = [row for pc4, row in wanted.items() if pc4 in existing and existing[pc4] != row]
    Postcode4.objects.bulk_create(
        [Postcode4(**dict(zip(names, row, strict=True))) for row in new + different],
        update_conflicts=True,
        unique_fields=["pc4"],
        update_fields=names[1:],
        batch_size=5000,
    )
    if new or different:
        audit.record(
            actor=actor,
            action="postcodes.imported",
            subject=Postcode4(),
            after={"created": len(new), "changed": len(different)},
        )
    return PostcodeResult(len(new), len(different), len(wanted) - len(new) - len(different))


def _row_faults(number: int, cells: list[str]) -> Iterable[Violation]:
    if cells[COUNTRY] != "NL":
        yield _fault(number, "country", "not_netherlands", _("Only lines of the Netherlands (NL)."))
    if not PC4.match(cells[POSTCODE]):
        yield _fault(number, "postcode", "postcode_form", _("A postcode has four digits."))
    if not 0 < len(cells[PLACE].strip()) <= LONGEST_PLACE or "\x00" in cells[PLACE]:
        yield _fault(number, "place", "place_missing", _("Give a place of at most 100 characters."))
    if not CBS_CODE.match(cells[MUNICIPALITY_CODE]):
        yield _fault(
            number, "municipality", "municipality_code_form", _("A CBS code has four digits.")
        )
    for name, column, bounds in (
        ("latitude", LATITUDE, LATITUDES),
        ("longitude", LONGITUDE, LONGITUDES),
    ):
        if not _within(cells[column], bounds):
            yield _fault(
                number, name, "coordinate_outside", _("This point is not in the Netherlands.")
            )


def _within(text: str, bounds: tuple[float, float]) -> bool:
    try:
        return bounds[0] <= float(text) <= bounds[1]
    except ValueError:
        return False


def _fault(number: int, column: str, code: str, message: object) -> Violation:
    where = f"line {number}.{column}" if column else f"line {number}"
    return Violation(field=where, code=code, message=message)  # type: ignore[arg-type]
