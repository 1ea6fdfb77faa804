"""Honest small programs that do the engine's work in the plain way, for comparison."""

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

LEVELS = {"A0": 0, "A1": 1, "A2": 2, "B1": 3, "B2": 4}


@dataclass(slots=True)
class Need:
    """One person, as an application that loads objects would hold it."""

    municipality: str
    component: str
    target_group: str
    level: int
    target_level: int
    literacy: str
    lat: float
    lon: float
    limit_km: float
    online: bool
    available: frozenset[str]
    hours: float
    earliest: date
    latest: date
    term_end: date
    childcare: bool
    wheelchair: bool


@dataclass(slots=True)
class Offer:
    """One intake moment, as an application that loads objects would hold it."""

    id: str
    component: str
    level_from: int
    level_to: int
    target_level: int
    literacy: frozenset[str]
    lat: float
    lon: float
    online: bool
    slots: frozenset[str]
    lesson_days: int
    hours: float
    start: date
    end: date
    seats: int
    min_group: int
    enrolled: int
    municipalities: frozenset[str]
    target_groups: frozenset[str]
    contract_from: date
    contract_to: date
    mark_valid_to: date | None
    mark_required: bool
    childcare: bool
    wheelchair: bool
    quality: float
    price: float


def need_object(record: dict[str, Any], policy: dict[str, Any]) -> Need:
    """Gives a need as an object, everything converted beforehand."""
    limit = record["maxTravelKm"]
    return Need(
        record["municipality"],
        record["component"],
        record["targetGroup"],
        LEVELS[record["level"]],
        LEVELS[record["targetLevel"]],
        record["literacy"],
        math.radians(record["lat"]),
        math.radians(record["lon"]),
        policy["maxTravelKm"] if limit is None else limit,
        record["online"],
        frozenset(record["available"]),
        record["hoursPerWeek"],
        date.fromisoformat(record["earliestStart"]),
        date.fromisoformat(record["latestStart"]),
        date.fromisoformat(record["termEnd"]),
        record["childcare"],
        record["wheelchair"],
    )


def offer_object(record: dict[str, Any]) -> Offer:
    """Gives an offer as an object, everything converted beforehand."""
    mark = record["markValidTo"]
    online = record["mode"] == "online"
    slots = frozenset() if online else frozenset(record["slots"])
    return Offer(
        record["id"],
        record["component"],
        LEVELS[record["levelFrom"]],
        LEVELS[record["levelTo"]],
        LEVELS[record["targetLevel"]],
        frozenset(record["literacy"]),
        math.radians(record["lat"]),
        math.radians(record["lon"]),
        online,
        slots,
        len({slot[:2] for slot in slots if slot[2] != "3" and slot[0] != "S"}),
        record["hoursPerWeek"],
        date.fromisoformat(record["start"]),
        date.fromisoformat(record["end"]),
        record["seats"],
        record["minGroup"],
        record["enrolled"],
        frozenset(record["municipalities"]),
        frozenset(record["targetGroups"]),
        date.fromisoformat(record["contractFrom"]),
        date.fromisoformat(record["contractTo"]),
        None if mark is None else date.fromisoformat(mark),
        record["markRequired"],
        record["childcare"],
        record["wheelchair"],
        record["qualityIndex"],
        record["pricePerHour"],
    )


def kilometres(need: Need, offer: Offer) -> float:
    """Gives the great-circle distance by the textbook formula."""
    a = (
        math.sin((offer.lat - need.lat) / 2) ** 2
        + math.cos(need.lat) * math.cos(offer.lat) * math.sin((offer.lon - need.lon) / 2) ** 2
    )
    return 2 * 6371.0088 * math.asin(math.sqrt(a))


def failed_rules(need: Need, offer: Offer, km: float) -> list[str]:
    """Gives every failed rule of a pair."""
    start, mark = offer.start, offer.mark_valid_to
    checks = (
        ("ROUTE", need.component == offer.component),
        (
            "LEVEL",
            offer.level_from <= need.level <= offer.level_to
            and offer.target_level >= need.target_level,
        ),
        ("LITERACY", need.literacy in offer.literacy),
        (
            "REGION_CONTRACT",
            need.municipality in offer.municipalities
            and need.target_group in offer.target_groups
            and offer.contract_from <= start <= offer.contract_to,
        ),
        ("MARK", not offer.mark_required or (mark is not None and mark >= start)),
        ("DISTANCE", km <= need.limit_km or (offer.online and need.online)),
        ("DAYPART", offer.slots <= need.available),
        ("START_EARLY", start >= need.earliest),
        ("START_LATE", start <= need.latest),
        ("TERM", offer.end <= need.term_end),
        ("CHILDCARE", offer.childcare or not need.childcare),
        ("ACCESS", offer.wheelchair or not need.wheelchair),
        ("SEATS", offer.seats > 0),
    )
    return [rule for rule, holds in checks if not holds]


def points(need: Need, offer: Offer, km: float, today: date, top: list[int]) -> list[int]:
    """Gives the points per factor of a pair, in the order of the engine."""
    delay = (offer.start - max(need.earliest, today)).days
    if km == 0 or (offer.online and need.online):
        travel = 1.0
    else:
        travel = max(0.0, 1 - km / need.limit_km) if need.limit_km else 0.0
    most = max(need.hours, offer.hours)
    factors = (
        1 - min(max(delay, 0), 182) / 182,
        travel,
        1 - (need.level - offer.level_from + offer.target_level - need.target_level) / 6,
        1 - abs(need.hours - offer.hours) / most if most else 1.0,
        1 - len(offer.slots) / max(len(need.available), 1),
        1 - offer.lesson_days / 5,
        min(1.0, (offer.enrolled + 1) / max(offer.min_group, 1)),
        1 / (1 + math.exp(-offer.quality)),
        min(1.0, max(0.0, (25 - offer.price) / 17)),
    )
    return [math.floor(weight * factor + 0.5) for weight, factor in zip(top, factors, strict=True)]


def recommend(
    need: Need, offers: list[Offer], today: date, top: list[int]
) -> tuple[list[tuple[int, str, list[int]]], dict[str, int], list[tuple[str, str]]]:
    """Gives (ranked offers with points, offers failing per rule, near misses) by a loop."""
    ranked, reasons, near = [], {}, []
    for offer in offers:
        km = kilometres(need, offer)
        failed = failed_rules(need, offer, km)
        if not failed:
            parts = points(need, offer, km, today, top)
            ranked.append((sum(parts), offer.id, parts))
        elif len(failed) == 1 and failed != ["ROUTE"]:
            near.append((failed[0], offer.id))
        for rule in failed:
            reasons[rule] = reasons.get(rule, 0) + 1
    ranked.sort(key=lambda item: (-item[0], item[1]))
    return ranked, reasons, near
