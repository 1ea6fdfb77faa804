"""The catalogue as a file that can be edited and uploaded again."""

from collections.abc import Iterable

from backend.common import clock
from backend.common.spreadsheets import Sheet, write_csv, write_xlsx
from providers.choices import IntakeStatus
from providers.models import Provider
from providers.spreadsheets import known
from providers.spreadsheets.known import Known, KnownRow
from providers.spreadsheets.sheets import SHEETS


def catalogue_workbook(provider: Provider) -> bytes:
    """A workbook with a sheet per kind of row, prefilled with what is offered now."""
    now = known.load(provider, clock.today())
    return write_xlsx([(sheet, _rows(now, sheet)) for sheet in SHEETS])


def catalogue_csv(provider: Provider, sheet: Sheet) -> bytes:
    """One sheet of the workbook as CSV."""
    return write_csv(sheet, _rows(known.load(provider, clock.today()), sheet))


def _rows(now: Known, sheet: Sheet) -> list[dict[str, object]]:
    """Rows in the order of their keys; starts that were cancelled stay away."""
    rows: Iterable[KnownRow] = now.keys(sheet.name).values()
    kept = [row.values for row in rows if row.values.get("status") != IntakeStatus.CANCELLED]
    return sorted(kept, key=lambda values: tuple(values[name] for name in sheet.key_names))
