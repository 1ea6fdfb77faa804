"""Guarantees that names, dates and sets become plain numbers in one way for every caller."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np

from matching.engine.codes import SLOT_BIT, slot_mask

# Stand-ins for "no date", far outside any real calendar but safe to add and subtract in int32.
NO_DATE_LATE: Final = 1 << 20
NO_DATE_EARLY: Final = -(1 << 20)
# 1970-01-01 in Python's count of days.
_EPOCH: Final = 719_163
EARTH_RADIUS_KM: Final = 6371.0088

Column = Sequence[Any] | np.ndarray


def day_number(day: date) -> int:
    """Gives the number of days since 1970-01-01: how the engine holds every date."""
    return day.toordinal() - _EPOCH


def day_from_number(number: int) -> date:
    """Gives the date of a day number."""
    return date.fromordinal(int(number) + _EPOCH)


def day_column(values: Column, missing: int) -> np.ndarray:
    """Turns dates, ISO strings, datetime64 or day numbers into int32; None becomes `missing`."""
    if not isinstance(values, np.ndarray):
        # numpy takes ten times as long over objects.
        try:
            days = np.fromiter(map(date.toordinal, values), np.int64, len(values))
            return (days - _EPOCH).astype(np.int32)
        except TypeError:  # a day is missing, or is written as text
            pass
        if all(isinstance(v, date | None) for v in values):
            return np.fromiter(
                (missing if v is None else v.toordinal() - _EPOCH for v in values),
                np.int32,
                len(values),
            )
    array = np.asarray(values)
    if array.dtype.kind in "iu":
        return array.astype(np.int32)
    days = array.astype("datetime64[D]") if array.size else np.zeros(0, "datetime64[D]")
    numbers = days.astype(np.int64)
    return np.where(np.isnat(days), missing, numbers).astype(np.int32)


def code_column(values: Column, table: Mapping[str, int], name: str) -> np.ndarray:
    """Turns names into int8 codes; raises ValueError naming the column and the value.

    Names may come as text, as an array of bytes, or as codes already.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind in "iu":
        return values.astype(np.int8)
    if isinstance(values, np.ndarray) and values.dtype.kind == "S":
        return _looked_up(values, table, name).astype(np.int8)
    try:
        return np.fromiter(map(table.__getitem__, values), np.int8, len(values))
    except KeyError as error:
        raise ValueError(f"{name}: unknown value {error.args[0]!r}") from None


def mask_column(values: Column, table: Mapping[str, int]) -> np.ndarray:
    """Turns lists of names into bit sets; bytes hold the names with commas between them."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "iu":
        return values.astype(np.int8)
    if isinstance(values, np.ndarray) and values.dtype.kind == "S":
        lists, row = np.unique(values, return_inverse=True)
        names = [text.decode().split(",") if text else [] for text in lists.tolist()]
        return mask_column(names, table)[row]
    known: dict[tuple[str, ...], int] = {}  # few sets, often repeated
    for names in values:
        key = tuple(names)
        if key not in known:
            known[key] = sum({1 << table[name] for name in key})
    return np.fromiter((known[tuple(names)] for names in values), np.int8, len(values))


def slot_column(values: Column) -> np.ndarray:
    """Turns lists of day-parts into bit sets; bit sets pass through.

    A table of bytes holds the day-parts of one row each, with empty ones behind them.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind in "iu":
        return values.astype(np.int64)
    if isinstance(values, np.ndarray) and values.dtype.kind == "S":
        bits = _looked_up(values, {"": 0, **SLOT_BIT}, "slots")
        return np.asarray(np.bitwise_or.reduce(bits, axis=1), np.int64)
    return np.fromiter(
        (v if isinstance(v, int) else slot_mask(v) for v in values), np.int64, len(values)
    )


def _looked_up(values: np.ndarray, table: Mapping[str, int], name: str) -> np.ndarray:
    """Gives the number behind each name of an array of short bytes."""
    names = np.array([key.encode() for key in table], "S8").view(np.uint64)
    order = np.argsort(names)
    names, numbers = names[order], np.array(list(table.values()), np.int64)[order]
    wanted = np.ascontiguousarray(values.astype("S8")).view(np.uint64).reshape(values.shape)
    at = np.minimum(np.searchsorted(names, wanted), len(names) - 1)
    if not np.array_equal(names[at], wanted):
        unknown = values[names[at] != wanted].flat[0].decode(errors="replace")
        raise ValueError(f"{name}: unknown value {unknown!r}")
    return np.asarray(numbers[at])


def id_column(values: Column) -> np.ndarray:
    if isinstance(values, np.ndarray) and values.dtype.kind == "U":
        return values
    if isinstance(values, np.ndarray) and values.dtype.kind in "iu":
        distinct, row = np.unique(values, return_inverse=True)
        return np.asarray(distinct.astype(np.str_)[row])
    return np.asarray([str(value) for value in values], dtype=np.str_)


def float_column(values: Column, missing: float = float("nan")) -> np.ndarray:
    if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
        return values.astype(np.float64)
    return np.array([missing if v is None else v for v in values], np.float64)


def bool_column(values: Column) -> np.ndarray:
    return np.asarray(values, dtype=np.bool_)


def unit_vectors(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """Gives points on the unit sphere, so that a distance needs no trigonometry per pair."""
    phi, theta = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)])


def record_columns(records: list[Mapping[str, Any]], names: Mapping[str, str]) -> dict[str, Any]:
    return {column: [record[name] for record in records] for column, name in names.items()}


def intern_names(values: Column) -> tuple[np.ndarray, tuple[str, ...]]:
    """Gives each row the number of its name, and the names; numbers are names too."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "iu":
        distinct, row = np.unique(values, return_inverse=True)
        return row.reshape(-1).astype(np.int32), tuple(map(str, distinct.tolist()))
    known: dict[str, int] = {}
    rows = [known.setdefault(str(value), len(known)) for value in values]
    return np.array(rows, np.int32), tuple(known)


def intern_regions(
    municipalities: Column, groups: np.ndarray
) -> tuple[np.ndarray, tuple[tuple[frozenset[str], int], ...]]:
    """Gives each offer the number of its (municipalities, target groups), and the list of them."""
    municipalities = list(municipalities)  # keeps each object alive: its id() is a key below
    # The same object again needs no second hashing.
    seen: dict[tuple[int, int], int] = {}
    keys = zip(map(id, municipalities), groups.tolist(), strict=True)
    key_of = [seen.setdefault(key, len(seen)) for key in keys]
    first = {key: row for row, key in reversed(list(enumerate(key_of)))}
    known: dict[tuple[frozenset[str], int], int] = {}
    numbers = [0] * len(seen)
    for (_, mask), key in seen.items():
        region = (frozenset(map(str, municipalities[first[key]])), mask)
        numbers[key] = known.setdefault(region, len(known))
    return np.array(numbers, np.int32)[np.array(key_of, np.int64)], tuple(known)


def intern_ceilings(
    ceilings: Column,
) -> tuple[np.ndarray, tuple[str, ...], tuple[int, ...]]:
    """Gives each offer the number of its ceiling (-1: none); one id has one number of places."""
    places: dict[str, int] = {}
    numbers: dict[str, int] = {}
    rows = np.full(len(ceilings), -1, np.int32)
    for row, ceiling in enumerate(ceilings):
        if ceiling is None:
            continue
        name, count = str(ceiling[0]), int(ceiling[1])
        if places.setdefault(name, count) != count:
            raise ValueError(f"ceiling {name!r} has two numbers of places")
        rows[row] = numbers.setdefault(name, len(numbers))
    return rows, tuple(places), tuple(places.values())


NEED_FIELDS: Mapping[str, str] = {
    "ids": "id",
    "municipality": "municipality",
    "component": "component",
    "target_group": "targetGroup",
    "level": "level",
    "target_level": "targetLevel",
    "literacy": "literacy",
    "lat": "lat",
    "lon": "lon",
    "max_travel_km": "maxTravelKm",
    "online": "online",
    "available": "available",
    "hours_per_week": "hoursPerWeek",
    "earliest_start": "earliestStart",
    "latest_start": "latestStart",
    "deadline": "deadline",
    "term_end": "termEnd",
    "waiting_since": "waitingSince",
    "childcare": "childcare",
    "wheelchair": "wheelchair",
}
OFFER_FIELDS: Mapping[str, str] = {
    "ids": "id",
    "provider": "provider",
    "component": "component",
    "level_from": "levelFrom",
    "level_to": "levelTo",
    "target_level": "targetLevel",
    "literacy": "literacy",
    "lat": "lat",
    "lon": "lon",
    "mode": "mode",
    "slots": "slots",
    "hours_per_week": "hoursPerWeek",
    "start": "start",
    "end": "end",
    "seats": "seats",
    "min_group": "minGroup",
    "enrolled": "enrolled",
    "municipalities": "municipalities",
    "target_groups": "targetGroups",
    "contract_from": "contractFrom",
    "contract_to": "contractTo",
    "ceiling": "ceiling",
    "mark_valid_to": "markValidTo",
    "mark_required": "markRequired",
    "childcare": "childcare",
    "wheelchair": "wheelchair",
    "quality_index": "qualityIndex",
    "price_per_hour": "pricePerHour",
}
