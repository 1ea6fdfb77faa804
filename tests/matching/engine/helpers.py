"""An independent, slow reading of engine.md, against which the engine is checked."""

import math
from datetime import date
from typing import Any

from matching.engine import BatchResult, NeedTable, OfferTable, Policy, run_batch
from tests.support.instances import AS_OF

LEVELS = ("A0", "A1", "A2", "B1", "B2")


def tables(data: dict[str, Any]) -> tuple[NeedTable, OfferTable, Policy]:
    """Gives the engine's view of an instance."""
    return (
        NeedTable.from_records(data["needs"]),
        OfferTable.from_records(data["offers"]),
        Policy.from_record(data["policy"]),
    )


def solve(data: dict[str, Any], solver: str | None = None) -> BatchResult:
    """Runs the batch on an instance."""
    return run_batch(*tables(data), AS_OF, solver=solver)


def haversine(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Gives the great-circle distance in km by the textbook formula."""
    p1, p2 = math.radians(lat1), math.radians(lat2)
    a = (
        math.sin((p2 - p1) / 2) ** 2
        + math.cos(p1) * math.cos(p2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * 6371.0088 * math.asin(min(1.0, math.sqrt(a)))


def failed(need: dict[str, Any], offer: dict[str, Any], policy: dict[str, Any]) -> list[str]:
    """Gives the failed rules of a pair, rule by rule as engine.md words them."""
    level = LEVELS.index
    limit = need["maxTravelKm"] if need["maxTravelKm"] is not None else policy["maxTravelKm"]
    km = haversine(need["lat"], need["lon"], offer["lat"], offer["lon"])
    online = offer["mode"] == "online"
    mark = offer["markValidTo"]
    holds = {
        "ROUTE": need["component"] == offer["component"],
        "LEVEL": level(offer["levelFrom"]) <= level(need["level"]) <= level(offer["levelTo"])
        and level(offer["targetLevel"]) >= level(need["targetLevel"]),
        "LITERACY": need["literacy"] in offer["literacy"],
        "REGION_CONTRACT": need["municipality"] in offer["municipalities"]
        and need["targetGroup"] in offer["targetGroups"]
        and offer["contractFrom"] <= offer["start"] <= offer["contractTo"],
        "MARK": not offer["markRequired"] or (mark is not None and mark >= offer["start"]),
        "DISTANCE": km <= limit or (online and need["online"]),
        "DAYPART": online or set(offer["slots"]) <= set(need["available"]),
        "START_EARLY": offer["start"] >= need["earliestStart"],
        "START_LATE": offer["start"] <= need["latestStart"],
        "TERM": offer["end"] <= need["termEnd"],
        "CHILDCARE": not need["childcare"] or offer["childcare"],
        "ACCESS": not need["wheelchair"] or offer["wheelchair"],
        "SEATS": offer["seats"] > 0,
    }
    return [rule for rule, fine in holds.items() if not fine]


def tier(need: dict[str, Any], policy: dict[str, Any]) -> int:
    """Gives the tier of a need, as engine.md words it."""
    deadline = need["deadline"]
    if deadline and (date.fromisoformat(deadline) - AS_OF).days <= policy["urgentWithinDays"]:
        return 1
    waiting = (AS_OF - date.fromisoformat(need["waitingSince"])).days
    return 2 if waiting > policy["longWaitDays"] else 3


def level_keys(data: dict[str, Any]) -> list[Any]:
    """Gives per need the key of its priority level; a smaller key is a higher level."""
    policy = data["policy"]
    kind = policy["priority"]
    if kind == "none":
        return [0] * len(data["needs"])
    tiers = [tier(need, policy) for need in data["needs"]]
    if kind == "tiers":
        return tiers
    return [(t, n["waitingSince"]) for t, n in zip(tiers, data["needs"], strict=True)]


def best_objective(
    data: dict[str, Any], scores: dict[tuple[int, int], int]
) -> tuple[tuple[int, ...], int]:
    """Gives by exhaustion the best (number placed per level, total score)."""
    keys = level_keys(data)
    levels = sorted(set(keys))
    place = [levels.index(key) for key in keys]
    offers = data["offers"]
    best: list[Any] = [None]

    def go(need: int, seats: list[int], caps: dict[str, int], counts: list[int], sum_: int) -> None:
        if need == len(keys):
            value = (tuple(counts), sum_)
            if best[0] is None or value > best[0]:
                best[0] = value
            return
        go(need + 1, seats, caps, counts, sum_)
        for offer, record in enumerate(offers):
            if (need, offer) not in scores or seats[offer] == 0:
                continue
            ceiling = record["ceiling"]
            if ceiling and caps[ceiling["id"]] == 0:
                continue
            seats[offer] -= 1
            counts[place[need]] += 1
            if ceiling:
                caps[ceiling["id"]] -= 1
            go(need + 1, seats, caps, counts, sum_ + scores[need, offer])
            seats[offer] += 1
            counts[place[need]] -= 1
            if ceiling:
                caps[ceiling["id"]] += 1

    caps = {o["ceiling"]["id"]: o["ceiling"]["places"] for o in offers if o["ceiling"]}
    go(0, [o["seats"] for o in offers], caps, [0] * len(levels), 0)
    return best[0]


def objective(data: dict[str, Any], result: BatchResult) -> tuple[tuple[int, ...], int]:
    """Gives the (number placed per level, total score) of a result."""
    keys = level_keys(data)
    levels = sorted(set(keys))
    counts = [0] * len(levels)
    for key, offer in zip(keys, result.offer.tolist(), strict=True):
        counts[levels.index(key)] += offer >= 0
    return tuple(counts), int(result.score.sum())


def assignment(result: BatchResult) -> dict[str, str]:
    """Gives the placed needs and their offers, by id."""
    return {
        str(result.needs.ids[row]): str(result.offers.ids[result.offer[row]])
        for row in result.placed
    }


def check_limits(data: dict[str, Any], result: BatchResult) -> None:
    """Asserts that no seat and no ceiling is sold twice and that every pair is feasible."""
    used: dict[str, int] = {}
    seats = [0] * len(data["offers"])
    for row in result.placed.tolist():
        offer = int(result.offer[row])
        record = data["offers"][offer]
        assert failed(data["needs"][row], record, data["policy"]) == []
        seats[offer] += 1
        if record["ceiling"]:
            used[record["ceiling"]["id"]] = used.get(record["ceiling"]["id"], 0) + 1
    for count, record in zip(seats, data["offers"], strict=True):
        assert count <= record["seats"]
        if record["ceiling"]:
            assert used.get(record["ceiling"]["id"], 0) <= record["ceiling"]["places"]
