"""Who reaches held seats, waiting times, advice on supply, asked groups and shared lots."""

from datetime import time, timedelta

from backend.common import clock
from matching.models import SupplyAdvice
from matching.public import policy_in_force
from matching.services.group_request_rules import GroupBidData, GroupRequestData
from matching.services.group_requests import group_bid_submit, group_request_open
from matching.services.seat_offers import seats_offer
from matching.waiting_choices import SeatSource
from procurement.models import Lot
from providers.models import Location
from providers.public import SlotDraft
from tests.factories.matching import contracted_intake, everything, need
from tests.permissions.matrix import Audience as A  # noqa: N817 - the tables read better
from tests.permissions.matrix import Case, World
from tests.permissions.tables import matching

SEE, SEE_ELSEWHERE = matching.SEE, matching.SEE_ELSEWHERE
DESK = matching.DESK
PAGE_SEE = SEE - {A.MACHINE_CLIENT}
PLANNER, PLANNER_ELSEWHERE = {A.PROVIDER_PLANNER}, {A.PROVIDER_PLANNER_ELSEWHERE}
COORDINATOR, COORDINATOR_ELSEWHERE = (
    {A.REGIONAL_COORDINATOR},
    {A.REGIONAL_COORDINATOR_ELSEWHERE},
)
BUYERS = {A.PROCUREMENT_OFFICER, A.QUALITY_OFFICER, A.REGIONAL_COORDINATOR}
BUYERS_ELSEWHERE = {
    A.PROCUREMENT_OFFICER_ELSEWHERE,
    A.QUALITY_OFFICER_ELSEWHERE,
    A.REGIONAL_COORDINATOR_ELSEWHERE,
}
CLUSTER = {
    "place": "Eigenstad",
    "latitude": 52.1,
    "longitude": 5.1,
    "component": "B",
    "level": "A0",
    "targetLevel": "B1",
    "literacy": "NVT",
    "dayPart": 1,
    "slots": ["MO1", "WE1"],
    "hoursPerWeek": 6,
    "people": 6,
    "byTier": [1, 2, 3],
    "byMunicipality": {"Eigenstad": 6},
    "childcare": 0,
    "wheelchair": 0,
    "needs": [],
    "extraPlaced": 6,
}


def advice_of(organisation, label="test"):
    """A finished advice with one possible group."""
    today = clock.today()
    return SupplyAdvice.objects.create(
        organisation=organisation,
        requested_by_label=label,
        as_of=today,
        policy=policy_in_force(organisation_id=organisation.pk, on=today),
        state="done",
        finished_at=clock.now(),
        result={
            "needs": 10,
            "placed": 4,
            "unplaced": 6,
            "seats": [],
            "clusters": [CLUSTER],
            "clustersFound": 1,
            "solver": "lemon",
            "isOptimal": True,
        },
    )


def request_for(organisation, lot, actor, **fields):
    """An open request for a morning group, six weeks ahead."""
    first = clock.today() + timedelta(days=42)
    values = {
        "component": "B",
        "entry_level": "A0",
        "target_level": "B1",
        "literacy": "NVT",
        "place": "Eigenstad",
        "slots": ("MO1", "WE1"),
        "hours_per_week": 6,
        "seats": 8,
        "min_size": 4,
        "earliest_start_date": first,
        "latest_start_date": first + timedelta(days=40),
        "evidence": {"people": 6, "extraPlaced": 6},
    } | fields
    return group_request_open(
        actor=actor, organisation=organisation, data=GroupRequestData(lot=lot, **values)
    )


def bid_for(request, intake, actor, **fields):
    """A bid of the provider of `intake`, as it was asked."""
    course = intake.group.course
    values = {
        "course": course,
        "location": intake.group.location,
        "start_date": request.earliest_start_date,
        "end_date": request.earliest_start_date + timedelta(days=200),
        "lessons": (SlotDraft(1, time(9), time(12)), SlotDraft(3, time(9), time(12))),
        "seats": 8,
        "min_size": 4,
        "teacher": "NT2",
    } | fields
    return group_bid_submit(
        actor=actor, group_request=request, provider=course.provider, data=GroupBidData(**values)
    )


def prepare(world: World) -> None:
    actor = everything(world.municipality, world.region, world.provider)
    intake = contracted_intake(world.municipality, provider=world.provider)
    lot = Lot.objects.get(contract_lots__contract_courses__course=intake.group.course)
    world.objects["w_intake"], world.objects["w_lot"] = intake, lot
    world.objects["w_need"] = need(world.municipality)
    (offer,) = seats_offer(intake_moment_id=intake.pk, number=1, source=SeatSource.PLACE_ENDED)
    world.objects["w_offer"] = offer
    world.objects["w_advice"] = advice_of(world.region)
    request = request_for(world.region, lot, actor)
    world.objects["w_request"] = request
    world.objects["w_bid"] = bid_for(request, intake, actor)


def api(
    route, name, allowed, elsewhere, *, method="GET", status=200, body=None, query="", rest=403
):
    def url(world: World) -> str:
        path = route.replace("{id}", str(world.objects[name].uuid)) if name else route
        return f"/{path}{query(world) if callable(query) else query}"

    return Case(
        route,
        method,
        url,
        {status: allowed, 404: elsewhere},
        rest=rest,
        body=None if body is None else (lambda world: body(world) if callable(body) else body),
    )


def page(route, name, allowed, elsewhere, *, method="GET", status=200, body=None, rest=403):
    def url(world: World) -> str:
        path = route.replace("{intake_moment}", str(world.objects["w_intake"].uuid))
        path = path.replace("{number}", "0")
        return "/" + (path.replace("{uuid}", str(world.objects[name].uuid)) if name else path)

    return Case(
        route,
        method,
        url,
        {status: allowed, 404: elsewhere},
        rest=rest,
        body=None if body is None else (lambda world: body(world) if callable(body) else body),
    )


def form(route, name, allowed, elsewhere, body):
    return [
        page(route, name, allowed, elsewhere),
        page(route, name, allowed, elsewhere, method="POST", status=302, body=body),
    ]


def request_fields(world: World) -> dict:
    first = clock.today() + timedelta(days=42)
    return {
        "lot": str(world.objects["w_lot"].uuid),
        "place": "Eigenstad",
        "slots": ["MO1", "WE1"],
        "hours_per_week": "6",
        "seats": "8",
        "min_size": "4",
        "earliest_start_date": first.isoformat(),
        "latest_start_date": (first + timedelta(days=30)).isoformat(),
        "answer_date": (clock.today() + timedelta(days=7)).isoformat(),
    }


def request_body(world: World) -> dict:
    fields = request_fields(world)
    return {
        "organisation": str(world.region.uuid),
        "lot": fields["lot"],
        "component": "B",
        "entryLevel": "A0",
        "targetLevel": "B1",
        "literacy": "NVT",
        "place": "Eigenstad",
        "slots": ["MO1", "WE1"],
        "hoursPerWeek": 6,
        "seats": 8,
        "minSize": 4,
        "earliestStartDate": fields["earliest_start_date"],
        "latestStartDate": fields["latest_start_date"],
    }


def bid_fields(world: World) -> dict:
    intake, request = world.objects["w_intake"], world.objects["w_request"]
    location = Location.objects.get(pk=intake.group.location_id)
    return {
        "course": str(intake.group.course.uuid),
        "location": str(location.uuid),
        "start_date": request.earliest_start_date.isoformat(),
        "end_date": (request.earliest_start_date + timedelta(days=200)).isoformat(),
        "weekdays": ["1", "3"],
        "lesson_start": "09:00",
        "lesson_end": "12:00",
        "seats": "8",
        "min_size": "4",
        "teacher": "NT2",
    }


def bid_body(world: World) -> dict:
    fields = bid_fields(world)
    return {
        "groupRequest": str(world.objects["w_request"].uuid),
        "course": fields["course"],
        "location": fields["location"],
        "startDate": fields["start_date"],
        "endDate": fields["end_date"],
        "lessons": [{"weekday": 1, "startTime": "09:00:00", "endTime": "12:00:00"}],
        "seats": 8,
        "minSize": 4,
        "teacher": "NT2",
    }


def which_intake(world: World) -> str:
    return f"?intakeMoment={world.objects['w_intake'].uuid}"


OFFER = "api/v1/seat-offers"
REQUEST = "api/v1/group-requests"
BID = "api/v1/group-bids"
ADVICE = "api/v1/supply-advices"
POOL = {"mode": "first_come", "reason": "Samen delen."}
BOTH = SEE | SEE_ELSEWHERE
BOTH_PAGE = PAGE_SEE | SEE_ELSEWHERE
BIDDERS = PLANNER | PLANNER_ELSEWHERE

CASES = [
    # API: figures and the waiting list
    api("api/v1/waiting-times", "", BOTH, set()),
    api("api/v1/supply-demand", "", BOTH, set()),
    api("api/v1/needs/{id}/journey", "w_need", SEE, SEE_ELSEWHERE),
    api("api/v1/needs/{id}/why-not", "w_need", SEE, SEE_ELSEWHERE, query=which_intake),
    api(OFFER, "", BOTH, set()),
    api(f"{OFFER}/{{id}}", "w_offer", SEE, SEE_ELSEWHERE),
    api(
        f"{OFFER}/{{id}}/take",
        "w_offer",
        DESK,
        {A.CASEWORKER_ELSEWHERE},
        method="POST",
        body={"motivation": "Past goed."},
    ),
    api(
        f"{OFFER}/{{id}}/decline",
        "w_offer",
        DESK,
        {A.CASEWORKER_ELSEWHERE},
        method="POST",
        body={"reason": "not_wanted"},
    ),
    # API: asked supply
    api(ADVICE, "", BOTH, set()),
    api(f"{ADVICE}/{{id}}", "w_advice", COORDINATOR, SEE_ELSEWHERE | DESK),
    Case(
        ADVICE,
        "POST",
        f"/{ADVICE}",
        {201: COORDINATOR, 400: COORDINATOR_ELSEWHERE},
        rest=403,
        body=lambda world: {"organisation": str(world.region.uuid)},
    ),
    api("api/v1/lots/{id}/pool", "w_lot", BUYERS, BUYERS_ELSEWHERE),
    api(
        "api/v1/lots/{id}/pool",
        "w_lot",
        {A.PROCUREMENT_OFFICER},
        {A.PROCUREMENT_OFFICER_ELSEWHERE},
        method="POST",
        body=POOL,
    ),
    # Pages
    page("waiting-times", "", BOTH_PAGE, set()),
    page("work-list/rules", "", BOTH_PAGE, set()),
    page("supply-demand", "", BOTH_PAGE, set()),
    page("seat-offers", "", BOTH_PAGE, set()),
    page("seat-offers/{uuid}", "w_offer", PAGE_SEE, SEE_ELSEWHERE),
    *form(
        "seat-offers/{uuid}/take",
        "w_offer",
        {A.CASEWORKER},
        {A.CASEWORKER_ELSEWHERE},
        {"motivation": "Past goed."},
    ),
    *form(
        "seat-offers/{uuid}/decline",
        "w_offer",
        {A.CASEWORKER},
        {A.CASEWORKER_ELSEWHERE},
        {"reason": "not_wanted"},
    ),
    page("needs/{uuid}/why-not", "w_need", PAGE_SEE, SEE_ELSEWHERE),
    page("needs/{uuid}/why-not/{intake_moment}", "w_need", PAGE_SEE, SEE_ELSEWHERE),
    page("supply-advices", "", BOTH_PAGE, set()),
    page("supply-advices/{uuid}", "w_advice", COORDINATOR, SEE_ELSEWHERE | {A.CASEWORKER}),
    page("supply-advices/new", "", COORDINATOR | COORDINATOR_ELSEWHERE, set()),
    Case(
        "supply-advices/new",
        "POST",
        "/supply-advices/new",
        {302: COORDINATOR, 400: COORDINATOR_ELSEWHERE},
        rest=403,
        body=lambda world: {"organisation": world.region.code},
    ),
    *form(
        "supply-advices/{uuid}/groups/{number}/ask",
        "w_advice",
        COORDINATOR,
        COORDINATOR_ELSEWHERE,
        request_fields,
    ),
    page("lot-pools", "", BUYERS | BUYERS_ELSEWHERE, set()),
    page("lot-pools/{uuid}", "w_lot", BUYERS, BUYERS_ELSEWHERE),
    *form(
        "lot-pools/{uuid}/change",
        "w_lot",
        {A.PROCUREMENT_OFFICER},
        {A.PROCUREMENT_OFFICER_ELSEWHERE},
        {"mode": "quota", "reason": "Samen delen."},
    ),
]
