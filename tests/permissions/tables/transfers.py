"""Moving people from one provider to another."""

from collections.abc import Callable

from matching.models import GroupTransfer
from tests.permissions.matrix import Audience, Case, World
from tests.permissions.tables import matching

DESK = {Audience.CASEWORKER}
API_DESK = DESK | {Audience.CASEWORKER_ELSEWHERE, Audience.MACHINE_CLIENT}
ANY_DESK = DESK | {Audience.CASEWORKER_ELSEWHERE}


def prepare(world: World) -> None:
    if "need" not in world.objects:
        matching.prepare(world)

    old = world.objects["offered"]
    world.objects["report"] = GroupTransfer.objects.create(
        municipality=world.municipality,
        provider=old.intake_moment.group.course.provider,
        made_by="Proef",
        stayed=1,
    )
    world.objects["report"].outcomes.create(
        placement=old, intake_moment=old.intake_moment, code="busy", message="Bezet."
    )


def at(route: str) -> Callable[[World], str]:
    return lambda world: f"/{route}/{world.objects['report'].uuid}"


def page(world: World) -> str:
    provider = world.objects["intake"].group.course.provider
    return f"/providers/{provider.uuid}/transfer"


CASES = [
    # Everybody who places may look at a provider; the page shows the own people only.
    Case("providers/{uuid}/transfer", "GET", page, {200: ANY_DESK}, rest=403),
    Case("providers/{uuid}/transfer", "POST", page, {400: ANY_DESK}, rest=403, body=lambda _: {}),
    Case(
        "api/v1/placements/{id}/transfer",
        "POST",
        lambda world: f"/api/v1/placements/{world.objects['offered'].uuid}/transfer",
        {
            400: DESK | {Audience.MACHINE_CLIENT},
            404: {Audience.CASEWORKER_ELSEWHERE},
        },
        rest=403,
        body=lambda _: {},
    ),
    Case("group-transfers", "GET", "/group-transfers", {200: ANY_DESK}, rest=403),
    Case(
        "group-transfers/{uuid}",
        "GET",
        at("group-transfers"),
        {200: DESK, 404: {Audience.CASEWORKER_ELSEWHERE}},
        rest=403,
    ),
    Case("api/v1/group-transfers", "GET", "/api/v1/group-transfers", {200: API_DESK}, rest=403),
    Case(
        "api/v1/group-transfers/{id}",
        "GET",
        at("api/v1/group-transfers"),
        {
            200: DESK | {Audience.MACHINE_CLIENT},
            404: {Audience.CASEWORKER_ELSEWHERE},
        },
        rest=403,
    ),
    Case(
        "api/v1/group-transfers",
        "POST",
        "/api/v1/group-transfers",
        {400: API_DESK},
        rest=403,
        body=lambda _: {},
    ),
]
