"""The rules of each row of the file, the same ones that the services hold to.

Each function looks at one row with all its values and names what is wrong with it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from types import SimpleNamespace
from typing import Any

from django.utils.translation import gettext as _

from backend.common import clock
from backend.common.errors import Violation
from backend.common.spreadsheets import Fault, Table
from backend.organisations.selectors import Coordinate
from providers.choices import INTAKE_TRANSITIONS, IntakeStatus
from providers.code_lists import special_group_faults
from providers.models import Provider
from providers.selectors.teachers import GroupLimits
from providers.services.catalogue import course_rules, group_rules, seat_rules
from providers.spreadsheets.known import KnownRow

Values = dict[str, Any]
NEW_STATUSES = frozenset({IntakeStatus.DRAFT, IntakeStatus.PUBLISHED})


@dataclass
class Surroundings:
    """What a row may refer to: rows of the catalogue and of the file together."""

    provider: Provider
    today: date = field(default_factory=clock.today)
    locations: set[str] = field(default_factory=set)
    courses: set[str] = field(default_factory=set)
    # What limits the seats per (course code, group code), and open starts outside the file.
    groups: dict[tuple[str, str], GroupLimits] = field(default_factory=dict)
    untouched_seats: dict[tuple[str, str], int] = field(default_factory=dict)
    municipalities: Mapping[str, int] = field(default_factory=dict)
    places: Mapping[str, Coordinate] = field(default_factory=dict)
    # Sheets with faulty rows: what is unknown may stand in one of those.
    doubtful: set[str] = field(default_factory=set)


def check_location(row: int, values: Values, table: Table, around: Surroundings) -> list[Fault]:
    """Fills in coordinates from the postcode, and the municipality's key."""
    faults = []
    code = values["municipality"]
    if code and code not in around.municipalities:
        faults.append(
            table.fault(
                row,
                "municipality",
                "unknown_reference",
                _("There is no municipality with the code “%(value)s”.") % {"value": code},
                _("Enter the code of CBS, for example GM0344, or leave the cell empty."),
                code,
            )
        )
    values["municipality_id"] = around.municipalities.get(code)
    given = [values["latitude"] is not None, values["longitude"] is not None]
    if not any(given):
        point = around.places.get(values["postcode"][:4])
        if point is not None:
            values["latitude"] = round(point.latitude, 6)
            values["longitude"] = round(point.longitude, 6)
            given = [True, True]
    if not all(given):
        faults.append(
            table.fault(
                row,
                "latitude" if not given[0] else "longitude",
                "coordinates_missing",
                _("Where this is on the map is not known."),
                _("Fill in a known postcode, or latitude and longitude."),
            )
        )
    return faults


def check_course(row: int, values: Values, table: Table, old: KnownRow | None) -> list[Fault]:
    had = old.values["special_groups"] if old else ()
    new = special_group_faults(values["special_groups"], had=had)
    rules = [*course_rules(SimpleNamespace(**values)), *((True, one) for one in new)]  # type: ignore[arg-type]
    return _faults_of(row, rules, table)


def check_group(row: int, values: Values, table: Table, around: Surroundings) -> list[Fault]:
    own = SimpleNamespace(provider_id=around.provider.pk)
    group = SimpleNamespace(
        course=own,
        location=own,
        min_size=values["min_size"],
        max_size=values["max_size"],
        room_seats=values["room_seats"],
    )
    faults = _faults_of(row, group_rules(group, around.provider), table)  # type: ignore[arg-type]
    faults += _reference(row, "course", values["course"], around.courses, "courses", table, around)
    faults += _reference(
        row, "location", values["location"], around.locations, "locations", table, around
    )
    open_seats = around.untouched_seats.get((values["course"], values["code"]), 0)
    if open_seats > values["max_size"]:
        faults.append(
            table.fault(
                row,
                "max_size",
                "below_open_start",
                _("A start of this group that is not in this file offers %(seats)s seats.")
                % {"seats": open_seats},
                _("Lower the seats of that start too, or choose a higher number."),
                values["max_size"],
            )
        )
    return faults


def check_intake(
    row: int, values: Values, table: Table, around: Surroundings, old: KnownRow | None
) -> list[Fault]:
    """The rules of a start; of one that exists also its transition and the seats people have."""
    key = (values["course"], values["group"])
    limits = around.groups.get(key)
    if limits is None:
        known = {" / ".join(one) for one in around.groups}
        faults = _reference(row, "group", " / ".join(key), known, "groups", table, around)
    elif values["seats_total"] > limits.seats(values["start_date"]):
        rules = seat_rules(values["seats_total"], values["start_date"], limits)
        faults = _faults_of(row, rules, table)
    else:
        faults = []
    if values["end_date"] <= values["start_date"] or values["start_date"] < around.today:
        faults += _faults_of(row, _day_rules(values, around.today), table)
    if old is not None:
        faults += _faults_of(row, _changed_start(values, old), table)
    elif values["status"] not in NEW_STATUSES:
        fault = Violation("status", "status", _("A new start is a draft or published."))
        faults += _faults_of(row, [(True, fault)], table)
    return faults


def _day_rules(values: Values, today: date) -> Iterable[tuple[bool, Violation]]:
    yield (
        values["end_date"] <= values["start_date"],
        Violation(
            "end_date",
            "ends_before_start",
            _("The end date is not after the start date. Correct one of the two."),
        ),
    )
    yield (
        values["start_date"] < today,
        Violation(
            "start_date", "in_the_past", _("This start is in the past. Choose a later date.")
        ),
    )


def _changed_start(values: Values, old: KnownRow) -> Iterable[tuple[bool, Violation]]:
    before, after = IntakeStatus(old.values["status"]), IntakeStatus(values["status"])
    yield (
        before != after and after not in INTAKE_TRANSITIONS[before],
        Violation(
            "status",
            "intake_state",
            _("A start that is “%(before)s” cannot become “%(after)s”. Choose another date.")
            % {"before": before.label, "after": after.label},
        ),
    )
    taken = old.values["seats_taken"]
    yield (
        values["seats_total"] < taken,
        Violation(
            "seats_total",
            "capacity_below_taken",
            _("%(taken)s seats are taken already. Enter %(taken)s or more.") % {"taken": taken},
        ),
    )


def _reference(
    row: int,
    name: str,
    code: str,
    known: Iterable[str],
    sheet: str,
    table: Table,
    around: Surroundings,
) -> list[Fault]:
    known = set(known)
    if code in known or sheet in around.doubtful:
        return []
    near = get_close_matches(code, sorted(known), n=1)
    advice = (
        _("Did you mean “%(name)s”?") % {"name": near[0]}
        if near
        else _("Add it to its own sheet first, or choose one that exists.")
    )
    return [
        table.fault(
            row, name, "unknown_reference", _("“%(value)s” does not exist.") % {"value": code},
            advice, code,
        )
    ]  # fmt: skip


def _faults_of(row: int, rules: Iterable[tuple[bool, Violation]], table: Table) -> list[Fault]:
    return [
        table.fault(row, one.field, one.code, str(one.message)) for broken, one in rules if broken
    ]
