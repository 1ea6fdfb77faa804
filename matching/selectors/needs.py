"""Needs as columns for the engine, in one query, whatever their number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, FilteredRelation, Q, QuerySet

from backend.common import clock
from backend.common.codes import Component, LearningRoute, Level, TargetGroup
from backend.common.columns import (
    DAY,
    FLAG,
    KEY,
    NUMBER,
    WHOLE,
    CompiledColumns,
    NotFixedWidthError,
    text,
    texts,
)
from backend.common.compiled import CompiledRows
from backend.common.locks import keys_in
from matching.choices import NeedState
from matching.engine import SLOTS, NeedTable
from matching.funding import is_referral
from matching.models import Need, Pip

# For modules beside the leerroute only the entry level counts.
LOWEST_TARGET = Level.A1
# No group begins above B1: who knows more enters there.
HIGHEST_ENTRY = Level.B1

KINDS = {
    "pk": WHOLE,
    "uuid": KEY,
    "municipality_id": WHOLE,
    "component": text(3),
    "target_group": text(6),
    "pip__entry_level": text(2),
    "pip__level": text(2),
    "pip__literacy": text(3),
    "pip__latitude": NUMBER,
    "pip__longitude": NUMBER,
    "pip__max_travel_km": NUMBER,
    "pip__accepts_online": FLAG,
    "pip__availability": texts(3, len(SLOTS)),
    "pip__hours_per_week": NUMBER,
    "pip__earliest_start_date": DAY,
    "pip__latest_start_date": DAY,
    "deadline": DAY,
    "pip__participant__term_end_date": DAY,
    "waiting_since": DAY,
    "pip__needs_childcare": FLAG,
    "pip__needs_wheelchair_access": FLAG,
    "pip__participant_id": WHOLE,
}
COLUMNS = tuple(KINDS)


@dataclass(frozen=True, eq=False)
class NeedSet:
    """Needs in the form of the engine, with their keys, whose they are and which are referrals."""

    table: NeedTable
    pks: np.ndarray
    is_referral: np.ndarray
    participants: np.ndarray

    def __len__(self) -> int:
        return len(self.pks)

    def where(self, chosen: np.ndarray) -> "NeedSet":
        rows = np.flatnonzero(chosen)
        return NeedSet(
            self.table.take(rows), self.pks[rows], self.is_referral[rows], self.participants[rows]
        )


def need_rows(needs: QuerySet[Any], *, on: date) -> list[tuple[Any, ...]]:
    """The needs as tuples of COLUMNS, with the target group of `on`, ordered by key; one query.

    Somebody whose target group on that day is not known is left out: who pays is then unknown.
    """
    return list(_rows(needs, on))


def _rows(needs: QuerySet[Any], on: date) -> QuerySet[Any]:
    period = Q(group_period__valid_from__lte=on) & (
        Q(group_period__valid_to__isnull=True) | Q(group_period__valid_to__gte=on)
    )
    return (
        needs.annotate(group_period=FilteredRelation("pip__participant__target_group_periods"))
        .filter(period)
        .annotate(target_group=F("group_period__target_group"))
        .order_by("pk")
        .values_list(*COLUMNS)
    )


# The row that `need_rows` holds for a need for which a place may be looked for, if any.
ONE_NEED = CompiledRows(
    lambda pk, on: _rows(Need.objects.searchable(on).filter(pk=pk), on), pk=int, on=date
)


def _waiting(keys: list[int], on: date, today: date) -> QuerySet[Need, tuple[Any, ...]]:
    return _rows(Need.objects.waiting(today).filter(municipality__in=keys_in(keys)), on)


_WAITING = CompiledColumns(_waiting, KINDS, keys=list, on=date, today=date)


def waiting_needs(municipality_ids: Iterable[int], *, on: date) -> NeedSet:
    """Everybody who waits in these municipalities; what `need_rows` says, in one query."""
    keys, today = list(municipality_ids), clock.today()
    try:
        return _of_columns(_WAITING(keys=keys, on=on, today=today))
    except NotFixedWidthError:
        return _as_set(list(_waiting(keys, on, today)))


def need_to_recommend(pip: Pip, component: str | None) -> Need | None:
    """The waiting need of the PIP for `component`; without one the leerroute goes first."""
    waiting = [
        Need.from_db(DEFAULT_DB_ALIAS, NEED_FIELDS, row) for row in _WAITING_OF_PIP(pip=pip.pk)
    ]
    if component is not None:
        waiting = [need for need in waiting if need.component == component]
    return min(waiting, key=lambda need: need.component != pip.route, default=None)


NEED_FIELDS = [field.attname for field in Need._meta.concrete_fields]
_WAITING_OF_PIP = CompiledRows(
    lambda pip: (
        Need.objects.filter(pip=pip, state=NeedState.WAITING)
        .order_by("pk")
        .values_list(*NEED_FIELDS)
    ),
    pip=int,
)


def _of_columns(data: dict[str, np.ndarray]) -> NeedSet:
    """As `_as_set`, for any number of rows at the price of a few."""
    component, group = data["component"], data["target_group"]
    is_route = np.isin(component, [name.encode() for name in LearningRoute.values])
    entry, highest = data["pip__entry_level"], HIGHEST_ENTRY.encode()
    table = NeedTable.from_columns(
        ids=data["uuid"],
        municipality=data["municipality_id"],
        component=component,
        target_group=group,
        level=np.where(entry > highest, highest, entry),
        target_level=np.where(is_route, data["pip__level"], LOWEST_TARGET.encode()),
        literacy=data["pip__literacy"],
        lat=data["pip__latitude"],
        lon=data["pip__longitude"],
        max_travel_km=data["pip__max_travel_km"],
        online=data["pip__accepts_online"],
        available=data["pip__availability"],
        hours_per_week=data["pip__hours_per_week"],
        earliest_start=data["pip__earliest_start_date"],
        latest_start=np.where(is_route, data["pip__latest_start_date"], data["deadline"]),
        deadline=data["deadline"],
        term_end=data["pip__participant__term_end_date"] - np.timedelta64(1, "D"),
        waiting_since=data["waiting_since"],
        childcare=data["pip__needs_childcare"],
        wheelchair=data["pip__needs_wheelchair_access"],
    )
    referred = np.zeros(len(table), np.bool_)
    for one in Component.values:
        for another in TargetGroup.values:
            if is_referral(one, another):
                referred |= (component == one.encode()) & (group == another.encode())
    return NeedSet(
        table=table,
        pks=data["pk"],
        is_referral=referred,
        participants=data["pip__participant_id"],
    )


def engine_columns(rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    """Rows of COLUMNS as the engine's columns; what a PIP leaves open is filled in here."""
    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)] or [
        [] for _ in COLUMNS
    ]
    data = dict(zip(COLUMNS, columns, strict=True))
    routes = frozenset(LearningRoute.values)
    is_route = [component in routes for component in data["component"]]
    one_day = timedelta(days=1)
    return {
        "ids": data["uuid"],
        "municipality": data["municipality_id"],
        "component": data["component"],
        "target_group": data["target_group"],
        "level": [min(level, HIGHEST_ENTRY) for level in data["pip__entry_level"]],
        "target_level": [
            level if route else LOWEST_TARGET
            for level, route in zip(data["pip__level"], is_route, strict=True)
        ],
        "literacy": data["pip__literacy"],
        "lat": data["pip__latitude"],
        "lon": data["pip__longitude"],
        "max_travel_km": data["pip__max_travel_km"],
        "online": data["pip__accepts_online"],
        "available": data["pip__availability"],
        "hours_per_week": data["pip__hours_per_week"],
        "earliest_start": data["pip__earliest_start_date"],
        # The PIP promises a start of the leerroute; modules may start until their own deadline.
        "latest_start": [
            latest if route else deadline
            for latest, deadline, route in zip(
                data["pip__latest_start_date"], data["deadline"], is_route, strict=True
            )
        ],
        "deadline": data["deadline"],
        # DUO's end is exclusive (R-TRM-1); the engine's last day is inclusive.
        "term_end": [end and end - one_day for end in data["pip__participant__term_end_date"]],
        "waiting_since": data["waiting_since"],
        "childcare": data["pip__needs_childcare"],
        "wheelchair": data["pip__needs_wheelchair_access"],
    }


def _as_set(rows: Sequence[tuple[Any, ...]]) -> NeedSet:
    return NeedSet(
        table=NeedTable.from_columns(**engine_columns(rows)),
        pks=np.array([row[0] for row in rows], np.int64),
        is_referral=np.array([is_referral_of(row) for row in rows], np.bool_),
        participants=np.array([participant_of(row) for row in rows], np.int64),
    )


def need_facts(row: tuple[Any, ...]) -> dict[str, Any]:
    """The facts of one need that a decision used, for its match record; place only as distance."""
    facts = dict(zip(COLUMNS, row, strict=True))
    return {
        "component": facts["component"],
        "targetGroup": facts["target_group"],
        "isReferral": is_referral(facts["component"], facts["target_group"]),
        "level": facts["pip__entry_level"],
        "targetLevel": facts["pip__level"],
        "literacy": facts["pip__literacy"],
        "maxTravelKm": facts["pip__max_travel_km"],
        "online": facts["pip__accepts_online"],
        "available": list(facts["pip__availability"]),
        "hoursPerWeek": facts["pip__hours_per_week"],
        "earliestStartDate": facts["pip__earliest_start_date"].isoformat(),
        "latestStartDate": facts["pip__latest_start_date"].isoformat(),
        "deadlineDate": _iso(facts["deadline"]),
        "termEndDate": _iso(facts["pip__participant__term_end_date"]),
        "waitingSinceDate": facts["waiting_since"].isoformat(),
        "childcare": facts["pip__needs_childcare"],
        "wheelchair": facts["pip__needs_wheelchair_access"],
    }


def need_set_of(row: tuple[Any, ...]) -> NeedSet:
    """One row of `need_rows` in the form of the engine."""
    return _as_set([row])


def participant_of(row: tuple[Any, ...]) -> int:
    """The key of the participant in a row of `need_rows`."""
    return int(row[COLUMNS.index("pip__participant_id")])


def is_referral_of(row: tuple[Any, ...]) -> bool:
    """Whether a row of `need_rows` is advised and not bought (R-PAY-1)."""
    return is_referral(row[COLUMNS.index("component")], group_of(row))


def group_of(row: tuple[Any, ...]) -> str:
    """The target group in a row of `need_rows`."""
    return str(row[COLUMNS.index("target_group")])


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


__all__ = [
    "COLUMNS",
    "ONE_NEED",
    "NeedSet",
    "engine_columns",
    "group_of",
    "is_referral_of",
    "need_facts",
    "need_rows",
    "need_set_of",
    "need_to_recommend",
    "participant_of",
    "waiting_needs",
]
