"""Open intake moments as columns for the engine: supply joined with what may be bought.

Six queries and one pass in Python, whatever the number of intake moments.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from backend.common.codes import TargetGroup
from matching.engine import OfferTable
from matching.ports import provider_quality
from procurement.public import Coverage, coverage
from providers.public import INTAKE_COLUMNS, REQUIRED_MARK, offered_intakes, stops_in_force

# Half of the range that the engine scores: a price that a participant agrees on alone, or one
# that is not per hour, neither helps nor harms.
NEUTRAL_PRICE = 16.5
NOBODY: frozenset[int] = frozenset()
REFERRED_GROUPS = (TargetGroup.FAMILY.value, TargetGroup.OTHER.value)
Intakes = Sequence[tuple[Any, ...]]
AT = {name: position for position, name in enumerate(INTAKE_COLUMNS)}


@dataclass(frozen=True, eq=False)
class OfferSet:
    """Offers in the form of the engine. Row i is intake moment `intakes[i]` under one contract lot.

    A course that two contract lots cover has a row for each; `contract_lots` is 0 without one.
    """

    table: OfferTable
    intakes: np.ndarray
    contract_lots: np.ndarray
    provider_organisations: np.ndarray

    def __len__(self) -> int:
        return len(self.intakes)


def bought_offers(
    *, municipality_ids: Iterable[int], as_of: date, intakes: Intakes | None = None
) -> OfferSet:
    """What these municipalities can call off; intake moments without a contract cover nobody.

    `intakes` is what `offered_intakes` gave, for who asks for more than one set.
    """
    intakes = offered_intakes(as_of=as_of) if intakes is None else intakes
    covered = coverage(municipality_ids=municipality_ids, on=as_of)
    return _open_set(*_join(intakes, covered), as_of)


def pair_offers(
    intake: tuple[Any, ...], cover: Sequence[Coverage], *, municipality_id: int, is_referral: bool
) -> list[dict[str, Any]]:
    """The rows of one intake moment, as `bought_offers` or `referral_offers` would hold them.

    Each as the engine's columns with one value, and `contract_lot_id` (0 without one).
    """
    rows, contracts = _join([intake], cover)
    if is_referral:
        rows, contracts = [intake], [_referral(intake, frozenset([municipality_id]))]
    columns = engine_columns(rows, contracts, {})
    columns["contract_lot_id"] = [one.contract_lot_id if one else 0 for one in contracts]
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def referral_offers(
    *, municipality_ids: Iterable[int], as_of: date, intakes: Intakes | None = None
) -> OfferSet:
    """What family and other migrants can be advised: every open course, contract or not (R-PAY-1).

    The learner pays, so no contract, ceiling or municipal price plays a part.
    """
    intakes = offered_intakes(as_of=as_of) if intakes is None else intakes
    everybody = frozenset(municipality_ids)
    return _open_set(intakes, [_referral(row, everybody) for row in intakes], as_of)


def _open_set(
    rows: Sequence[tuple[Any, ...]], contracts: Sequence[Coverage | None], as_of: date
) -> OfferSet:
    """The rows without those that an intake stop closes for all, and for some where for some.

    A row without a contract covers nobody; it stays, to say so.
    """
    stops = stops_in_force(on=as_of)
    if not stops:
        return _as_set(rows, contracts)
    open_rows: list[tuple[Any, ...]] = []
    open_contracts: list[Coverage | None] = []
    for row, contract in zip(rows, contracts, strict=True):
        stopped = stops.municipalities(
            provider_id=row[AT["group__course__provider_id"]],
            kind=row[AT["group__course__kind"]],
            course_id=row[AT["group__course_id"]],
            location_id=row[AT["group__location_id"]],
        )
        if stopped and contract is not None:
            left = contract.municipality_ids - stopped
            if not left:
                continue
            contract = replace(contract, municipality_ids=left)
        open_rows.append(row)
        open_contracts.append(contract)
    return _as_set(open_rows, open_contracts)


def _referral(row: Sequence[Any], municipality_ids: frozenset[int]) -> Coverage:
    return Coverage(
        contract_lot_id=0,
        course_id=row[AT["group__course_id"]],
        municipality_ids=municipality_ids,
        target_groups=REFERRED_GROUPS,
        contract_from=date.min,
        contract_to=date.max,
        ceiling_id=None,
        places_left=None,
        price_per_hour=None,
    )


def _join(
    intakes: Sequence[tuple[Any, ...]], covered: Iterable[Coverage]
) -> tuple[list[tuple[Any, ...]], list[Coverage | None]]:
    """One row per intake moment and contract lot of its course; without a contract one, bare."""
    by_course: dict[int, list[Coverage]] = defaultdict(list)
    for one in covered:
        by_course[one.course_id].append(one)
    by_course = {course: _merged(found) for course, found in by_course.items()}
    at_course = AT["group__course_id"]
    rows: list[tuple[Any, ...]] = []
    contracts: list[Coverage | None] = []
    for row in intakes:
        for contract in by_course.get(row[at_course]) or (None,):
            rows.append(row)
            contracts.append(contract)
    return rows, contracts


def _merged(found: list[Coverage]) -> list[Coverage]:
    """Contract lots of one course that differ in nothing but their municipalities, as one row."""
    if len(found) == 1:
        return found
    alike: dict[tuple[Any, ...], Coverage] = {}
    for one in found:
        key = (
            one.target_groups,
            one.contract_from,
            one.contract_to,
            one.price_per_hour,
            one.ceiling_id,
        )
        first = alike.get(key)
        if first is None:
            alike[key] = one
        else:
            alike[key] = Coverage(
                **{
                    **first.__dict__,
                    "municipality_ids": first.municipality_ids | one.municipality_ids,
                }
            )
    return list(alike.values())


def engine_columns(
    rows: Sequence[tuple[Any, ...]],
    contracts: Sequence[Coverage | None],
    quality: Mapping[int, float],
) -> dict[str, Any]:
    """Intake moments, each under its contract, as the engine's columns."""
    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)] or [
        [] for _ in INTAKE_COLUMNS
    ]
    data = dict(zip(INTAKE_COLUMNS, columns, strict=True))
    components = data["group__course__component"]
    return {
        "ids": data["uuid"],
        "provider": data["group__course__provider_id"],
        "component": components,
        "level_from": data["group__course__level_from"],
        "level_to": data["group__course__level_to"],
        "target_level": data["group__course__target_level"],
        "literacy": data["group__course__literacy"],
        "lat": data["group__location__latitude"],
        "lon": data["group__location__longitude"],
        "mode": data["group__course__mode"],
        "slots": [codes or () for codes in data["slots"]],
        "hours_per_week": [float(hours) for hours in data["group__course__hours_per_week"]],
        "start": data["start_date"],
        "end": data["end_date"],
        "seats": data["seats_free"],
        "min_group": data["group__min_size"],
        "enrolled": data["seats_taken"],
        "municipalities": [one.municipality_ids if one else NOBODY for one in contracts],
        "target_groups": [one.target_groups if one else () for one in contracts],
        "contract_from": [one.contract_from if one else date.min for one in contracts],
        "contract_to": [one.contract_to if one else date.max for one in contracts],
        "ceiling": _ceilings(data["pk"], data["seats_free"], contracts),
        "mark_valid_to": data["mark_valid_to"],
        "mark_required": [component in REQUIRED_MARK for component in components],
        "childcare": data["group__location__childcare"],
        "wheelchair": data["group__location__wheelchair_accessible"],
        "quality_index": [quality.get(one, 0.0) for one in data["group__course__provider_id"]],
        "price_per_hour": [
            float(one.price_per_hour)
            if one is not None and one.price_per_hour is not None
            else NEUTRAL_PRICE
            for one in contracts
        ],
    }


def _as_set(rows: Sequence[tuple[Any, ...]], contracts: Sequence[Coverage | None]) -> OfferSet:
    return OfferSet(
        table=OfferTable.from_columns(**engine_columns(rows, contracts, provider_quality())),
        intakes=np.array([row[AT["pk"]] for row in rows], np.int64),
        contract_lots=np.array([one.contract_lot_id if one else 0 for one in contracts], np.int64),
        provider_organisations=np.array([provider_organisation_of(row) for row in rows], np.int64),
    )


def provider_organisation_of(intake: tuple[Any, ...]) -> int:
    """The key of the organisation that gives the course, in a row of INTAKE_COLUMNS."""
    return int(intake[AT["group__course__provider__organisation_id"]])


def _ceilings(
    pks: Sequence[int], seats: Sequence[int], contracts: Sequence[Coverage | None]
) -> list[tuple[str, int] | None]:
    """The ceiling of each row; rows that share seats without one get the seats as a ceiling.

    So a batch never proposes one seat twice. Where a shared row does have a ceiling of its own,
    both may be proposed and the second one is refused when it is taken.
    """
    twice = {pk for pk, before in zip(pks[1:], pks, strict=False) if pk == before}
    limits: list[tuple[str, int] | None] = []
    for pk, free, one in zip(pks, seats, contracts, strict=True):
        if one is not None and one.ceiling_id is not None and one.places_left is not None:
            limits.append((f"ceiling-{one.ceiling_id}", one.places_left))
        elif pk in twice:
            limits.append((f"seats-{pk}", max(0, free)))
        else:
            limits.append(None)
    return limits
