"""Contracts are seen by the buyer, the municipalities that take part, and their own provider."""

from tests.factories.procurement import contract_for
from tests.factories.providers import CourseFactory, ProviderFactory
from tests.permissions.matrix import Audience, Case, World

BUYERS = {
    Audience.PROCUREMENT_OFFICER,
    Audience.QUALITY_OFFICER,
    Audience.REGIONAL_COORDINATOR,
}
BUYERS_ELSEWHERE = {
    Audience.PROCUREMENT_OFFICER_ELSEWHERE,
    Audience.QUALITY_OFFICER_ELSEWHERE,
    Audience.REGIONAL_COORDINATOR_ELSEWHERE,
}
PARTIES = BUYERS | {Audience.PROVIDER_PLANNER}
PARTIES_ELSEWHERE = BUYERS_ELSEWHERE | {Audience.PROVIDER_PLANNER_ELSEWHERE}


def prepare(world: World) -> None:
    """A contract of `municipality` with `provider`; the others have a contract of their own."""
    own = CourseFactory(provider=ProviderFactory(organisation=world.provider))
    other = CourseFactory(provider=ProviderFactory(organisation=world.other_provider))
    world.objects["contract_lot"] = contract_for(own, municipalities=[world.municipality])
    contract_for(other, municipalities=[world.other_municipality])


def _of_contract(prefix: str) -> Case:
    return Case(
        prefix + ("{id}" if prefix.startswith("api") else "{uuid}"),
        "GET",
        lambda world: f"/{prefix}{world.objects['contract_lot'].contract.uuid}",
        {200: PARTIES, 404: PARTIES_ELSEWHERE},
        rest=403,
    )


CASES = [
    Case(
        "api/v1/contracts", "GET", "/api/v1/contracts", {200: PARTIES | PARTIES_ELSEWHERE}, rest=403
    ),
    _of_contract("api/v1/contracts/"),
    Case("api/v1/lots", "GET", "/api/v1/lots", {200: BUYERS | BUYERS_ELSEWHERE}, rest=403),
    Case(
        "api/v1/lots/{id}",
        "GET",
        lambda world: f"/api/v1/lots/{world.objects['contract_lot'].lot.uuid}",
        {200: BUYERS, 404: BUYERS_ELSEWHERE},
        rest=403,
    ),
    Case("api/v1/tariffs", "GET", "/api/v1/tariffs", {200: PARTIES | PARTIES_ELSEWHERE}, rest=403),
    Case(
        "api/v1/tariffs/{id}",
        "GET",
        lambda world: f"/api/v1/tariffs/{world.objects['contract_lot'].tariffs.get().uuid}",
        {200: PARTIES, 404: PARTIES_ELSEWHERE},
        rest=403,
    ),
    Case("contracts", "GET", "/contracts", {200: PARTIES | PARTIES_ELSEWHERE}, rest=403),
    _of_contract("contracts/"),
]
