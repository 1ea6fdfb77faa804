"""Who asks for groups, bids for them, chooses and gives more time; bids of others are hidden."""

from datetime import timedelta

from backend.common import clock
from tests.permissions.matrix import Case, World
from tests.permissions.tables import waiting
from tests.permissions.tables.waiting import (
    BID,
    BIDDERS,
    BOTH,
    BOTH_PAGE,
    COORDINATOR,
    COORDINATOR_ELSEWHERE,
    DESK,
    PLANNER,
    PLANNER_ELSEWHERE,
    REQUEST,
    SEE_ELSEWHERE,
    A,
    api,
    bid_body,
    bid_fields,
    form,
    page,
    request_body,
)

prepare = waiting.prepare


def later(world: World) -> dict:
    return {
        "answer_date": (clock.today() + timedelta(days=20)).isoformat(),
        "reason": "Meer tijd voor een docent.",
    }


def later_body(world: World) -> dict:
    fields = later(world)
    return {"answerDate": fields["answer_date"], "reason": fields["reason"]}


CASES = [
    api(REQUEST, "", BOTH | BIDDERS, set()),
    api(
        f"{REQUEST}/{{id}}",
        "w_request",
        COORDINATOR | PLANNER,
        SEE_ELSEWHERE | PLANNER_ELSEWHERE | DESK,
    ),
    Case(
        REQUEST,
        "POST",
        f"/{REQUEST}",
        {201: COORDINATOR, 400: COORDINATOR_ELSEWHERE},
        rest=403,
        body=request_body,
    ),
    api(
        f"{REQUEST}/{{id}}/withdraw",
        "w_request",
        COORDINATOR,
        COORDINATOR_ELSEWHERE,
        method="POST",
        body={"reason": "Niet meer nodig."},
    ),
    api(BID, "", BOTH | BIDDERS, set()),
    api(
        f"{BID}/{{id}}",
        "w_bid",
        COORDINATOR | PLANNER,
        SEE_ELSEWHERE | PLANNER_ELSEWHERE | DESK,
    ),
    Case(
        BID,
        "POST",
        f"/{BID}",
        {201: PLANNER, 400: PLANNER_ELSEWHERE},
        rest=403,
        body=bid_body,
    ),
    api(
        f"{BID}/{{id}}/award",
        "w_bid",
        COORDINATOR,
        COORDINATOR_ELSEWHERE,
        method="POST",
        body={"reason": "Dichtbij."},
    ),
    api(f"{BID}/{{id}}/withdraw", "w_bid", PLANNER, PLANNER_ELSEWHERE, method="POST", body={}),
    api(
        f"{REQUEST}/{{id}}/postpone",
        "w_request",
        COORDINATOR,
        COORDINATOR_ELSEWHERE,
        method="POST",
        body=later_body,
    ),
    page("group-requests", "", BOTH_PAGE | BIDDERS, set()),
    page(
        "group-requests/{uuid}",
        "w_request",
        COORDINATOR | PLANNER,
        SEE_ELSEWHERE | PLANNER_ELSEWHERE | {A.CASEWORKER},
    ),
    *form("group-requests/{uuid}/bid", "w_request", PLANNER, PLANNER_ELSEWHERE, bid_fields),
    *form(
        "group-requests/{uuid}/withdraw",
        "w_request",
        COORDINATOR,
        COORDINATOR_ELSEWHERE,
        {"reason": "Niet meer nodig."},
    ),
    *form(
        "group-bids/{uuid}/choose", "w_bid", COORDINATOR, COORDINATOR_ELSEWHERE, {"reason": "Ja."}
    ),
    *form("group-bids/{uuid}/withdraw", "w_bid", PLANNER, PLANNER_ELSEWHERE, {}),
    *form("group-requests/{uuid}/postpone", "w_request", COORDINATOR, COORDINATOR_ELSEWHERE, later),
]
