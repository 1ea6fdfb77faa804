"""Guarantees that an instance file is used only when every value in it is right.

All faults are reported at once, each with its JSON path (`$.needs[3].literacy`).
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import orjson

from matching.engine.checks import (
    Check,
    boolean,
    check_record,
    choice,
    iso_date,
    list_of,
    number,
    optional,
    text,
    wrong_type,
)
from matching.engine.codes import (
    COMPONENTS,
    FACTORS,
    LEVEL_CODE,
    LEVELS,
    LITERACIES,
    MODES,
    NEED_LEVELS,
    PRIORITIES,
    SLOTS,
    TARGET_GROUPS,
    TARGET_LEVELS,
)
from matching.engine.faults import Fault, InstanceInvalidError
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.policy import Policy


def _(message: str) -> str:
    """Marks a message for translation without translating it here."""
    return message


# Half the circumference of the earth: a longer way does not exist.
_MAX_KM: Final = 20_040
_HOURS_IN_WEEK: Final = 168
_MAX_COUNT: Final = 1_000_000
_MAX_DAYS: Final = 36_525

_places: Final = number(0, _MAX_COUNT, whole=True)
_CEILING: Final[dict[str, Check]] = {"id": text, "places": _places}


def _ceiling(value: Any) -> Any:
    """Accepts null or an object; its fields are checked apart, each with its own path."""
    return None if value is None or isinstance(value, dict) else wrong_type("object", value)


NEED_SCHEMA: Final[dict[str, Check]] = {
    "id": text,
    "municipality": text,
    "component": choice(COMPONENTS),
    "targetGroup": choice(TARGET_GROUPS),
    "level": choice(NEED_LEVELS),
    "targetLevel": choice(TARGET_LEVELS),
    "literacy": choice(LITERACIES),
    "lat": number(-90, 90),
    "lon": number(-180, 180),
    "maxTravelKm": optional(number(0, _MAX_KM)),
    "online": boolean,
    "available": list_of(SLOTS),
    "hoursPerWeek": number(0, _HOURS_IN_WEEK),
    "earliestStart": iso_date,
    "latestStart": iso_date,
    "deadline": optional(iso_date),
    "termEnd": iso_date,
    "waitingSince": iso_date,
    "childcare": boolean,
    "wheelchair": boolean,
}
OFFER_SCHEMA: Final[dict[str, Check]] = {
    "id": text,
    "provider": text,
    "component": choice(COMPONENTS),
    "levelFrom": choice(LEVELS),
    "levelTo": choice(LEVELS),
    "targetLevel": choice(TARGET_LEVELS),
    "literacy": list_of(LITERACIES),
    "lat": number(-90, 90),
    "lon": number(-180, 180),
    "mode": choice(MODES),
    "slots": list_of(SLOTS),
    "hoursPerWeek": number(0, _HOURS_IN_WEEK),
    "start": iso_date,
    "end": iso_date,
    "seats": _places,
    "minGroup": _places,
    "enrolled": _places,
    "municipalities": list_of(None),
    "targetGroups": list_of(TARGET_GROUPS),
    "contractFrom": iso_date,
    "contractTo": iso_date,
    "ceiling": _ceiling,
    "markValidTo": optional(iso_date),
    "markRequired": boolean,
    "childcare": boolean,
    "wheelchair": boolean,
    "qualityIndex": number(-1_000, 1_000),
    "pricePerHour": number(0, _MAX_COUNT),
}
POLICY_SCHEMA: Final[dict[str, Check]] = {
    "weights": lambda value: None if isinstance(value, dict) else wrong_type("object", value),
    "maxTravelKm": number(0, _MAX_KM),
    "urgentWithinDays": number(0, _MAX_DAYS, whole=True),
    "longWaitDays": number(0, _MAX_DAYS, whole=True),
    "priority": choice(PRIORITIES),
    "seed": number(-(2**63), 2**64 - 1, whole=True),
}
_WEIGHTS: Final[dict[str, Check]] = dict.fromkeys(FACTORS, number(0, _MAX_COUNT, whole=True))
_FILE: Final[dict[str, Check]] = {
    "asOf": iso_date,
    "policy": lambda value: None,
    "needs": lambda value: None if isinstance(value, list) else wrong_type("list", value),
    "offers": lambda value: None if isinstance(value, list) else wrong_type("list", value),
}


@dataclass(frozen=True, eq=False, slots=True)
class Instance:
    """The content of an instance file, as the engine wants it."""

    needs: NeedTable
    offers: OfferTable
    policy: Policy
    as_of: date


def read_instance(path: Path) -> Instance:
    """Gives the instance in the file; raises InstanceInvalidError with every fault in it.

    Raises OSError when the file cannot be read.
    """
    return parse_instance(path.read_bytes())


def parse_instance(content: bytes) -> Instance:
    """Gives the instance in the bytes of a file; raises InstanceInvalidError."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        fault = Fault(
            "$", "not_utf8", _("is not UTF-8 text (byte %(byte)s)"), {"byte": error.start}
        )
        raise InstanceInvalidError([fault]) from error
    try:
        data = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        fault = Fault(
            "$",
            "malformed_json",
            _("is not JSON: line %(line)s, column %(column)s: %(problem)s"),
            {"line": error.lineno, "column": error.colno, "problem": error.msg},
        )
        raise InstanceInvalidError([fault]) from error
    faults = find_faults(data)
    if faults:
        raise InstanceInvalidError(faults)
    return Instance(
        needs=NeedTable.from_records(data["needs"]),
        offers=OfferTable.from_records(data["offers"]),
        policy=Policy.from_record(data["policy"]),
        as_of=date.fromisoformat(data["asOf"]),
    )


def find_faults(data: Any) -> list[Fault]:
    """Gives every fault in the content of an instance file."""
    faults: list[Fault] = []
    if not isinstance(data, dict):
        check_record(data, "$", _FILE, faults)
        return faults
    check_record(data, "$", _FILE, faults)
    if "policy" in data:
        _check_policy(data["policy"], faults)
    if isinstance(data.get("needs"), list):
        _check_list(data["needs"], "$.needs", NEED_SCHEMA, faults, [_need_dates])
    if isinstance(data.get("offers"), list):
        ceilings = _Ceilings()
        checks = [_offer_levels, _offer_dates, ceilings.check]
        _check_list(data["offers"], "$.offers", OFFER_SCHEMA, faults, checks)
    return faults


def _check_policy(policy: Any, faults: list[Fault]) -> None:
    check_record(policy, "$.policy", POLICY_SCHEMA, faults)
    if isinstance(policy, dict) and isinstance(policy.get("weights"), dict):
        check_record(policy["weights"], "$.policy.weights", _WEIGHTS, faults)


def _check_list(
    records: list[Any], path: str, schema: dict[str, Check], faults: list[Fault], further: list[Any]
) -> None:
    """Checks every record by itself, then its id against those before it, then its sense."""
    seen: dict[str, int] = {}
    for index, record in enumerate(records):
        here = f"{path}[{index}]"
        if not check_record(record, here, schema, faults) and not isinstance(record, dict):
            continue
        name = record.get("id")
        if isinstance(name, str) and seen.setdefault(name, index) != index:
            faults.append(
                Fault(
                    f"{here}.id",
                    "duplicate_id",
                    _("is used before, at %(path)s"),
                    {"path": f"{path}[{seen[name]}].id"},
                )
            )
        for check in further:
            check(record, here, faults)


def _ordered(record: dict[str, Any], low: str, high: str, path: str, faults: list[Fault]) -> None:
    """Reports two right dates in the wrong order; wrong dates have been reported already."""
    first, last = record.get(low), record.get(high)
    if iso_date(first) is None and iso_date(last) is None and last < first:  # type: ignore[operator]
        faults.append(
            Fault(
                f"{path}.{high}",
                "dates_out_of_order",
                _("must not lie before %(other)s (%(value)s)"),
                {"other": low, "value": first},
            )
        )


def _need_dates(record: dict[str, Any], path: str, faults: list[Fault]) -> None:
    _ordered(record, "earliestStart", "latestStart", path, faults)


def _offer_dates(record: dict[str, Any], path: str, faults: list[Fault]) -> None:
    _ordered(record, "start", "end", path, faults)
    _ordered(record, "contractFrom", "contractTo", path, faults)


def _offer_levels(record: dict[str, Any], path: str, faults: list[Fault]) -> None:
    low, high = record.get("levelFrom"), record.get("levelTo")
    if low in LEVELS and high in LEVELS and LEVEL_CODE[high] < LEVEL_CODE[low]:
        faults.append(
            Fault(
                f"{path}.levelTo",
                "levels_out_of_order",
                _("must not be lower than levelFrom (%(value)s)"),
                {"value": low},
            )
        )


class _Ceilings:
    """Checks the ceilings of all offers: one id, one number of places."""

    def __init__(self) -> None:
        self.places: dict[str, tuple[int, str]] = {}

    def check(self, record: dict[str, Any], path: str, faults: list[Fault]) -> None:
        """Adds the faults of one offer's ceiling."""
        ceiling = record.get("ceiling")
        here = f"{path}.ceiling"
        if not isinstance(ceiling, dict) or not check_record(ceiling, here, _CEILING, faults):
            return
        count, where = self.places.setdefault(ceiling["id"], (ceiling["places"], here))
        if count != ceiling["places"]:
            faults.append(
                Fault(
                    f"{here}.places",
                    "ceiling_conflict",
                    _("must be %(places)s, as at %(path)s"),
                    {"places": count, "path": where},
                )
            )
