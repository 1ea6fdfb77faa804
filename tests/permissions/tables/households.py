"""Who reaches households, bundles and the comparison of places."""

from matching.services.bundles import bundle_propose
from matching.services.households import HouseholdData, household_register
from matching.services.recommendations import recommendation_create
from tests.factories.matching import contracted_intake, everything, pip
from tests.permissions.matrix import Audience as A  # noqa: N817 - the tables read better
from tests.permissions.matrix import Case, World
from tests.permissions.tables.matching import DESK, SEE, SEE_ELSEWHERE

PAGE_SEE = SEE - {A.MACHINE_CLIENT}
CASEWORKER = {A.CASEWORKER}
CASEWORKER_ELSEWHERE = {A.CASEWORKER_ELSEWHERE}


def prepare(world: World) -> None:
    actor = everything(world.municipality, world.provider)
    plans = [pip(world.municipality) for _ in range(4)]
    intake = contracted_intake(world.municipality, provider=world.provider)
    world.objects["plan"], world.objects["start"] = plans[0], intake
    world.objects["newcomers"] = plans[2:]
    world.objects["household"] = household_register(
        actor=actor, data=HouseholdData(participants=[one.participant for one in plans[:2]])
    )
    world.objects["bundle"] = bundle_propose(actor=actor, pip=plans[0])
    world.objects["search"] = recommendation_create(
        actor=actor, need=plans[0].needs.get(component="B")
    )


def at(path, name):
    return lambda world: path.format(world.objects[name].uuid)


def new_body(world):
    return {"participants": [str(one.participant.uuid) for one in world.objects["newcomers"]]}


def person_page(world):
    return f"/participants/{world.objects['plan'].participant.uuid}/household"


def compare(world):
    chosen = world.objects["start"].uuid
    return f"/match-records/{world.objects['search'].uuid}/compare?start={chosen}"


def listed(path):
    return Case(f"api/v1/{path}", "GET", f"/api/v1/{path}", {200: SEE | SEE_ELSEWHERE}, rest=403)


def single(path, name):
    url = at(f"/api/v1/{path}/{{}}", name)
    return Case(f"api/v1/{path}/{{id}}", "GET", url, {200: SEE, 404: SEE_ELSEWHERE}, rest=403)


CASES = [
    listed("households"),
    single("households", "household"),
    Case(
        "api/v1/households",
        "POST",
        "/api/v1/households",
        {201: DESK, 400: CASEWORKER_ELSEWHERE},
        rest=403,
        body=new_body,
    ),
    # Without If-Match nobody changes anything; who may not at all hears that first.
    Case(
        "api/v1/households/{id}",
        "PATCH",
        at("/api/v1/households/{}", "household"),
        {428: DESK | CASEWORKER_ELSEWHERE},
        rest=403,
        body=lambda world: {"coupling": "split"},
    ),
    Case(
        "api/v1/households/{id}",
        "DELETE",
        at("/api/v1/households/{}", "household"),
        {428: DESK | CASEWORKER_ELSEWHERE},
        rest=403,
    ),
    listed("match-bundles"),
    single("match-bundles", "bundle"),
    Case(
        "api/v1/pips/{id}/bundles",
        "GET",
        at("/api/v1/pips/{}/bundles", "plan"),
        {200: SEE, 404: SEE_ELSEWHERE},
        rest=403,
    ),
    Case(
        "api/v1/pips/{id}/bundles",
        "POST",
        at("/api/v1/pips/{}/bundles", "plan"),
        {201: SEE, 404: SEE_ELSEWHERE},
        rest=403,
        body=lambda world: {},
    ),
    Case(
        "participants/{uuid}/household",
        "GET",
        person_page,
        {200: CASEWORKER, 404: CASEWORKER_ELSEWHERE},
        rest=403,
    ),
    Case(
        "participants/{uuid}/household",
        "POST",
        person_page,
        {302: CASEWORKER, 404: CASEWORKER_ELSEWHERE},
        rest=403,
        body=lambda world: {
            "others": world.objects["newcomers"][0].participant.reference,
            "coupling": "together",
            "wish": "same_place",
        },
    ),
    *(
        Case(
            "households/{uuid}/dissolve",
            method,
            at("/households/{}/dissolve", "household"),
            {status: CASEWORKER, 404: CASEWORKER_ELSEWHERE},
            rest=403,
        )
        for method, status in (("GET", 200), ("POST", 302))
    ),
    Case(
        "pips/{uuid}/bundle",
        "GET",
        at("/pips/{}/bundle", "plan"),
        {200: CASEWORKER, 404: CASEWORKER_ELSEWHERE},
        rest=403,
    ),
    Case(
        "pips/{uuid}/bundle",
        "POST",
        at("/pips/{}/bundle", "plan"),
        {302: CASEWORKER, 404: CASEWORKER_ELSEWHERE},
        rest=403,
    ),
    Case(
        "bundles/{uuid}",
        "GET",
        at("/bundles/{}", "bundle"),
        {200: PAGE_SEE, 404: SEE_ELSEWHERE},
        rest=403,
    ),
    Case(
        "match-records/{uuid}/compare",
        "GET",
        compare,
        {200: PAGE_SEE, 404: SEE_ELSEWHERE},
        rest=403,
    ),
]
