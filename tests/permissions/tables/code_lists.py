"""Code lists: read by everybody who logs in, changed by the administrator of a region."""

from collections.abc import Mapping
from typing import Any

from tests.permissions.matrix import LOGGED_IN, Audience, Case

ADMINISTRATORS = frozenset(
    {Audience.FUNCTIONAL_ADMINISTRATOR, Audience.FUNCTIONAL_ADMINISTRATOR_ELSEWHERE}
)
CHANGE: Mapping[str, Any] = {
    "validFrom": "2099-01-01",
    "added": [{"code": "new_code", "labelNl": "Nieuw", "labelEn": "New"}],
}


def api(route: str, url: str, body: Mapping[str, Any] | None = None) -> Case:
    if body is None:
        return Case(f"api/v1/{route}", "GET", f"/api/v1/{url}", {200: LOGGED_IN})
    # Administrators of the matrix work at a municipality: a region's one is tested apart.
    return Case(
        f"api/v1/{route}",
        "POST",
        f"/api/v1/{url}",
        {403: LOGGED_IN},
        body=lambda world: dict(body),
    )


def page(route: str, url: str, status: int = 200, method: str = "GET") -> Case:
    body = (lambda world: {}) if method == "POST" else None
    return Case(route, method, f"/{url}", {status: ADMINISTRATORS}, rest=403, body=body)


LIST = "withdrawal-reasons"
CASES = [
    api("code-lists", "code-lists"),
    api("code-lists/{key}", f"code-lists/{LIST}"),
    api("code-lists/{key}/preview", f"code-lists/{LIST}/preview", CHANGE),
    api("code-lists/{key}/versions", f"code-lists/{LIST}/versions", {**CHANGE, "reason": "Nodig"}),
    api(
        "code-lists/{key}/versions/{version}/withdraw",
        f"code-lists/{LIST}/versions/2/withdraw",
        {"reason": "Vergissing"},
    ),
    page("code-lists", "code-lists"),
    page("code-lists/{key}", f"code-lists/{LIST}"),
    page("code-lists/{key}/new", f"code-lists/{LIST}/new", 404),
    page("code-lists/{key}/new", f"code-lists/{LIST}/new", 404, "POST"),
    page(
        "code-lists/{key}/versions/{version}/withdraw",
        f"code-lists/{LIST}/versions/2/withdraw",
        404,
    ),
    page(
        "code-lists/{key}/versions/{version}/withdraw",
        f"code-lists/{LIST}/versions/2/withdraw",
        404,
        "POST",
    ),
]
