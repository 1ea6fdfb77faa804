"""The SQL of a list, made once for every form of the question and filled in with each request.

Django spends more on making the SQL of a page than PostgreSQL on the answer. That SQL follows from
the resource, the rights of who asks, the filters that are used and the order; what is asked for
stands in its parameters. So Django makes it once, with stand-ins, and a request only fills in: what
is sent is to the letter what Django would have sent (a test compares, for all lists and filters).

Where that would not be so, there is no plan and Django does the work: the building MUST look at the
rights and nothing else, and a question about the time, the database or the actor ends it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection, models

from backend.accounts.actor import Actor, Rights
from backend.api import rows
from backend.api.filters import CodeFilter, is_ordinary
from backend.common import clock

# Each takes some kilobytes; with the rights of a large region some tens.
KEPT_PLANS = 500
# Far outside what anybody asks for; a text has nothing that a pattern would escape.
_FIRST_DAY = date(7001, 1, 1)
_FIRST_NUMBER = 2_000_000_011
_STAND_INS: Mapping[type, Callable[[int], Any]] = {
    str: lambda number: f"<value {number}>",
    date: lambda number: _FIRST_DAY + timedelta(days=number),
    Decimal: lambda number: Decimal(_FIRST_NUMBER + number),
    UUID: lambda number: UUID(int=_FIRST_NUMBER + number),
}
_TEXT = re.compile("<value ([0-9]+)>")


class NoPlanError(Exception):
    """The SQL does not follow from the form of the question alone."""


class Anybody:
    """Whoever holds these rights; who it is, nobody knows."""

    with_permission: Any = Actor.with_permission
    may: Any = Actor.may

    def __init__(self, rights: Rights) -> None:
        self.organisations = dict(rights)

    def __getattr__(self, name: str) -> Any:
        raise NoPlanError(name)


@dataclass(frozen=True)
class Form:
    """How a filter is used: with `number` values of a type (None: one that is no list), whichever
    they are; or, without a type, with `fixed`."""

    key: str
    kind: type | None = None
    number: int | None = None
    fixed: Any = None


@dataclass(frozen=True)
class Slot:
    """What is filled in at a position of the parameters: a value, or without `value` the moment."""

    position: int
    value: int | None = None
    # What stands around a text that is part of a LIKE pattern.
    around: tuple[str, str] | None = None

    def of(self, values: Sequence[Any]) -> Any:
        if self.value is None:
            return clock.now()
        if self.around is None:
            return values[self.value]
        return connection.ops.prep_for_like_query(values[self.value]).join(self.around)


@dataclass(frozen=True)
class Text:
    """SQL, its parameters, what of them is filled in, and what Django converts in the rows."""

    sql: str
    parameters: Sequence[Any]
    slots: Sequence[Slot]
    conversions: rows.Conversions

    def filled(self, values: Sequence[Any]) -> list[Any]:
        parameters = list(self.parameters)
        for slot in self.slots:
            parameters[slot.position] = slot.of(values)
        return parameters


@dataclass(frozen=True)
class Plan:
    """A list in an order, without its page, and the number of its rows."""

    listed: Text
    counted: Text

    def rows(self, values: Sequence[Any], start: int, stop: int) -> list[tuple[Any, ...]]:
        window = connection.ops.limit_offset_sql(start, stop)
        listed = self.listed
        return rows.run(f"{listed.sql} {window}", listed.filled(values), listed.conversions)

    def total(self, values: Sequence[Any]) -> int:
        return rows.run_count(self.counted.sql, self.counted.filled(values))


def plan_for(
    resource: Any, rights: Rights, ordering: Sequence[str], asked: Mapping[str, Any]
) -> tuple[Plan | None, Sequence[Any]]:
    """The plan for what is asked of a resource, and the values to fill in."""
    forms: list[Form] = []
    values: list[Any] = []
    filters = resource.view.filterset_class.ready_filters() if asked else {}
    for key, value in asked.items():
        form, parts = _form(key, filters[key], value)
        if form is None:
            return None, ()
        forms.append(form)
        values += parts
    return _plan(resource, rights, tuple(ordering), tuple(forms)), values


def _form(key: str, one: Any, value: Any) -> tuple[Form | None, Sequence[Any]]:
    parts = value if isinstance(value, list) else [value]
    kind = type(parts[0]) if parts else None
    # Codes are few enough to keep each; of a filter with SQL of its own, no more is known.
    is_code = isinstance(one, CodeFilter)
    if is_ordinary(one) and not is_code and kind in _STAND_INS:
        # A value that is named twice stands once in the SQL.
        parts = list(dict.fromkeys(parts))
        return Form(key, kind, len(parts) if isinstance(value, list) else None), parts
    # A flag turns the condition around, and a number may be too large for its column: other SQL.
    if is_ordinary(one) or is_code:
        return Form(key, fixed=tuple(value) if isinstance(value, list) else value), ()
    return None, ()


@lru_cache(maxsize=KEPT_PLANS)
def _plan(
    resource: Any, rights: Rights, ordering: Sequence[str], forms: Sequence[Form]
) -> Plan | None:
    asked, stand_ins = _asked_with_stand_ins(forms)
    try:
        with clock.unasked(NoPlanError), connection.execute_wrapper(_no_query):
            selected, counted = resource.questions(Anybody(rights), asked)
        listed = _text(selected.order_by(*ordering), stand_ins)
        return Plan(listed, _text(rows.keys(counted), stand_ins))
    except (NoPlanError, EmptyResultSet, ValidationError, ValueError):
        # The last two: a column that takes no stand-in, such as a UUID that is asked for as a text.
        return None


def _asked_with_stand_ins(forms: Sequence[Form]) -> tuple[dict[str, Any], list[Any]]:
    asked: dict[str, Any] = {}
    stand_ins: list[Any] = []
    for form in forms:
        if form.kind is None:
            asked[form.key] = list(form.fixed) if isinstance(form.fixed, tuple) else form.fixed
            continue
        first, make = len(stand_ins), _STAND_INS[form.kind]
        parts = [make(number) for number in range(first, first + (form.number or 1))]
        asked[form.key] = parts[0] if form.number is None else parts
        stand_ins += parts
    return asked, stand_ins


def _no_query(*_args: Any) -> Any:
    raise NoPlanError("Asks the database while it is built.")


def _text(queryset: models.QuerySet[Any], stand_ins: Sequence[Any]) -> Text:
    compiler = queryset.query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    places = {one: place for place, one in enumerate(stand_ins)}
    found = (_slot(position, one, places) for position, one in enumerate(parameters))
    slots = tuple(one for one in found if one is not None)
    if not set(places.values()) <= {one.value for one in slots}:
        raise NoPlanError("A value does not stand in the parameters as it was given.")
    return Text(sql, tuple(parameters), slots, rows.conversions(compiler))


def _slot(position: int, parameter: Any, places: Mapping[Any, int]) -> Slot | None:
    """What is filled in at this position; None where it is always the same."""
    if isinstance(parameter, datetime):
        # Nobody asked for the time while this was built: it is that of a `ClockNow`.
        return Slot(position)
    if type(parameter) not in _STAND_INS:
        return None
    if parameter in places:
        return Slot(position, places[parameter])
    within = _TEXT.search(parameter) if isinstance(parameter, str) else None
    if within is None:
        return None
    around = parameter[: within.start()], parameter[within.end() :]
    return Slot(position, int(within[1]), around)
