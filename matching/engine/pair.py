"""The hard rules on one pair, without building tables: for the moment at which a seat is taken.

Packing one need and one offer into columns costs more than a hundred times what the comparison
does. These are the same rules on plain values; a test holds them to the columns over thousands of
random pairs, and whoever changes a rule in `rules` or `index` changes it here.
"""

from collections.abc import Mapping
from datetime import date
from math import asin, cos, radians, sin, sqrt
from typing import Any

from matching.engine.codes import LEVEL_CODE, MODES, ONLINE, Rule
from matching.engine.columns import EARTH_RADIUS_KM
from matching.engine.rules import KM_TOLERANCE

_ONLINE = MODES[ONLINE]


def failed_rules_of_pair(
    need: Mapping[str, Any], offer: Mapping[str, Any], max_travel_km: float
) -> int:
    """The set of failed rules, exactly as the columns of these two would give it.

    Both sides hold the named columns of `NeedTable.from_columns` and `OfferTable.from_columns`,
    one value each; `max_travel_km` is the policy's. CEILING and OVERLAP are not the engine's.
    """
    fails = {
        Rule.ROUTE: need["component"] != offer["component"],
        Rule.LEVEL: _level_fails(need, offer),
        Rule.LITERACY: need["literacy"] not in offer["literacy"],
        Rule.REGION_CONTRACT: _cover_fails(need, offer),
        Rule.MARK: offer["mark_required"] and _before(offer["mark_valid_to"], offer["start"]),
        Rule.DISTANCE: _distance_fails(need, offer, max_travel_km),
        Rule.DAYPART: offer["mode"] != _ONLINE
        and not set(offer["slots"]) <= set(need["available"]),
        Rule.START_EARLY: offer["start"] < (need["earliest_start"] or date.min),
        Rule.START_LATE: offer["start"] > (need["latest_start"] or date.max),
        Rule.TERM: offer["end"] > (need["term_end"] or date.max),
        Rule.CHILDCARE: need["childcare"] and not offer["childcare"],
        Rule.ACCESS: need["wheelchair"] and not offer["wheelchair"],
        Rule.SEATS: offer["seats"] <= 0,
    }
    return sum(rule.bit for rule, failed in fails.items() if failed)


def _level_fails(need: Mapping[str, Any], offer: Mapping[str, Any]) -> bool:
    """The entry level lies outside the group's, or the group ends below the person's target."""
    level = LEVEL_CODE[need["level"]]
    inside = LEVEL_CODE[offer["level_from"]] <= level <= LEVEL_CODE[offer["level_to"]]
    return not inside or LEVEL_CODE[offer["target_level"]] < LEVEL_CODE[need["target_level"]]


def _cover_fails(need: Mapping[str, Any], offer: Mapping[str, Any]) -> bool:
    """No contract for this municipality, target group and start date."""
    covered = need["target_group"] in offer["target_groups"] and str(need["municipality"]) in {
        str(one) for one in offer["municipalities"]
    }
    first, last = offer["contract_from"] or date.min, offer["contract_to"] or date.max
    return not covered or not first <= offer["start"] <= last


def _before(mark_valid_to: date | None, start: date) -> bool:
    return mark_valid_to is None or mark_valid_to < start


def _distance_fails(
    need: Mapping[str, Any], offer: Mapping[str, Any], max_travel_km: float
) -> bool:
    if need["online"] and offer["mode"] == _ONLINE:
        return False
    own = need["max_travel_km"]
    limit = max_travel_km if own is None else own
    return _km(need, offer) > limit + KM_TOLERANCE


def _km(need: Mapping[str, Any], offer: Mapping[str, Any]) -> float:
    """Great-circle distance from the chord, as `rules.distance_km`."""
    here, there = _point(need), _point(offer)
    chord = sqrt(sum((a - b) ** 2 for a, b in zip(here, there, strict=True)))
    return 2 * EARTH_RADIUS_KM * asin(min(chord * 0.5, 1.0))


def _point(place: Mapping[str, Any]) -> tuple[float, float, float]:
    phi, theta = radians(place["lat"]), radians(place["lon"])
    return cos(phi) * cos(theta), cos(phi) * sin(theta), sin(phi)
