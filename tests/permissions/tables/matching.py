"""Who reaches people, plans, runs and placements over the API."""

from matching.models import MatchRun
from matching.public import match_run_execute, match_run_request, recommendation_create
from tests.factories.matching import contracted_intake, everything, need, pip, placement
from tests.permissions.matrix import Audience as A  # noqa: N817 - the tables read better
from tests.permissions.matrix import Case, World

# The desk and its systems see people; so does the coordinator of the region they buy with.
SEE = {A.CASEWORKER, A.MACHINE_CLIENT, A.REGIONAL_COORDINATOR}
DESK = {A.CASEWORKER, A.MACHINE_CLIENT}
# Holds the permission elsewhere: gets through the door and finds nothing.
SEE_ELSEWHERE = {A.CASEWORKER_ELSEWHERE, A.REGIONAL_COORDINATOR_ELSEWHERE}
SCHOOL = {A.PROVIDER_PLANNER, A.TEACHER}
SCHOOL_ELSEWHERE = {A.PROVIDER_PLANNER_ELSEWHERE, A.TEACHER_ELSEWHERE}


def prepare(world: World) -> None:
    actor = everything(world.municipality, world.region, world.provider)
    world.objects["intake"] = contracted_intake(world.municipality, provider=world.provider)
    plan = pip(world.municipality)
    world.objects["pip"] = plan
    world.objects["need"] = plan.needs.get(component="B")
    world.objects["waiting"] = need(world.municipality)
    world.objects["record"] = recommendation_create(actor=actor, need=world.objects["need"])
    run = match_run_request(actor=actor, organisation=world.region)
    match_run_execute(run_id=run.pk)
    world.objects["run"] = MatchRun.objects.get()
    world.objects["proposal"] = run.proposals.get(need=world.objects["waiting"])
    world.objects["unplaced"] = run.proposals.filter(intake_moment=None).first()
    for state in ("draft", "offered", "accepted", "started"):
        world.objects[state] = placement(
            world.municipality, intake=world.objects["intake"], state=state
        )


def at(path, name):
    return lambda world: f"/api/v1/{path.format(world.objects[name].uuid)}"


def listed(path):
    return Case(f"api/v1/{path}", "GET", f"/api/v1/{path}", {200: SEE | SEE_ELSEWHERE}, rest=403)


def single(path, name):
    return Case(
        f"api/v1/{path}/{{id}}",
        "GET",
        at(f"{path}/{{}}", name),
        {200: SEE, 404: SEE_ELSEWHERE},
        rest=403,
    )


def step(verb, name, body, allowed, elsewhere):
    """A command on a placement: the wrong side gets 403, the right side elsewhere sees nothing."""
    return Case(
        f"api/v1/placements/{{id}}/{verb}",
        "POST",
        at(f"placements/{{}}/{verb}", name),
        {200: allowed, 404: elsewhere},
        rest=403,
        body=lambda world: body,
    )


def person_path(world):
    return f"/api/v1/participants/{world.objects['accepted'].participant.uuid}/identity"


NAME = {"givenName": "Nieuw", "familyName": "Naam"}
PERSON = {
    "reference": "nieuw",
    "obligationStartDate": "2026-06-01",
    "settlementDate": "2026-07-01",
    "notifiedAtDate": "2026-07-15",
    "targetGroup": "asylum",
}


def pip_body(world):
    return {
        "participant": str(world.objects["pip"].participant.uuid),
        "decisionDate": "2026-09-02",
        "route": "B",
        "literacy": "NVT",
        "entryLevel": "A0",
        "hoursPerWeek": 12,
        "availability": ["MO1", "WE1"],
        "latitude": 52.1,
        "longitude": 5.1,
        "earliestStartDate": "2026-09-14",
        "latestStartDate": "2027-06-30",
    }


def place_body(world):
    return {
        "need": str(world.objects["need"].uuid),
        "intakeMoment": str(world.objects["intake"].uuid),
    }


CASES = [
    listed("participants"),
    Case(
        "api/v1/participants/{id}",
        "GET",
        lambda world: f"/api/v1/participants/{world.objects['pip'].participant.uuid}",
        {200: SEE, 404: SEE_ELSEWHERE},
        rest=403,
    ),
    Case(
        "api/v1/participants",
        "POST",
        "/api/v1/participants",
        # The municipality is public knowledge, so elsewhere it is forbidden and not unknown.
        {201: DESK},
        rest=403,
        body=lambda world: {**PERSON, "municipality": world.municipality.code},
    ),
    Case(
        "api/v1/participants/{id}/identity",
        "GET",
        person_path,
        {200: DESK | SCHOOL, 404: {A.CASEWORKER_ELSEWHERE} | SCHOOL_ELSEWHERE},
        rest=403,
    ),
    Case(
        "api/v1/participants/{id}/identity",
        "POST",
        person_path,
        {201: DESK, 404: {A.CASEWORKER_ELSEWHERE}},
        rest=403,
        body=lambda world: NAME,
    ),
    listed("pips"),
    single("pips", "pip"),
    Case(
        "api/v1/pips",
        "POST",
        "/api/v1/pips",
        {201: DESK, 400: {A.CASEWORKER_ELSEWHERE}},
        rest=403,
        body=pip_body,
    ),
    Case(
        "api/v1/pips/{id}/recommendations",
        "GET",
        at("pips/{}/recommendations", "pip"),
        {200: SEE, 404: SEE_ELSEWHERE},
        rest=403,
    ),
    Case(
        "api/v1/pips/{id}/recommendations",
        "POST",
        at("pips/{}/recommendations", "pip"),
        {201: SEE, 404: SEE_ELSEWHERE},
        rest=403,
        body=lambda world: {},
    ),
    listed("needs"),
    single("needs", "need"),
    listed("match-records"),
    single("match-records", "record"),
    Case(
        "api/v1/match-records/{id}/rejected-starts",
        "GET",
        at("match-records/{}/rejected-starts", "record"),
        {200: SEE, 404: SEE_ELSEWHERE},
        rest=403,
    ),
    listed("match-runs"),
    single("match-runs", "run"),
    Case(
        "api/v1/match-runs",
        "POST",
        "/api/v1/match-runs",
        {201: {A.REGIONAL_COORDINATOR}, 400: {A.REGIONAL_COORDINATOR_ELSEWHERE}},
        rest=403,
        body=lambda world: {"organisation": str(world.region.uuid)},
    ),
    Case(
        "api/v1/match-runs/{id}/proposals",
        "GET",
        at("match-runs/{}/proposals", "run"),
        {200: SEE, 404: SEE_ELSEWHERE},
        rest=403,
    ),
    Case(
        "api/v1/match-runs/preview",
        "GET",
        lambda world: f"/api/v1/match-runs/preview?organisation={world.region.uuid}",
        # Somebody else's region is unknown, not forbidden.
        {200: {A.REGIONAL_COORDINATOR}, 400: {A.REGIONAL_COORDINATOR_ELSEWHERE}},
        rest=403,
    ),
    Case(
        "api/v1/match-runs/{id}/changes",
        "GET",
        at("match-runs/{}/changes", "run"),
        {200: SEE, 404: SEE_ELSEWHERE},
        rest=403,
    ),
    listed("match-proposals"),
    single("match-proposals", "proposal"),
    Case(
        "api/v1/match-proposals/{id}/decline",
        "POST",
        at("match-proposals/{}/decline", "proposal"),
        {201: DESK, 404: {A.CASEWORKER_ELSEWHERE}},
        rest=403,
        body=lambda world: {"reason": "not_wanted"},
    ),
    Case(
        "api/v1/match-proposals/{id}/what-if",
        "GET",
        lambda world: (
            f"/api/v1/match-proposals/{world.objects['proposal'].uuid}/what-if"
            f"?intakeMoment={world.objects['intake'].uuid}"
        ),
        {200: DESK, 404: {A.CASEWORKER_ELSEWHERE}},
        rest=403,
    ),
    Case(
        "api/v1/match-proposals/{id}/accept",
        "POST",
        at("match-proposals/{}/accept", "proposal"),
        {201: DESK, 404: {A.CASEWORKER_ELSEWHERE}},
        rest=403,
        body=lambda world: {"motivation": "Akkoord."},
    ),
    Case(
        "api/v1/placements",
        "GET",
        "/api/v1/placements",
        {200: SEE | SEE_ELSEWHERE | SCHOOL | SCHOOL_ELSEWHERE},
        rest=403,
    ),
    Case(
        "api/v1/placements/{id}",
        "GET",
        at("placements/{}", "offered"),
        {200: SEE | SCHOOL, 404: SEE_ELSEWHERE | SCHOOL_ELSEWHERE},
        rest=403,
    ),
    Case(
        "api/v1/placements",
        "POST",
        "/api/v1/placements",
        {201: DESK, 400: {A.CASEWORKER_ELSEWHERE}},
        rest=403,
        body=place_body,
    ),
    Case(
        "api/v1/placements/{id}",
        "PATCH",
        at("placements/{}", "draft"),
        {200: DESK, 404: {A.CASEWORKER_ELSEWHERE}},
        rest=403,
        body=lambda world: {"motivation": "Dichtbij."},
        headers=lambda world: {"If-Match": "*"},
    ),
    step("offer", "draft", {}, DESK, {A.CASEWORKER_ELSEWHERE}),
    step("withdraw", "offered", {"reason": "moved"}, DESK, {A.CASEWORKER_ELSEWHERE}),
    step("accept", "offered", {}, {A.PROVIDER_PLANNER}, {A.PROVIDER_PLANNER_ELSEWHERE}),
    step(
        "refuse",
        "offered",
        {"reason": "outside_expertise"},
        {A.PROVIDER_PLANNER},
        {A.PROVIDER_PLANNER_ELSEWHERE},
    ),
    step("start", "accepted", {"startDate": "2026-11-16"}, SCHOOL, SCHOOL_ELSEWHERE),
    step(
        "stop",
        "started",
        {"endDate": "2026-11-17", "reason": "31"},
        SCHOOL,
        SCHOOL_ELSEWHERE,
    ),
]
