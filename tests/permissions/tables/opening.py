"""Opening Passend for an organisation, and the health page: for functional administrators."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.permissions.matrix import Audience, Case, World

ADMINISTRATORS = frozenset(
    {Audience.FUNCTIONAL_ADMINISTRATOR, Audience.FUNCTIONAL_ADMINISTRATOR_ELSEWHERE}
)


def _nothing(world: World) -> dict[str, Any]:
    return {}


LOOKUP = "organisations/open/municipality/0200"
PARTS = ("/single-sign-on", "/single-sign-on/end", "/privacy-text")
OWN = {Audience.FUNCTIONAL_ADMINISTRATOR}
ELSEWHERE = {Audience.FUNCTIONAL_ADMINISTRATOR_ELSEWHERE}


def page(
    route: str, expected: Mapping[int, Iterable[Audience]], method: str = "GET", url: str = ""
) -> Case:
    body = _nothing if method == "POST" else None
    return Case(route, method, f"/{url or route}", expected, rest=403, body=body)


def own(route: str, method: str = "GET", status: int = 200) -> Case:
    """A route about the organisation that the administrator of the matrix manages."""

    def url(world: World) -> str:
        uuid = str(world.municipality.uuid)
        return "/" + route.replace("{uuid}", uuid).replace("{id}", uuid)

    expected = {404: OWN | ELSEWHERE} if status == 404 else {status: OWN, 404: ELSEWHERE}
    empty = {"privacyText": ""} if route.endswith("privacy-text") else {}
    body = (lambda world: empty) if method == "POST" else None
    return Case(route, method, url, expected, rest=403, body=body)


CASES = [
    page("system-health", {200: ADMINISTRATORS}),
    page("organisations/open", {200: ADMINISTRATORS}),
    page("organisations/open", {400: ADMINISTRATORS}, "POST"),
    # Administrators of the matrix work at a municipality, and open nothing for others.
    page("organisations/open/{kind}/{number}", {404: ADMINISTRATORS}, url=LOOKUP),
    page("organisations/open/{kind}/{number}", {404: ADMINISTRATORS}, "POST", url=LOOKUP),
    page("our-organisations", {200: ADMINISTRATORS}),
    *(own(f"our-organisations/{{uuid}}{part}") for part in ("", *PARTS)),
    own("our-organisations/{uuid}/single-sign-on", "POST", 400),
    own("our-organisations/{uuid}/single-sign-on/end", "POST", 400),
    own("our-organisations/{uuid}/privacy-text", "POST", 302),
    Case(
        "api/v1/organisations",
        "POST",
        "/api/v1/organisations",
        {400: ADMINISTRATORS},
        rest=403,
        body=_nothing,
    ),
    Case(
        "api/v1/organisations/{kind}/{number}",
        "GET",
        "/api/v1/organisations/municipality/0200",
        {},
        rest=403,
    ),
    own("api/v1/organisations/{id}/single-sign-on", status=404),
    own("api/v1/organisations/{id}/single-sign-on", "POST", 400),
    own("api/v1/organisations/{id}/privacy-text"),
    own("api/v1/organisations/{id}/privacy-text", "POST"),
]
