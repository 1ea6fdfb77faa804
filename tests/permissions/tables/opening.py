"""Opening Passend for an organisation, and the health page: for functional administrators."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.permissions.matrix import Audience, Case, World

ADMINISTRATORS = frozenset(
    {Audience.FUNCTIONAL_ADMINISTRATOR, Audience.FUNCTIONAL_ADMINISTRATOR_ELSEWHERE}
)


def _nothing(world: World) -> dict[str, Any]:
    return {}


def page(route: str, expected: Mapping[int, Iterable[Audience]], method: str = "GET") -> Case:
    body = _nothing if method == "POST" else None
    return Case(route, method, f"/{route}", expected, rest=403, body=body)


CASES = [
    page("system-health", {200: ADMINISTRATORS}),
    page("organisations/open", {200: ADMINISTRATORS}),
    page("organisations/open", {400: ADMINISTRATORS}, "POST"),
]
