"""The catalogue is open to everybody who works in the chain; drafts are the provider's own."""

from datetime import timedelta

from providers.choices import IntakeStatus
from tests.factories.providers import START, IntakeMomentFactory, ProviderFactory
from tests.permissions.matrix import LOGGED_IN, PLANNERS, Audience, Case, World

COUNCIL = {Audience.COUNCIL_READER, Audience.COUNCIL_READER_ELSEWHERE}
CHAIN = LOGGED_IN - COUNCIL
CHAIN_ON_PAGES = CHAIN - {Audience.MACHINE_CLIENT}


def prepare(world: World) -> None:
    provider = ProviderFactory(organisation=world.provider)
    intake = IntakeMomentFactory(
        group__course__provider=provider, group__location__provider=provider
    )
    world.objects["intake"] = intake
    world.objects["draft"] = IntakeMomentFactory(
        group=intake.group, start_date=START + timedelta(weeks=4), status=IntakeStatus.DRAFT
    )


def _api(resource: str, uuid_of: str) -> list[Case]:
    """List and single object of a resource; `uuid_of` is the path from the intake moment to it."""

    def address(world: World) -> str:
        found = world.objects["intake"]
        for step in filter(None, uuid_of.split(".")):
            found = getattr(found, step)
        return f"/api/v1/{resource}/{found.uuid}"

    return [
        Case(f"api/v1/{resource}", "GET", f"/api/v1/{resource}", {200: CHAIN}, rest=403),
        Case(f"api/v1/{resource}/{{id}}", "GET", address, {200: CHAIN}, rest=403),
    ]


CASES = [
    *_api("providers", "group.course.provider"),
    *_api("locations", "group.location"),
    *_api("courses", "group.course"),
    *_api("course-groups", "group"),
    *_api("intake-moments", ""),
    Case(
        "api/v1/intake-moments/{id}",
        "GET",
        lambda world: f"/api/v1/intake-moments/{world.objects['draft'].uuid}",
        {200: {Audience.PROVIDER_PLANNER}, 403: COUNCIL},
        rest=404,
    ),
    Case("catalogue", "GET", "/catalogue", {200: CHAIN_ON_PAGES}, rest=403),
    Case("our-courses", "GET", "/our-courses", {200: PLANNERS}, rest=403),
    Case(
        "courses/{uuid}",
        "GET",
        lambda world: f"/courses/{world.objects['intake'].group.course.uuid}",
        {200: CHAIN_ON_PAGES},
        rest=403,
    ),
    Case(
        "intake-moments/{uuid}",
        "GET",
        lambda world: f"/intake-moments/{world.objects['intake'].uuid}",
        {200: CHAIN_ON_PAGES},
        rest=403,
    ),
    Case(
        "intake-moments/{uuid}",
        "GET",
        lambda world: f"/intake-moments/{world.objects['draft'].uuid}",
        {200: {Audience.PROVIDER_PLANNER}, 403: COUNCIL},
        rest=404,
    ),
]
