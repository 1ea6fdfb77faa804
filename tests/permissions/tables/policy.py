"""Entering PIPs, policy of the municipality, and the public text for the algorithm register."""

from tests.factories import matching as make
from tests.permissions.matrix import Audience, Case, World

CASEWORKERS = frozenset({Audience.CASEWORKER, Audience.CASEWORKER_ELSEWHERE})
COORDINATORS = frozenset({Audience.REGIONAL_COORDINATOR, Audience.REGIONAL_COORDINATOR_ELSEWHERE})
PIP_PAGE = {200: CASEWORKERS}
PLAN = {
    "route": "B",
    "level": "B1",
    "entry_level": "A0",
    "literacy": "NVT",
    "hours_per_week": "12",
    "availability": ["MO1"],
    "earliest_start_date": "2026-11-25",
    "latest_start_date": "2027-02-17",
    "decision_date": "2026-11-18",
}


def prepare(world: World) -> None:
    world.objects["person"] = make.participant(world.municipality)


def _version(world: World) -> str:
    return f"/participants/{world.objects['person'].uuid}/pips/new"


CASES = [
    Case("pips/new", "GET", "/pips/new", PIP_PAGE, rest=403),
    # An incomplete form: who may enter gets the faults, the others the reason.
    Case("pips/new", "POST", "/pips/new", {400: CASEWORKERS}, rest=403, body=lambda world: {}),
    Case("pips/due", "GET", "/pips/due", {200: CASEWORKERS | COORDINATORS}, rest=403),
    Case(
        "participants/{uuid}/pips/new",
        "GET",
        _version,
        {200: {Audience.CASEWORKER}, 404: {Audience.CASEWORKER_ELSEWHERE}},
        rest=403,
    ),
    Case(
        "participants/{uuid}/pips/new",
        "POST",
        _version,
        {400: {Audience.CASEWORKER}, 404: {Audience.CASEWORKER_ELSEWHERE}},
        rest=403,
        body=lambda world: PLAN | {"level": "A1"},
    ),
    Case("postcodes/place", "GET", "/postcodes/place?postcode4=1011", PIP_PAGE, rest=403),
]
