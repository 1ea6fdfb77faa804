"""Log-in, second factor and single sign-on come from allauth; what we close is tested apart.

The pages on which the functional administrator manages people and systems are ours.
"""

from backend.accounts.public import Membership
from backend.accounts.roles import Role
from tests.factories.accounts import client_with, user_with
from tests.permissions.matrix import Audience, Case, World

OUTSIDE = {"accounts/": "pages of allauth: tests/backend/accounts/test_login.py"}
ADMIN = {Audience.FUNCTIONAL_ADMINISTRATOR}
ELSEWHERE = {Audience.FUNCTIONAL_ADMINISTRATOR_ELSEWHERE}


def prepare(world: World) -> None:
    user = user_with(Role.COUNCIL_READER, world.municipality)
    world.objects["managed_user"] = user
    world.objects["managed_role"] = Membership.objects.get(user=user)
    world.objects["system"] = client_with(Role.CASEWORKER, organisation=world.municipality)[0]


def page(route, *, name="", method="GET", status=200, body=None):
    def url(world: World) -> str:
        return "/" + (route.replace("{uuid}", str(world.objects[name].uuid)) if name else route)

    return Case(
        route,
        method,
        url,
        {status: ADMIN, 404: ELSEWHERE} if name else {status: ADMIN | ELSEWHERE},
        rest=403,
        body=None if body is None else (lambda world: body),
    )


def form(route, name, body, status):
    return [page(route, name=name), page(route, name=name, method="POST", status=status, body=body)]


CASES = [
    page("users"),
    *form("users/invite", "", {}, 400),
    page("users/{uuid}", name="managed_user"),
    *form("users/{uuid}/roles/new", "managed_user", {}, 400),
    *form("users/{uuid}/overrule", "managed_user", {}, 400),
    *form("users/{uuid}/deactivate", "managed_user", {"reason": "Uit dienst"}, 302),
    *form("users/{uuid}/reactivate", "managed_user", {"reason": "Terug"}, 302),
    *form("roles/{uuid}/end", "managed_role", {"reason": "Voorbij"}, 302),
    page("api-clients"),
    *form("api-clients/new", "", {}, 400),
    page("api-clients/{uuid}", name="system"),
    *form("api-clients/{uuid}/renew", "system", {}, 200),
    *form("api-clients/{uuid}/revoke", "system", {"reason": "Gelekt"}, 302),
]
