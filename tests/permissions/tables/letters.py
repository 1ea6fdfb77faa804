"""The letter with the personal link, what people answer, and the match record on paper."""

from matching.choices import PlacementState
from matching.services.letters import Contact, personal_link_create
from tests.factories import matching as make
from tests.permissions.matrix import EVERYBODY, Audience, Case, World

CASEWORKERS = {Audience.CASEWORKER}
ELSEWHERE = {Audience.CASEWORKER_ELSEWHERE}
COORDINATORS = {Audience.REGIONAL_COORDINATOR}
TOKEN = "AAAAAAAAAAAAAAAAAAAAAA"


def prepare(world: World) -> None:
    intake = make.contracted_intake(world.municipality, provider=world.provider)
    placement = make.placement(world.municipality, state=PlacementState.OFFERED, intake=intake)
    personal_link_create(
        actor=make.everything(world.municipality),
        placement=placement,
        language="ar",
        contact=Contact("Team Inburgering", "030 123 45 67"),
    )
    world.objects["letter_placement"] = placement


def _placement(ending: str):
    return lambda world: f"/placements/{world.objects['letter_placement'].uuid}/{ending}"


def _steps(ending: str, posted: int, body=None) -> list[Case]:
    """A page of the caseworker with its form; a provider sees the placement and may not."""
    route, url = f"placements/{{uuid}}/{ending}", _placement(ending)
    outside = {Audience.CASEWORKER_ELSEWHERE}
    return [
        Case(route, "GET", url, {200: CASEWORKERS, 404: outside}, rest=403),
        Case(
            route,
            "POST",
            url,
            {posted: CASEWORKERS, 404: outside},
            rest=403,
            body=lambda world: body or {},
        ),
    ]


def _record(world: World) -> str:
    record = world.objects["letter_placement"].match_record
    return f"/match-records/{record.uuid}/pdf"


CASES = [
    # The person has no account: the pages are open, and say nothing without the secrets.
    Case("p/{token}", "GET", f"/p/{TOKEN}", {200: EVERYBODY}),
    Case("my-place", "GET", "/my-place", {403: EVERYBODY}),
    Case(
        "my-place", "POST", "/my-place", {403: EVERYBODY}, body=lambda world: {"answer": "coming"}
    ),
    Case(
        "my-place/open",
        "POST",
        "/my-place/open",
        # All audiences of a case call from one address, and together stay below the limit.
        {400: EVERYBODY},
        body=lambda world: {"token": TOKEN, "code": "123456"},
    ),
    *_steps(
        "letter",
        200,
        {"language": "ar", "contact_name": "Loket", "contact_phone": "030 123 45 67"},
    ),
    *_steps("letter/new-code", 200),
    *_steps("letter/close", 302),
    *_steps("responses/handled", 302),
    Case("person-responses", "GET", "/person-responses", {200: CASEWORKERS | ELSEWHERE}, rest=403),
    Case(
        "match-records/{uuid}/pdf",
        "GET",
        _record,
        {
            200: CASEWORKERS | COORDINATORS,
            404: ELSEWHERE | {Audience.REGIONAL_COORDINATOR_ELSEWHERE},
        },
        rest=403,
    ),
]
