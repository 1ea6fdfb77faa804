"""Moving people from one provider to another."""

from tests.permissions.matrix import Audience, Case, World
from tests.permissions.tables import matching

DESK = {Audience.CASEWORKER}
ANY_DESK = DESK | {Audience.CASEWORKER_ELSEWHERE}


def prepare(world: World) -> None:
    if "need" not in world.objects:
        matching.prepare(world)


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
]
