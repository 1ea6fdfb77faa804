"""Who reaches the pages of demand and placement; the objects are those of the API's table."""

from tests.permissions.matrix import EVERYBODY, Case, World
from tests.permissions.matrix import Audience as A  # noqa: N817 - the tables read better
from tests.permissions.tables import matching

# Pages know sessions only: a machine is sent to the log-in page like a stranger.
SEE = matching.SEE - {A.MACHINE_CLIENT}
SEE_ELSEWHERE = matching.SEE_ELSEWHERE
DESK, DESK_ELSEWHERE = {A.CASEWORKER}, {A.CASEWORKER_ELSEWHERE}
COORDINATOR = {A.REGIONAL_COORDINATOR}
PLANNER, PLANNER_ELSEWHERE = {A.PROVIDER_PLANNER}, {A.PROVIDER_PLANNER_ELSEWHERE}
SCHOOL, SCHOOL_ELSEWHERE = matching.SCHOOL, matching.SCHOOL_ELSEWHERE
WORDS = {"motivation": "Past bij werk en reistijd.", "offer": "yes"}
DATES = {"start_date": "2026-11-16"}


def prepare(world: World) -> None:
    if "need" not in world.objects:
        matching.prepare(world)


def page(route, name, allowed, elsewhere, *, method="GET", status=200, body=None, rest=403):
    """`name` is the object of the first value in the route; the second is the intake moment."""

    def url(world: World) -> str:
        path = route.replace("{intake_moment}", str(world.objects["intake"].uuid))
        return "/" + (path.replace("{uuid}", str(world.objects[name].uuid)) if name else path)

    return Case(
        route,
        method,
        url,
        {status: allowed, 404: elsewhere},
        rest=rest,
        body=None if body is None else (lambda world: body),
    )


def step(verb, name, allowed, elsewhere, body):
    route = f"placements/{{uuid}}/{verb}"
    return [
        page(route, name, allowed, elsewhere),
        page(route, name, allowed, elsewhere, method="POST", status=302, body=body),
    ]


def listed(route, allowed):
    return page(route, "", allowed, set())


CASES = [
    listed("work-list", SEE | SEE_ELSEWHERE),
    listed("placements", SEE | SEE_ELSEWHERE),
    listed("match-runs", SEE | SEE_ELSEWHERE),
    listed("inbox", PLANNER | PLANNER_ELSEWHERE),
    listed("match-runs/new", COORDINATOR | {A.REGIONAL_COORDINATOR_ELSEWHERE}),
    Case(
        "match-runs/new",
        "POST",
        "/match-runs/new",
        # Somebody else's region is not among the choices of the form.
        {302: COORDINATOR, 400: {A.REGIONAL_COORDINATOR_ELSEWHERE}},
        rest=403,
        body=lambda world: {"organisation": world.region.code},
    ),
    page("needs/{uuid}", "need", SEE, SEE_ELSEWHERE),
    page("needs/{uuid}/recommend", "need", DESK | DESK_ELSEWHERE, set(), status=302),
    page(
        "needs/{uuid}/recommend",
        "need",
        DESK,
        DESK_ELSEWHERE,
        method="POST",
        status=302,
        body={},
    ),
    page("pips/{uuid}", "pip", SEE, SEE_ELSEWHERE),
    page("match-records/{uuid}", "record", SEE, SEE_ELSEWHERE),
    page("match-records/{uuid}/choose/{intake_moment}", "record", DESK, DESK_ELSEWHERE),
    page(
        "match-records/{uuid}/choose/{intake_moment}",
        "record",
        DESK,
        DESK_ELSEWHERE,
        method="POST",
        status=302,
        body=WORDS,
    ),
    page("match-runs/{uuid}", "run", SEE, SEE_ELSEWHERE),
    page("match-runs/{uuid}/proposals", "run", SEE, SEE_ELSEWHERE),
    page("proposals/{uuid}", "proposal", DESK, DESK_ELSEWHERE),
    page(
        "proposals/{uuid}", "proposal", DESK, DESK_ELSEWHERE, method="POST", status=302, body=WORDS
    ),
    page("proposals/{uuid}/effects", "proposal", DESK, DESK_ELSEWHERE),
    page("proposals/{uuid}/decline", "proposal", DESK, DESK_ELSEWHERE),
    page(
        "proposals/{uuid}/decline",
        "proposal",
        DESK,
        DESK_ELSEWHERE,
        method="POST",
        status=302,
        body={"reason": "not_wanted"},
    ),
    page("proposals/{uuid}/why", "unplaced", SEE, SEE_ELSEWHERE),
    # Two parties look at a placement; for everybody else it does not exist.
    page(
        "placements/{uuid}",
        "offered",
        SEE | SCHOOL,
        EVERYBODY - SEE - SCHOOL - {A.ANONYMOUS, A.MACHINE_CLIENT},
    ),
    *step("offer", "draft", DESK, DESK_ELSEWHERE, {}),
    *step("withdraw", "offered", DESK, DESK_ELSEWHERE, {"reason": "better_place"}),
    *step("accept", "offered", PLANNER, PLANNER_ELSEWHERE, {}),
    *step("refuse", "offered", PLANNER, PLANNER_ELSEWHERE, {"reason": "outside_expertise"}),
    *step("start", "accepted", SCHOOL, SCHOOL_ELSEWHERE, DATES),
    *step(
        "stop",
        "started",
        SCHOOL,
        SCHOOL_ELSEWHERE,
        {"end_date": "2026-11-17", "reason": "31"},
    ),
]
