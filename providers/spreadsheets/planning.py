"""Compares a file with the catalogue: what is new, changed, missing or wrong. Writes nothing."""

from datetime import date
from decimal import Decimal
from typing import Any

from backend.common.spreadsheets import (
    Fault,
    Listener,
    ReadFile,
    Row,
    Table,
    Watch,
    ignore_progress,
)
from backend.organisations.choices import OrganisationKind
from backend.organisations.models import Organisation
from backend.organisations.selectors import coordinates_by_postcode
from providers.choices import COMPONENT_KINDS, LANGUAGE_KINDS, IntakeStatus
from providers.models import CourseGroup, Provider
from providers.selectors.teachers import GroupLimits, group_limits
from providers.spreadsheets import checking
from providers.spreadsheets.checking import Surroundings, Values
from providers.spreadsheets.known import Key, Known, KnownRow
from providers.spreadsheets.plan import CHANGED, NEW, REMOVED, UNCHANGED, Change, Plan
from providers.spreadsheets.sheets import ENTITIES, Entity

# What a start becomes that is missing in the file. Closing can be undone; a draft has nobody.
REMOVED_STATUS = {
    IntakeStatus.PUBLISHED: IntakeStatus.CLOSED,
    IntakeStatus.DRAFT: IntakeStatus.CANCELLED,
}


def first_day(file: ReadFile, today: date) -> date:
    """Since when intake moments matter: from today, or from the earliest start in the file."""
    table = file.table("intake_moments")
    days = [row.values["start_date"] for row in table.rows] if table else []
    return min([today, *days])


def make_plan(
    provider: Provider,
    file: ReadFile,
    known: Known,
    today: date,
    listen: Listener = ignore_progress,
) -> Plan:
    """The changes of all sheets, with every fault of every row.

    `listen` hears how many rows have been compared, and of how many.
    """
    plan = Plan(faults=list(file.faults))
    around = _surroundings(provider, file, known, today)
    done, total = 0, sum(len(table.rows) for table in file.tables.values())
    for entity in ENTITIES:
        table = file.table(entity.name)
        if table is None:
            continue
        rows = known.keys(entity.name)
        named = _plan_rows(plan, entity, table, rows, around, Watch(listen, done, total))
        done += len(table.rows)
        _plan_missing(plan, entity, rows, named, today)
    return plan


def _plan_rows(
    plan: Plan,
    entity: Entity,
    table: Table,
    rows: dict[Key, KnownRow],
    around: Surroundings,
    watch: Watch,
) -> set[Key]:
    names = entity.sheet.key_names
    compared = [
        column.name
        for column in entity.sheet.columns
        if not column.key and not column.read_only
    ]  # fmt: skip
    empty = {column.name: column.empty for column in entity.sheet.columns if not column.read_only}
    named = set()
    tally = {NEW: 0, CHANGED: 0, UNCHANGED: 0}
    for row in watch.over(table.rows):
        key = tuple([row.values[name] for name in names])
        named.add(key)
        old = rows.get(key)
        values = {**(empty if old is None else old.values), **row.values}
        if entity.name == "courses":
            _derive_component(values)
        differing = () if old is None else _differing(compared, old.values, values)
        if old is not None and not differing:
            tally[UNCHANGED] += 1
            continue
        faults = _check(entity, row, values, table, around, old)
        if faults:
            plan.faults += faults
            continue
        if old is None:
            tally[NEW] += 1
            plan.changes.append(Change(entity.name, NEW, row.number, list(key), values))
            continue
        differing = _differing(compared, old.values, values)
        if not differing:
            tally[UNCHANGED] += 1
            continue
        tally[CHANGED] += 1
        plan.changes.append(_changed(entity, row.number, key, values, old, differing))
    for action, number in tally.items():
        plan.count(entity.name, action, number)
    return named


def _differing(names: list[str], old: Values, new: Values) -> list[str]:
    return [name for name in names if old[name] != new[name]]


def _changed(
    entity: Entity, number: int, key: Key, values: Values, old: KnownRow, names: list[str]
) -> Change:
    after = {name: values[name] for name in names}
    if "municipality" in after:
        after["municipality_id"] = values["municipality_id"]
    ends = after.get("status") in (IntakeStatus.CLOSED, IntakeStatus.CANCELLED)
    return Change(
        entity.name,
        CHANGED,
        number,
        list(key),
        after,
        {name: old.values[name] for name in names},
        old.pk,
        str(old.uuid),
        old.values["seats_taken"] if ends else 0,
    )


def _check(
    entity: Entity,
    row: Row,
    values: Values,
    table: Table,
    around: Surroundings,
    old: KnownRow | None,
) -> list[Fault]:
    if entity.name == "intake_moments":
        return checking.check_intake(row.number, values, table, around, old)
    if entity.name == "courses":
        return checking.check_course(row.number, values, table, old)
    check = {
        "locations": checking.check_location,
        "groups": checking.check_group,
    }[entity.name]
    return check(row.number, values, table, around)


def _derive_component(values: Values) -> None:
    """An empty component is what the kind says (see CourseKind)."""
    if not values["component"] and values["kind"] in COMPONENT_KINDS:
        values["component"] = values["kind"]


def _plan_missing(
    plan: Plan, entity: Entity, rows: dict[Key, KnownRow], named: set[Key], today: date
) -> None:
    """Courses leave the offer and starts are closed; locations and groups stay."""
    for key, old in rows.items():
        if key in named:
            continue
        after = _after_removal(entity, old, today)
        if not after:
            continue
        plan.count(entity.name, REMOVED)
        plan.changes.append(
            Change(
                entity.name,
                REMOVED,
                0,
                list(key),
                after,
                {name: old.values[name] for name in after},
                old.pk,
                str(old.uuid),
                old.values.get("seats_taken", 0),
            )
        )


def _after_removal(entity: Entity, old: KnownRow, today: date) -> dict[str, Any]:
    if entity.name == "courses" and old.values["is_active"]:
        return {"is_active": False}
    if entity.name == "intake_moments" and old.values["start_date"] >= today:
        status = REMOVED_STATUS.get(old.values["status"])
        return {"status": status.value} if status else {}
    return {}


def _surroundings(provider: Provider, file: ReadFile, known: Known, today: date) -> Surroundings:
    around = Surroundings(provider=provider, today=today)
    for name in ("locations", "courses"):
        getattr(around, name).update(code for (code,) in known.keys(name))
        getattr(around, name).update(row.values["code"] for row in _rows(file, name))
    _add_groups(around, file, known)
    in_file = {
        (row.values["course"], row.values["group"], row.values["start_date"])
        for row in _rows(file, "intake_moments")
    }
    for key, one in known.keys("intake_moments").items():
        is_open = one.values["status"] in (IntakeStatus.PUBLISHED, IntakeStatus.DRAFT)
        if key not in in_file and is_open and one.values["start_date"] >= today:
            seats = max(around.untouched_seats.get(key[:2], 0), one.values["seats_total"])
            around.untouched_seats[key[:2]] = seats
    around.doubtful = _doubtful(file)
    _add_places(around, file, known)
    return around


def _add_groups(around: Surroundings, file: ReadFile, known: Known) -> None:
    """The limits of every group as they will be: the file wins, teachers come from the database."""
    kinds = {key[0]: one.values["kind"] for key, one in known.keys("courses").items()}
    kinds |= {row.values["code"]: row.values["kind"] for row in _rows(file, "courses")}
    groups = CourseGroup.objects.filter(course__provider=around.provider).select_related("course")
    limits = group_limits(groups)
    wanted = {key: one.values for key, one in known.keys("groups").items()}
    for row in _rows(file, "groups"):
        key = (row.values["course"], row.values["code"])
        wanted[key] = {**wanted.get(key, {}), **row.values}
    for key, values in wanted.items():
        old = known.keys("groups").get(key)
        around.groups[key] = GroupLimits(
            max_size=values["max_size"],
            room_seats=values.get("room_seats"),
            needs_teachers=kinds.get(key[0]) in LANGUAGE_KINDS,
            lesson_hours=_lesson_hours(values.get("lessons", ())),
            certified=limits[old.pk].certified if old is not None and old.pk in limits else None,
        )


def _lesson_hours(lessons: tuple[str, ...]) -> Decimal:
    """The weekly hours of lessons as "1 09:00 12:00"."""
    minutes = 0
    for lesson in lessons:
        _day, start, end = lesson.split()
        minutes += _minutes(end) - _minutes(start)
    return Decimal(minutes) / 60


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _doubtful(file: ReadFile) -> set[str]:
    """Sheets of which a row is left out because of a fault."""
    titles = {fault.sheet for fault in file.faults}
    return {name for name, table in file.tables.items() if table.title in titles}


def _add_places(around: Surroundings, file: ReadFile, known: Known) -> None:
    rows = [row.values for row in _rows(file, "locations")]
    codes = {values.get("municipality") for values in rows} | {
        one.values["municipality"] for one in known.keys("locations").values()
    }
    if not rows:
        return
    around.municipalities = dict(
        Organisation.objects.filter(
            kind=OrganisationKind.MUNICIPALITY, code__in=[code for code in codes if code]
        ).values_list("code", "pk")
    )
    around.places = coordinates_by_postcode(
        {values["postcode"][:4] for values in rows if values.get("postcode")}
    )


def _rows(file: ReadFile, name: str) -> list[Row]:
    table = file.table(name)
    return table.rows if table else []
