"""Clauses of a contract, what happened against them, and its milestones."""

from tests.permissions.matrix import Case
from tests.permissions.tables.money import (
    CONTRACT,
    OFFICER,
    OFFICER_ELSEWHERE,
    PARTIES,
    PARTIES_ELSEWHERE,
    PLANNER,
    PLANNER_ELSEWHERE,
    at,
    form,
    money,
    page,
    prepare,
)

__all__ = ["CASES", "prepare"]

CASES = [
    Case("findings", "GET", "/findings", {200: PARTIES | PARTIES_ELSEWHERE}, rest=403),
    page("findings/{uuid}", at("/findings/{}", lambda one: one.breach)),
    *form(
        "findings/{uuid}/acknowledge",
        at("/findings/{}/acknowledge", lambda one: one.breach),
        OFFICER | PLANNER,
        OFFICER_ELSEWHERE | PLANNER_ELSEWHERE,
    ),
    *form(
        "findings/{uuid}/resolve",
        at("/findings/{}/resolve", lambda one: one.breach),
        OFFICER,
        OFFICER_ELSEWHERE,
        body=lambda world: {"note": "Opgelost"},
    ),
    *form(
        f"{CONTRACT}/clauses/new",
        at("/contracts/{}/clauses/new", lambda one: one.draft),
        OFFICER,
        OFFICER_ELSEWHERE,
        body=lambda world: {"kind": "ceiling"},
    ),
    *form(
        f"{CONTRACT}/clauses/new/{{kind}}",
        at("/contracts/{}/clauses/new/notice", lambda one: one.draft),
        OFFICER,
        OFFICER_ELSEWHERE,
        body=lambda world: {"days": "60"},
    ),
    *form(
        f"{CONTRACT}/clauses/propose",
        at("/contracts/{}/clauses/propose", lambda one: one.draft),
        OFFICER,
        OFFICER_ELSEWHERE,
    ),
    *form(
        "clauses/{uuid}/change",
        at("/clauses/{}/change", lambda one: one.clause),
        OFFICER,
        OFFICER_ELSEWHERE,
        body=lambda world: {"working_days": "4"},
    ),
    *form(
        "clauses/{uuid}/remove",
        at("/clauses/{}/remove", lambda one: one.clause),
        OFFICER,
        OFFICER_ELSEWHERE,
    ),
    page(
        f"{CONTRACT}/milestones/new", at("/contracts/{}/milestones/new", lambda one: one.contract)
    ),
    Case(
        f"{CONTRACT}/milestones/new",
        "POST",
        at("/contracts/{}/milestones/new", lambda one: one.contract),
        {302: OFFICER | PLANNER, 404: PARTIES_ELSEWHERE},
        # Quality officers and coordinators open the page, and the service refuses them.
        rest=403,
        body=lambda world: {
            "kind": "report",
            "title": "Kwartaal 1",
            "period_start": "2026-01-01",
            "met_date": "2026-04-10",
        },
    ),
    *(
        Case(
            f"api/v1/{name}", "GET", f"/api/v1/{name}", {200: PARTIES | PARTIES_ELSEWHERE}, rest=403
        )
        for name in ("clauses", "clause-breaches", "milestones")
    ),
    *(
        Case(
            f"api/v1/{name}/{{id}}",
            "GET",
            at(f"/api/v1/{name}/{{}}", pick),
            {200: PARTIES, 404: PARTIES_ELSEWHERE},
            rest=403,
        )
        for name, pick in (
            ("clauses", lambda one: one.clause),
            ("clause-breaches", lambda one: one.breach),
            ("milestones", lambda one: one.milestone),
        )
    ),
    *(
        Case(
            "api/v1/clauses/{id}",
            method,
            at("/api/v1/clauses/{}", lambda one: one.clause),
            {428: OFFICER | OFFICER_ELSEWHERE},
            rest=403,
        )
        for method in ("PATCH", "DELETE")
    ),
    Case(
        "api/v1/clauses",
        "POST",
        "/api/v1/clauses",
        {201: OFFICER, 400: OFFICER_ELSEWHERE},
        rest=403,
        body=lambda world: {
            "contract": str(money(world).draft.uuid),
            "kind": "ceiling",
            "parameters": {"thresholds": [60, 80]},
        },
    ),
    Case(
        "api/v1/clause-breaches/{id}/acknowledge",
        "POST",
        at("/api/v1/clause-breaches/{}/acknowledge", lambda one: one.breach),
        {200: OFFICER | PLANNER, 404: OFFICER_ELSEWHERE | PLANNER_ELSEWHERE},
        rest=403,
        body=lambda world: {"note": "Gezien"},
    ),
    Case(
        "api/v1/clause-breaches/{id}/resolve",
        "POST",
        at("/api/v1/clause-breaches/{}/resolve", lambda one: one.breach),
        {200: OFFICER, 404: OFFICER_ELSEWHERE},
        rest=403,
        body=lambda world: {"note": "Opgelost"},
    ),
    Case(
        "api/v1/milestones",
        "POST",
        "/api/v1/milestones",
        {201: OFFICER | PLANNER, 400: OFFICER_ELSEWHERE | PLANNER_ELSEWHERE},
        rest=403,
        body=lambda world: {
            "contract": str(money(world).contract.uuid),
            "kind": "report",
            "title": "Kwartaal 2",
            "periodStart": "2026-04-01",
            "metDate": "2026-07-01",
        },
    ),
]
