"""Messages of DUO, agreements, talks, moves, retention and PIPs taken back."""

from matching.services.agreements import AgreementsData, agreements_set
from matching.services.duo_receive import duo_messages_receive
from matching.services.moves import participant_move
from tests.factories.matching import everything, pip, placement
from tests.permissions.matrix import Audience as A  # noqa: N817 - the tables read better
from tests.permissions.matrix import Case, World
from tests.support.duo import message

SEE = {A.CASEWORKER, A.MACHINE_CLIENT, A.REGIONAL_COORDINATOR}
SEE_PAGES = {A.CASEWORKER, A.REGIONAL_COORDINATOR}
SEE_ELSEWHERE = {A.CASEWORKER_ELSEWHERE, A.REGIONAL_COORDINATOR_ELSEWHERE}
DESK, DESK_ELSEWHERE = {A.CASEWORKER, A.MACHINE_CLIENT}, {A.CASEWORKER_ELSEWHERE}
DESK_PAGES = {A.CASEWORKER}
SETS_POLICY = {
    A.FUNCTIONAL_ADMINISTRATOR,
    A.FUNCTIONAL_ADMINISTRATOR_ELSEWHERE,
    A.REGIONAL_COORDINATOR,
    A.REGIONAL_COORDINATOR_ELSEWHERE,
}


def prepare(world: World) -> None:
    actor = everything(world.municipality, world.other_municipality)
    plan = pip(world.municipality)
    world.objects["plan"], world.objects["person"] = plan, plan.participant
    agreements_set(actor=actor, participant=plan.participant, data=AgreementsData(map_hours=40))
    plan.participant.completions.create(kind="MAP", completed_on=plan.decision_date)
    code = world.municipality.municipality.cbs_code
    (one,) = duo_messages_receive(
        actor=actor, document=[message("Notificatie", code, "nog-onbekend")]
    )
    world.objects["duo_message"] = one.message
    came = pip(world.other_municipality).participant
    moved = participant_move(
        actor=actor,
        participant=came,
        municipality=world.municipality,
        moved_on=came.settlement_date,
    )
    world.objects["came"] = moved.target
    world.objects["accepted_place"] = placement(world.municipality, state="accepted")


def of_person(part, method, expected, *, body=None, name="person"):
    """A part of a person over the API."""
    return Case(
        f"api/v1/participants/{{id}}/{part}",
        method,
        lambda world: f"/api/v1/participants/{world.objects[name].uuid}/{part}",
        expected,
        rest=403,
        body=None if body is None else (body if callable(body) else lambda world: body),
    )


def page(route, expected, *, name="", method="GET", body=None, rest=403):
    def url(world: World) -> str:
        return "/" + (route.replace("{uuid}", str(world.objects[name].uuid)) if name else route)

    return Case(
        route,
        method,
        url,
        expected,
        rest=rest,
        body=None if body is None else (body if callable(body) else lambda world: body),
    )


def form(route, name, body, *, invalid=False):
    """A form of the desk: seen and sent by caseworkers of the own municipality."""
    elsewhere = DESK_ELSEWHERE
    return [
        page(route, {200: DESK_PAGES, 404: elsewhere}, name=name),
        page(
            route,
            {400 if invalid else 302: DESK_PAGES, 404: elsewhere},
            name=name,
            method="POST",
            body=body,
        ),
    ]


def elsewhere_code(world: World) -> str:
    return world.other_municipality.municipality.cbs_code


CASES = [
    Case(
        "api/v1/duo-messages", "GET", "/api/v1/duo-messages", {200: SEE | SEE_ELSEWHERE}, rest=403
    ),
    Case(
        "api/v1/duo-messages/{id}",
        "GET",
        lambda world: f"/api/v1/duo-messages/{world.objects['duo_message'].uuid}",
        {200: SEE, 404: SEE_ELSEWHERE},
        rest=403,
    ),
    Case(
        "api/v1/duo-messages/{id}/handle",
        "POST",
        lambda world: f"/api/v1/duo-messages/{world.objects['duo_message'].uuid}/handle",
        {200: DESK, 404: DESK_ELSEWHERE},
        rest=403,
        body=lambda world: {},
    ),
    Case(
        "api/v1/duo-messages/deliveries",
        "POST",
        "/api/v1/duo-messages/deliveries",
        # Elsewhere every message is refused by itself: the municipality is not theirs.
        {200: DESK | DESK_ELSEWHERE},
        rest=403,
        body=lambda world: {"messages": [{}]},
    ),
    Case(
        "api/v1/pip-messages",
        "POST",
        "/api/v1/pip-messages",
        {400: DESK | DESK_ELSEWHERE},
        rest=403,
        body=lambda world: {"messages": [{}], "checkOnly": True},
    ),
    of_person("agreements", "GET", {200: SEE, 404: SEE_ELSEWHERE}),
    of_person("agreements", "POST", {201: DESK, 404: DESK_ELSEWHERE}, body={"mapHours": 60}),
    of_person(
        "progress-talks",
        "POST",
        {201: DESK, 404: DESK_ELSEWHERE},
        body=lambda world: {
            "heldDate": world.objects["person"].settlement_date.isoformat(),
            "form": "visit",
        },
    ),
    of_person(
        "completions",
        "POST",
        {201: DESK, 404: DESK_ELSEWHERE},
        body=lambda world: {"kind": "PVT", "completedDate": "2026-11-18"},
    ),
    *(
        Case(
            f"api/v1/participants/{{id}}/completions/{{kind}}{rest}",
            "GET",
            lambda world, rest=rest: (
                f"/api/v1/participants/{world.objects['person'].uuid}/completions/MAP{rest}"
            ),
            expected,
            rest=403,
        )
        for rest, expected in (
            ("", {200: SEE, 404: SEE_ELSEWHERE}),
            ("/duo-body", {200: DESK, 404: DESK_ELSEWHERE}),
        )
    ),
    of_person(
        "move",
        "POST",
        {200: DESK, 404: DESK_ELSEWHERE},
        body=lambda world: {
            "municipality": elsewhere_code(world),
            "movedDate": world.objects["person"].settlement_date.isoformat(),
        },
    ),
    of_person(
        "take-over",
        "POST",
        {200: DESK, 404: DESK_ELSEWHERE},
        body={"reference": "eigen-1"},
        name="came",
    ),
    Case(
        "api/v1/pips/{id}/duo-pip",
        "GET",
        lambda world: f"/api/v1/pips/{world.objects['plan'].uuid}/duo-pip",
        {200: DESK, 404: DESK_ELSEWHERE},
        rest=403,
    ),
    Case(
        "api/v1/participants/{id}/duo-hours",
        "GET",
        lambda world: f"/api/v1/participants/{world.objects['person'].uuid}/duo-hours",
        {200: DESK, 404: DESK_ELSEWHERE},
        rest=403,
    ),
    Case(
        "api/v1/placements/{id}/duo-offer",
        "GET",
        lambda world: f"/api/v1/placements/{world.objects['accepted_place'].uuid}/duo-offer",
        # The provider of the test has no institution number.
        {400: DESK, 404: DESK_ELSEWHERE},
        rest=403,
    ),
    page("duo-messages", {200: SEE_PAGES | SEE_ELSEWHERE}),
    page("duo-messages/upload", {200: DESK_PAGES | DESK_ELSEWHERE}),
    page("duo-messages/upload", {400: DESK_PAGES | DESK_ELSEWHERE}, method="POST", body={}),
    page("duo-messages/{uuid}", {200: SEE_PAGES, 404: SEE_ELSEWHERE}, name="duo_message"),
    *form("duo-messages/{uuid}/done", "duo_message", {}),
    page("progress-talks", {200: SEE_PAGES | SEE_ELSEWHERE}),
    *form("participants/{uuid}/agreements", "person", {"map_hours": "20"}),
    *form("participants/{uuid}/completions/new", "person", {"kind": "PVT"}, invalid=True),
    *form("participants/{uuid}/talks/new", "person", {"form": "visit"}, invalid=True),
    *form("participants/{uuid}/move", "person", {}, invalid=True),
    *form("participants/{uuid}/reference", "came", {"reference": "eigen-2"}),
    page(
        "retention",
        {200: DESK_PAGES | DESK_ELSEWHERE | SETS_POLICY},
    ),
    *form("pips/{uuid}/remove", "plan", {"reason": ""}, invalid=True),
]
