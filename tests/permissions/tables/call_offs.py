"""Call-offs, and suppliers with their numbers: the parties to the contract, and who pays."""

from tests.permissions.matrix import Case
from tests.permissions.tables.money import PARTIES, PARTIES_ELSEWHERE, at, prepare

__all__ = ["CASES", "prepare"]

CASES = [
    *(
        Case(route, "GET", f"/{route}", {200: PARTIES | PARTIES_ELSEWHERE}, rest=403)
        for route in ("call-offs", "api/v1/call-offs", "api/v1/suppliers")
    ),
    Case(
        "api/v1/suppliers/{id}",
        "GET",
        at("/api/v1/suppliers/{}", lambda one: one.contract.provider),
        {200: PARTIES, 404: PARTIES_ELSEWHERE},
        rest=403,
    ),
    *(
        Case(
            f"{route}/{{{key}}}",
            "GET",
            at(f"/{route}/{{}}", lambda one: one.call_offs[0]),
            {200: PARTIES, 404: PARTIES_ELSEWHERE},
            rest=403,
        )
        for route, key in (("call-offs", "uuid"), ("api/v1/call-offs", "id"))
    ),
]
