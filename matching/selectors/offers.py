"""Open intake moments as columns for the engine: supply joined with what may be bought.

A constant number of queries; what a contract says is spelled out once per contract.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from backend.common.codes import TargetGroup
from matching.engine import NO_LIMIT, Limits, NeedTable, OfferTable, with_seats
from matching.selectors.supply import NEUTRAL_PRICE, NOBODY, StartNames, Supply, supply_on
from procurement.public import Coverage, Covered, covered
from providers.public import INTAKE_COLUMNS, REQUIRED_MARK, StoppedScopes, stops_in_force

REFERRED_GROUPS = (TargetGroup.FAMILY.value, TargetGroup.OTHER.value)
# How a ceiling is named that stands for the seats of one start.
_OF_SEATS = "seats-"
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
    # Per row its lot where municipalities share that by quotas, 0 elsewhere; what each has left.
    shared_lots: np.ndarray
    shares: Mapping[int, Mapping[int, int]]
    # Of the supply, with what `supply.names_of` has looked up.
    names: dict[int, StartNames]

    def __len__(self) -> int:
        return len(self.intakes)

    def with_taken(self, taken: np.ndarray) -> "OfferSet":
        """The same offers with so many seats taken, per row."""
        table = self.table
        seats = table.seats + table.enrolled - taken
        shared = set(filter(_is_of_seats, table.ceiling_ids))
        free = dict(
            _shared_seats(pk, left)
            for pk, left in zip(self.intakes.tolist(), seats.tolist(), strict=True)
            if shared
        )
        ceilings = tuple(
            free[name] if name in shared else places
            for name, places in zip(table.ceiling_ids, table.ceiling_places, strict=True)
        )
        return replace(
            self, table=with_seats(table, seats=seats, enrolled=taken, ceiling_places=ceilings)
        )

    def depends_on(self, contract_lots: frozenset[int]) -> bool:
        """Whether call-offs from these contract lots (0: from any) may leave other places here."""
        if not contract_lots:
            return False
        # A share is used up by what is called off from any contract of the lot.
        if self.shares or 0 in contract_lots:
            return True
        limited = self.contract_lots[self.table.ceiling >= 0]
        return bool(np.isin(limited, list(contract_lots)).any())

    def limits(self, needs: NeedTable) -> tuple[Limits, ...]:
        """What the columns cannot say: shares of municipalities, and seats under two contracts.

        A start that is bought under several contracts has its seats once, whichever ceilings.
        """
        table, found = self.table, []
        _, first, number, rows = np.unique(
            self.intakes, return_index=True, return_inverse=True, return_counts=True
        )
        number = number.reshape(-1)
        under_ceiling = np.bincount(number, table.ceiling >= 0, len(first)) > 0
        again = (rows > 1) & under_ceiling
        if again.any():
            seats = np.where(again, table.seats[first], NO_LIMIT)
            found.append(Limits(np.where(again[number], number, -1), seats[:, None], False))
        if self.shares:
            lots = sorted(self.shares)
            places = [
                [self.shares[lot].get(int(code), NO_LIMIT) for code in needs.municipality_codes]
                for lot in lots
            ]
            number = np.searchsorted(lots, self.shared_lots)
            of_offer = np.where(self.shared_lots > 0, number, -1)
            found.append(Limits(of_offer, np.array(places, np.int64), True))
        return tuple(found)


def bought_offers(
    *, municipality_ids: Iterable[int], as_of: date, supply: Supply | None = None
) -> OfferSet:
    """What these municipalities can call off; intake moments without a contract cover nobody.

    `supply` is what `supply_on` gave, for who asks for more than one set.
    """
    supply = supply_on(as_of) if supply is None else supply
    found = covered(municipality_ids=municipality_ids, on=as_of)
    return _open_set(supply, *_join(supply.courses, found), as_of)


def pair_offers(
    intake: tuple[Any, ...], cover: Sequence[Coverage], *, municipality_id: int, is_referral: bool
) -> list[dict[str, Any]]:
    """The rows of one intake moment, as `bought_offers` or `referral_offers` would hold them.

    Each as the engine's columns with one value, and `contract_lot_id` (0 without one).
    """
    mine = [one for one in cover if one.course_id == intake[AT["group__course_id"]]]
    contracts: list[Coverage | None] = [*_merged(mine)] or [None]
    if is_referral:
        contracts = [_referral(intake[AT["group__course_id"]], frozenset([municipality_id]))]
    columns = engine_columns([intake] * len(contracts), contracts)
    columns["contract_lot_id"] = [one.contract_lot_id if one else 0 for one in contracts]
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def pair_table(offer: Mapping[str, Any]) -> OfferTable:
    """One row of `pair_offers` as a table of the engine."""
    columns = {name: [value] for name, value in offer.items() if name != "contract_lot_id"}
    return OfferTable.from_columns(**columns)


def referral_offers(
    *, municipality_ids: Iterable[int], as_of: date, supply: Supply | None = None
) -> OfferSet:
    """What family and other migrants can be advised: every open course, contract or not (R-PAY-1).

    The learner pays, so no contract, ceiling or municipal price plays a part.
    """
    supply = supply_on(as_of) if supply is None else supply
    everybody: list[Coverage | None] = [_referral(0, frozenset(municipality_ids))]
    rows = np.arange(len(supply))
    return _open_set(supply, rows, np.zeros(len(supply), np.int64), everybody, as_of)


def _open_set(
    supply: Supply,
    rows: np.ndarray,
    contract: np.ndarray,
    contracts: list[Coverage | None],
    as_of: date,
) -> OfferSet:
    """These rows without those that an intake stop closes for all, and for some where for some.

    A row without a contract covers nobody; it stays, to say so.
    """
    stops = stops_in_force(on=as_of)
    if stops:
        contract = _with_stops(stops, supply, rows, contract, contracts)
        rows, contract = rows[contract >= 0], contract[contract >= 0]
    intakes = supply.intakes[rows]
    ceiling, ceilings = _ceilings(intakes, supply.table.seats[rows], contract, contracts)
    lots = np.array([one.contract_lot_id if one else 0 for one in contracts], np.int64)
    shared = np.array([one.lot_id if one and one.shares else 0 for one in contracts], np.int64)
    return OfferSet(
        table=supply.table.under(
            rows, contract, ceiling=ceiling, ceilings=ceilings, **_contract_columns(contracts)
        ),
        intakes=intakes,
        contract_lots=lots[contract],
        provider_organisations=supply.provider_organisations[rows],
        shared_lots=shared[contract],
        shares={one.lot_id: one.shares for one in contracts if one and one.shares},
        names=supply.names,
    )


def _with_stops(
    stops: StoppedScopes,
    supply: Supply,
    rows: np.ndarray,
    contract: np.ndarray,
    contracts: list[Coverage | None],
) -> np.ndarray:
    """The contract of each row with whom a stop leaves, -1 for nobody; new ones are added."""
    found = contract.copy()
    added: dict[tuple[int, frozenset[int]], int] = {}
    stopped_providers = np.array(list(stops.by_provider), np.int64)
    for place in np.flatnonzero(np.isin(supply.providers[rows], stopped_providers)).tolist():
        row, number = int(rows[place]), int(contract[place])
        stopped = stops.municipalities(
            provider_id=int(supply.providers[row]),
            kind=supply.kinds[row].decode(),
            course_id=int(supply.courses[row]),
            location_id=int(supply.locations[row]),
        )
        before = contracts[number]
        if not stopped or before is None:
            continue
        left = before.municipality_ids - stopped
        if left and (number, left) not in added:
            added[number, left] = len(contracts)
            contracts.append(replace(before, municipality_ids=left))
        found[place] = added[number, left] if left else -1
    return found


def _referral(course_id: int, municipality_ids: frozenset[int]) -> Coverage:
    return Coverage(
        contract_lot_id=0,
        course_id=course_id,
        municipality_ids=municipality_ids,
        target_groups=REFERRED_GROUPS,
        contract_from=date.min,
        contract_to=date.max,
        ceiling_id=None,
        places_left=None,
        price_per_hour=None,
    )


def _join(
    courses: np.ndarray, found: Covered
) -> tuple[np.ndarray, np.ndarray, list[Coverage | None]]:
    """One row per intake moment and contract lot of its course; without a contract one, bare.

    Gives the intake moment of each row, the number of its contract, and the contracts.
    """
    contracts: list[Coverage | None] = [None, *found.terms]
    order = np.argsort(found.courses, kind="stable")
    begin = np.searchsorted(found.courses[order], courses, "left")
    count = np.searchsorted(found.courses[order], courses, "right") - begin
    # The numbers of the contracts, those of one course side by side; 0 stands for none.
    numbers = np.append(found.numbers[order] + 1, 0)
    begin[count == 0], count[count == 0] = len(numbers) - 1, 1
    spans: dict[tuple[int, ...], tuple[int, int]] = {}
    added: list[int] = []
    for row in np.flatnonzero(count > 1).tolist():
        key = tuple(numbers[begin[row] : begin[row] + count[row]].tolist())
        if key not in spans:
            merged = _merged([found.terms[number - 1] for number in key])
            spans[key] = (len(numbers) + len(added), len(merged))
            added += range(len(contracts), len(contracts) + len(merged))
            contracts += merged
        begin[row], count[row] = spans[key]
    numbers = np.append(numbers, np.array(added, np.int64))
    rows = np.repeat(np.arange(len(courses)), count)
    steps = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    return rows, numbers[begin[rows] + steps], contracts


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
            # A share is one of a lot, so lots with shares stay apart.
            one.lot_id if one.shares else None,
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
        "ceiling": [
            _ceiling_of(one) or (_shared_seats(pk, free) if len(contracts) > 1 else None)
            for pk, free, one in zip(data["pk"], data["seats_free"], contracts, strict=True)
        ],
        "mark_valid_to": data["mark_valid_to"],
        "mark_required": [component in REQUIRED_MARK for component in components],
        "childcare": data["group__location__childcare"],
        "wheelchair": data["group__location__wheelchair_accessible"],
        "quality_index": [0.0] * len(rows),
        **_contract_columns(contracts),
    }


def _contract_columns(contracts: Sequence[Coverage | None]) -> dict[str, Any]:
    return {
        "municipalities": [one.municipality_ids if one else NOBODY for one in contracts],
        "target_groups": [one.target_groups if one else () for one in contracts],
        "contract_from": [one.contract_from if one else date.min for one in contracts],
        "contract_to": [one.contract_to if one else date.max for one in contracts],
        "price_per_hour": [
            float(one.price_per_hour)
            if one is not None and one.price_per_hour is not None
            else NEUTRAL_PRICE
            for one in contracts
        ],
    }


def provider_organisation_of(intake: tuple[Any, ...]) -> int:
    """The key of the organisation that gives the course, in a row of INTAKE_COLUMNS."""
    return int(intake[AT["group__course__provider__organisation_id"]])


def _ceiling_of(one: Coverage | None) -> tuple[str, int] | None:
    if one is None or one.ceiling_id is None or one.places_left is None:
        return None
    return f"ceiling-{one.ceiling_id}", one.places_left


def _shared_seats(intake: int, free: int) -> tuple[str, int]:
    return f"{_OF_SEATS}{intake}", max(0, free)


def _is_of_seats(ceiling: str) -> bool:
    return ceiling.startswith(_OF_SEATS)


def _ceilings(
    intakes: np.ndarray,
    seats: np.ndarray,
    contract: np.ndarray,
    contracts: Sequence[Coverage | None],
) -> tuple[np.ndarray, dict[str, int]]:
    """The ceiling of each row; rows that share seats without one get the seats as a ceiling.

    So a batch never proposes one seat twice; where a row has a ceiling of its own beside the
    shared seats, `OfferSet.limits` sees to it.
    """
    ceilings: dict[str, int] = {}
    numbers: dict[str, int] = {}
    of_contract = np.full(len(contracts), -1, np.int64)
    for number, one in enumerate(contracts):
        limit = _ceiling_of(one)
        if limit is not None:
            ceilings.setdefault(*limit)
            of_contract[number] = numbers.setdefault(limit[0], len(numbers))
    ceiling = of_contract[contract]
    again = np.flatnonzero(intakes[1:] == intakes[:-1])
    twice = np.zeros(len(intakes), np.bool_)
    twice[again] = twice[again + 1] = True
    for row in np.flatnonzero(twice & (ceiling < 0)).tolist():
        name, places = _shared_seats(int(intakes[row]), int(seats[row]))
        ceilings.setdefault(name, places)
        ceiling[row] = numbers.setdefault(name, len(numbers))
    return ceiling, ceilings
