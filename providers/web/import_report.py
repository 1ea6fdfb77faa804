"""How the report on a spreadsheet reads on screen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Lines, Link, Tone, Value, show
from providers.choices import ImportState
from providers.models import CatalogueImport
from providers.spreadsheets.plan import ACTIONS, CHANGED, NEW, REMOVED
from providers.spreadsheets.sheets import ENTITY_BY_NAME

ACTION_TONES: dict[str, Tone] = {NEW: "success", CHANGED: "info", REMOVED: "warning"}
PAGES = {
    "courses": "course",
    "groups": "course-group",
    "intake_moments": "intake-moment",
}


@dataclass(frozen=True)
class ChangeRow:
    """One change as cells, and the name of its box to leave it as it is."""

    sheet: str
    row: str
    action: str
    key: str
    cells: str
    label: str
    mark: str
    can_skip: bool


def faults_table(report: CatalogueImport) -> Table:
    return table_of(
        (
            Column("sheet", _("Sheet"), lambda one: one["sheet"]),
            Column("row", _("Row"), lambda one: one["row"] or None, numeric=True),
            Column("column", _("Column"), _column_text),
            Column("value", _("In the file"), lambda one: one["value"]),
            Column("text", _("What is wrong"), lambda one: one["message"], header=True),
            Column("advice", _("What to do"), lambda one: one["advice"]),
        ),
        report.faults,
        caption=_("Mistakes in this file"),
    )


def _column_text(fault: Mapping[str, Any]) -> str:
    if fault["column"] and fault["cell"]:
        return f"{fault['column']} ({fault['cell']})"
    return str(fault["column"] or fault["cell"])


def counts_table(report: CatalogueImport) -> Table:
    """How many rows of each sheet are new, changed, missing and equal."""
    return table_of(
        (
            Column("sheet", _("Sheet"), lambda one: one[0], header=True),
            Column("new", _("New"), lambda one: one[1]["new"], numeric=True),
            Column("changed", _("Changed"), lambda one: one[1]["changed"], numeric=True),
            Column("removed", _("Not in the file"), lambda one: one[1]["removed"], numeric=True),
            Column("unchanged", _("Unchanged"), lambda one: one[1]["unchanged"], numeric=True),
        ),
        [(ENTITY_BY_NAME[name].sheet.title(), one) for name, one in report.counts.items()],
        caption=_("What this file contains"),
        caption_visible=True,
    )


def total(report: CatalogueImport, action: str) -> int:
    return sum(one.get(action, 0) for one in report.counts.values())


def total_changes(report: CatalogueImport) -> int:
    return sum(total(report, action) for action in ACTIONS)


def change_rows(report: CatalogueImport) -> list[ChangeRow]:
    return [_change_row(report, one) for one in report.preview]


def _change_row(report: CatalogueImport, change: Mapping[str, Any]) -> ChangeRow:
    entity = ENTITY_BY_NAME[change["sheet"]]
    key = " / ".join(str(part) for part in change["key"])
    names = {
        NEW: _("New"),
        CHANGED: _("Changed"),
        REMOVED: _("Not in the file"),
    }
    lines = [_cell_text(change, one) for one in change["cells"] if _is_shown(change, one)]
    if change["taken"]:
        lines.append(_("%(count)s people have a seat here.") % {"count": change["taken"]})
    return ChangeRow(
        sheet=entity.sheet.title(),
        row=str(change["row"] or ""),
        action=show(Badge(names[change["action"]], ACTION_TONES[change["action"]])),
        key=show(_key_value(report, change, key)),
        cells=show(Lines(tuple(lines))),
        label=_("Leave %(sheet)s %(key)s as it is") % {"sheet": entity.sheet.title(), "key": key},
        mark=change["mark"],
        can_skip=change["action"] == CHANGED and report.state == ImportState.CHECKED,
    )


def _is_shown(change: Mapping[str, Any], cell: Mapping[str, Any]) -> bool:
    """Of a new row only what has been filled in, and not its key again."""
    if change["action"] != NEW:
        return True
    column = ENTITY_BY_NAME[change["sheet"]].sheet.by_name[cell["column"]]
    return not column.key and cell["after"] not in (None, "", [])


def _cell_text(change: Mapping[str, Any], cell: Mapping[str, Any]) -> str:
    column = ENTITY_BY_NAME[change["sheet"]].sheet.by_name[cell["column"]]
    after = _shown(column, cell["after"])
    if change["action"] == NEW:
        return f"{column.label}: {after}"
    return f"{column.label}: {_shown(column, cell['before'])} → {after}"


def _shown(column: Any, value: Any) -> str:
    text = None if value in (None, "", []) else column.kind.show(value)
    return _("empty") if text is None else str(text)


def _key_value(report: CatalogueImport, change: Mapping[str, Any], key: str) -> Value:
    """The key, as a link once the row exists."""
    page = PAGES.get(change["sheet"])
    exists = change["action"] != NEW or report.state == ImportState.PUBLISHED
    if page is None or not exists or not change["id"]:
        return key
    try:
        return Link(key, reverse(page, args=[change["id"]]))
    except NoReverseMatch:
        return key
