"""Entering PIPs, policy of the municipality, and the public text for the algorithm register."""

from matching.models import MatchingPolicy
from matching.selectors.policy import default_policy
from tests.factories import matching as make
from tests.permissions.matrix import EVERYBODY, Audience, Case, World

CASEWORKERS = frozenset({Audience.CASEWORKER, Audience.CASEWORKER_ELSEWHERE})
COORDINATORS = frozenset({Audience.REGIONAL_COORDINATOR, Audience.REGIONAL_COORDINATOR_ELSEWHERE})
ADMINISTRATORS = frozenset(
    {Audience.FUNCTIONAL_ADMINISTRATOR, Audience.FUNCTIONAL_ADMINISTRATOR_ELSEWHERE}
)
PUBLIC = {200: EVERYBODY}
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
    default = default_policy()
    names = [one.attname for one in MatchingPolicy._meta.concrete_fields]
    copied = {name: getattr(default, name) for name in names if name not in {"id", "uuid"}}
    world.objects["policy"] = MatchingPolicy.objects.create(
        **copied | {"organisation_id": world.municipality.pk}
    )


def _version(world: World) -> str:
    return f"/participants/{world.objects['person'].uuid}/pips/new"


def _new_policy(world: World) -> str:
    return f"/policies/new/{world.municipality.uuid}"


def _register(world: World) -> str:
    return f"/algorithm-register/municipality/{world.municipality.code}"


# At the municipality itself; a coordinator of its region sets the policy of the region only.
SETS_POLICY = {Audience.FUNCTIONAL_ADMINISTRATOR}
SETS_IT_ELSEWHERE = {Audience.FUNCTIONAL_ADMINISTRATOR_ELSEWHERE} | COORDINATORS

CASES = [
    Case(
        "policies",
        "GET",
        "/policies",
        {200: CASEWORKERS | COORDINATORS | ADMINISTRATORS},
        rest=403,
    ),
    Case(
        "policies/{uuid}",
        "GET",
        lambda world: f"/policies/{world.objects['policy'].uuid}",
        {
            200: SETS_POLICY | {Audience.CASEWORKER, Audience.REGIONAL_COORDINATOR},
            404: {
                Audience.CASEWORKER_ELSEWHERE,
                Audience.REGIONAL_COORDINATOR_ELSEWHERE,
                Audience.FUNCTIONAL_ADMINISTRATOR_ELSEWHERE,
            },
        },
        rest=403,
    ),
    Case(
        "policies/new/{uuid}",
        "GET",
        _new_policy,
        {200: SETS_POLICY, 404: SETS_IT_ELSEWHERE},
        rest=403,
    ),
    Case(
        "policies/new/{uuid}",
        "POST",
        _new_policy,
        {400: SETS_POLICY, 404: SETS_IT_ELSEWHERE},
        rest=403,
        body=lambda world: {},
    ),
    Case("algorithm-register", "GET", "/algorithm-register", PUBLIC),
    Case("algorithm-register/{kind}/{code}", "GET", _register, PUBLIC),
    Case("algorithm-register/{kind}/{code}/txt", "GET", lambda w: f"{_register(w)}/txt", PUBLIC),
    Case("algorithm-register/{kind}/{code}/json", "GET", lambda w: f"{_register(w)}/json", PUBLIC),
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
