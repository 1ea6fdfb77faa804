"""Makes realistic, seeded instances for the engine: a region with schools and waiting people.

Recognisably synthetic; no fact about a real person or school.  As many seats as needs, so that a
good assignment and a bad one differ.
"""

from datetime import date, timedelta
from typing import Any

import numpy as np

AS_OF = date(2026, 3, 2)
WEIGHTS = {
    "start": 300,
    "travel": 200,
    "level": 150,
    "intensity": 100,
    "dayPart": 50,
    "duality": 50,
    "filling": 50,
    "quality": 50,
    "price": 50,
}
COMPONENTS = ("B", "O", "Z", "KNM", "MAP", "PVT")
COMPONENT_SHARE = (0.34, 0.05, 0.22, 0.13, 0.14, 0.12)
LEVELS = ("A0", "A1", "A2", "B1", "B2")
GROUPS = ("asylum", "family", "other")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def policy_record(priority: str = "tiers", **changes: Any) -> dict[str, Any]:
    """Gives the policy object of an instance file."""
    return {
        "weights": dict(WEIGHTS),
        "maxTravelKm": 25,
        "urgentWithinDays": 28,
        "longWaitDays": 90,
        "priority": priority,
        "seed": 20260302,
    } | changes


def day(offset: int) -> str:
    """Gives the ISO date so many days from the day of the run."""
    return (AS_OF + timedelta(days=int(offset))).isoformat()


def need_record(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Gives one need that fits `offer_record()` on every rule."""
    return {
        "id": f"n{number}",
        "municipality": "0363",
        "component": "B",
        "targetGroup": "asylum",
        "level": "A1",
        "targetLevel": "B1",
        "literacy": "NVT",
        "lat": 52.37,
        "lon": 4.89,
        "maxTravelKm": None,
        "online": False,
        "available": ["MO1", "MO2", "TU1", "WE1", "FR1"],
        "hoursPerWeek": 12,
        "earliestStart": day(7),
        "latestStart": day(91),
        "deadline": None,
        "termEnd": day(1040),
        "waitingSince": day(-56),
        "childcare": False,
        "wheelchair": False,
    } | changes


def offer_record(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Gives one offer that fits `need_record()` on every rule."""
    return {
        "id": f"o{number}",
        "provider": "p1",
        "component": "B",
        "levelFrom": "A0",
        "levelTo": "A2",
        "targetLevel": "B1",
        "literacy": ["NVT"],
        "lat": 52.35,
        "lon": 4.9,
        "mode": "onsite",
        "slots": ["MO1", "WE1", "FR1"],
        "hoursPerWeek": 12,
        "start": day(30),
        "end": day(395),
        "seats": 6,
        "minGroup": 8,
        "enrolled": 5,
        "municipalities": ["0363", "0384"],
        "targetGroups": ["asylum"],
        "contractFrom": day(-400),
        "contractTo": day(1030),
        "ceiling": None,
        "markValidTo": day(640),
        "markRequired": True,
        "childcare": False,
        "wheelchair": True,
        "qualityIndex": 0.0,
        "pricePerHour": 14.5,
    } | changes


def instance(
    needs: list[dict[str, Any]], offers: list[dict[str, Any]], **policy: Any
) -> dict[str, Any]:
    """Gives an instance file's content."""
    return {
        "asOf": AS_OF.isoformat(),
        "policy": policy_record(**policy),
        "needs": needs,
        "offers": offers,
    }


def region_instance(
    need_count: int,
    offer_count: int,
    *,
    seed: int = 1,
    priority: str = "tiers",
    ceilings: int = 0,
    seats_per_need: float = 1.0,
) -> dict[str, Any]:
    """Gives a region of `need_count` waiting people and `offer_count` intake moments."""
    rng = np.random.default_rng(seed)
    regions = max(1, round(offer_count / 1000))
    towns = _towns(rng, regions)
    needs = _needs(rng, need_count, towns)
    offers = _offers(rng, offer_count, towns, round(need_count * seats_per_need), ceilings)
    return instance(needs, offers, priority=priority)


def _towns(rng: np.random.Generator, regions: int) -> list[dict[str, Any]]:
    """Gives nine towns per purchasing region, the first one large."""
    towns = []
    for region in range(regions):
        lat, lon = rng.uniform(51.3, 53.2), rng.uniform(4.4, 6.8)
        for number in range(9):
            towns.append(
                {
                    "code": f"{1000 + 10 * region + number:04d}",
                    "region": region,
                    "weight": 5.0 if number == 0 else 1.0,
                    "lat": lat + rng.normal(0, 0.1),
                    "lon": lon + rng.normal(0, 0.16),
                }
            )
    return towns


def _choose(rng: np.random.Generator, towns: list[dict[str, Any]], count: int) -> np.ndarray:
    weights = np.array([town["weight"] for town in towns])
    return rng.choice(len(towns), count, p=weights / weights.sum())


def _needs(
    rng: np.random.Generator, count: int, towns: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    home = _choose(rng, towns, count)
    component = rng.choice(6, count, p=COMPONENT_SHARE)
    group = rng.choice(3, count, p=(0.72, 0.22, 0.06))
    level = rng.choice(4, count, p=(0.45, 0.3, 0.18, 0.07))
    literacy = rng.choice(3, count, p=(0.1, 0.22, 0.68))
    waiting = rng.gamma(2.0, 30.0, count).astype(int)
    records = []
    for i in range(count):
        town = towns[home[i]]
        name = COMPONENTS[component[i]]
        target = {"B": 3, "O": 4, "Z": 1}.get(name, 1)
        free = rng.random((5, 3)) < (0.8, 0.75, 0.35)
        records.append(
            need_record(
                municipality=town["code"],
                component=name,
                targetGroup=GROUPS[group[i]],
                level=LEVELS[min(level[i], target - 1)],
                targetLevel=LEVELS[target],
                literacy=("A", "AA", "NVT")[literacy[i]],
                lat=round(town["lat"] + rng.normal(0, 0.02), 5),
                lon=round(town["lon"] + rng.normal(0, 0.03), 5),
                maxTravelKm=None if rng.random() < 0.7 else int(rng.integers(5, 40)),
                online=bool(rng.random() < 0.25),
                available=[f"{DAYS[d]}{p + 1}" for d in range(5) for p in range(3) if free[d, p]],
                hoursPerWeek=int(rng.choice((6, 9, 12, 15))),
                earliestStart=day(rng.integers(-10, 30)),
                latestStart=day(rng.integers(90, 260)),
                deadline=day(rng.integers(-10, 200)) if rng.random() < 0.35 else None,
                termEnd=day(rng.integers(500, 1090)),
                waitingSince=day(-waiting[i]),
                childcare=bool(rng.random() < 0.1),
                wheelchair=bool(rng.random() < 0.02),
            )
            | {"id": f"n{i:06d}"}
        )
    return records


def _offers(
    rng: np.random.Generator, count: int, towns: list[dict[str, Any]], seats: int, ceilings: int
) -> list[dict[str, Any]]:
    site = _choose(rng, towns, count)
    component = rng.choice(6, count, p=COMPONENT_SHARE)
    by_region: dict[int, list[str]] = {}
    for town in towns:
        by_region.setdefault(town["region"], []).append(town["code"])
    share = rng.gamma(4.0, 1.0, count)
    places = np.floor(share / share.sum() * seats).astype(int)
    places[rng.choice(count, max(0, min(count, seats - int(places.sum()))), replace=False)] += 1
    records = []
    for j in range(count):
        town = towns[site[j]]
        name = COMPONENTS[component[j]]
        low = int(rng.choice(3, p=(0.6, 0.3, 0.1))) if name in ("B", "KNM", "MAP") else 0
        high = min(3, low + int(rng.integers(1, 4)))
        days = rng.choice(5, int(rng.integers(1, 4)), replace=False)
        part = int(rng.choice((1, 2, 3), p=(0.5, 0.35, 0.15)))
        start = int(rng.integers(5, 150))
        ceiling = None
        if ceilings and rng.random() < 0.5:
            number = int(rng.integers(0, ceilings))
            ceiling = {"id": f"c{number}", "places": max(1, seats // (3 * ceilings))}
        records.append(
            offer_record(
                provider=f"p{town['region']}-{rng.integers(0, 12)}",
                component=name,
                levelFrom=LEVELS[low],
                levelTo=LEVELS[high],
                targetLevel={"B": "B1", "O": "B2", "Z": "A1"}.get(name, "A1"),
                literacy=[["NVT"], ["AA", "NVT"], ["A", "AA", "NVT"], ["A"]][
                    int(rng.choice(4, p=(0.25, 0.37, 0.32, 0.06)))
                ],
                lat=round(town["lat"] + rng.normal(0, 0.01), 5),
                lon=round(town["lon"] + rng.normal(0, 0.015), 5),
                mode=str(rng.choice(("onsite", "online", "hybrid"), p=(0.82, 0.08, 0.1))),
                slots=[f"{DAYS[d]}{part}" for d in sorted(days)],
                hoursPerWeek=int(rng.choice((6, 9, 12, 15))),
                start=day(start),
                end=day(start + int(rng.integers(90, 420))),
                seats=int(places[j]),
                minGroup=int(rng.integers(6, 11)),
                enrolled=int(rng.integers(0, 12)),
                municipalities=by_region[town["region"]],
                targetGroups=[["asylum"], ["asylum", "family"], list(GROUPS)][
                    int(rng.choice(3, p=(0.2, 0.3, 0.5)))
                ],
                ceiling=ceiling,
                markValidTo=None if rng.random() < 0.02 else day(rng.integers(100, 900)),
                markRequired=name in ("B", "Z"),
                childcare=bool(rng.random() < 0.5),
                wheelchair=bool(rng.random() < 0.8),
                qualityIndex=round(float(rng.normal(0, 0.6)), 3),
                pricePerHour=round(float(rng.uniform(9, 21)), 2),
            )
            | {"id": f"o{j:05d}"}
        )
    return records
