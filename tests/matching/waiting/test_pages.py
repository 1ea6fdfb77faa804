"""The pages and the API of the waiting list: what they show, and in how many queries."""

import pytest
from django.urls import reverse

from backend.accounts.roles import Role
from matching.choices import PlacementState
from matching.models import SeatOffer
from matching.services.seat_offers import seats_offer
from matching.waiting_choices import SeatSource
from tests.factories import matching as make
from tests.factories.accounts import client_with
from tests.permissions.tables.waiting import advice_of, bid_for, request_for
from tests.support.queries import assert_query_count, counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def people(municipality, number):
    for _ in range(number):
        make.need(municipality)


def text(response):
    return response.content.decode()


@pytest.mark.parametrize(
    "path", ["/waiting-times", "/supply-demand", "/work-list/rules", "/seat-offers"]
)
def test_queries_do_not_grow_with_the_number_of_people(web_as, caseworker, municipality, path):
    client = web_as(caseworker)
    for _ in range(3):
        intake = make.contracted_intake(municipality)
        people(municipality, 1)
        seats_offer(intake_moment_id=intake.pk, number=1, source=SeatSource.PLACE_ENDED)
    client.get(path)
    with counted() as few:
        assert client.get(path).status_code == 200
    for _ in range(3):
        intake = make.contracted_intake(municipality)
        people(municipality, 2)
        seats_offer(intake_moment_id=intake.pk, number=1, source=SeatSource.PLACE_ENDED)
    # Rights are kept for a few seconds: read them again before counting.
    client.get(path)
    with counted() as many:
        client.get(path)
    assert len(few) == len(many)
    assert_query_count(f"web {path}", len(many))


def test_queries_of_requests_and_shared_lots_are_constant(
    web_as, regional_coordinator, municipality, region, provider
):
    from procurement.models import Lot

    actor = make.everything(municipality, region, provider)
    client = web_as(regional_coordinator)
    intake = make.contracted_intake(municipality, provider=provider)
    lot = Lot.objects.get(contract_lots__contract_courses__course=intake.group.course)
    request = request_for(region, lot, actor)
    paths = {
        "/group-requests": "web /group-requests",
        f"/group-requests/{request.uuid}": "web /group-requests/{uuid}",
        "/lot-pools": "web /lot-pools",
        f"/lot-pools/{lot.uuid}": "web /lot-pools/{uuid}",
        "/supply-advices": "web /supply-advices",
    }
    bid_for(request, intake, actor)
    advice_of(region)
    first = {}
    for path in paths:
        client.get(path)
        with counted() as few:
            assert client.get(path).status_code == 200
        first[path] = len(few)
    bid_for(request, intake, actor)
    request_for(region, lot, actor)
    advice_of(region)
    for path, name in paths.items():
        client.get(path)
        with counted() as many:
            client.get(path)
        assert len(many) == first[path], path
        assert_query_count(name, len(many))


def test_the_waiting_times_say_who_still_waits_in_table_chart_and_download(
    web_as, caseworker, municipality, settings
):
    settings.MINIMUM_GROUP = 4
    people(municipality, 3)
    make.placement(municipality, state=PlacementState.STARTED)
    page = web_as(caseworker).get("/waiting-times", {"by": "municipality"})
    assert "<svg" in text(page)
    assert "PIP tot eerste les" in text(page)
    assert "nog niet bereikt" in text(page)
    download = web_as(caseworker).get("/waiting-times", {"export": "csv"})
    assert "Klok;Groep;Mensen;Wacht nog" in download.content.decode("utf-8-sig")


def test_no_waiting_time_is_shown_of_a_group_that_is_too_small(
    web_as, api_as, caseworker, municipality, settings
):
    settings.MINIMUM_GROUP = 5
    for _number in range(4):
        make.placement(municipality, state=PlacementState.STARTED)

    def line():
        items = api_as(caseworker).get("/api/v1/waiting-times?component=B").json()["items"]
        return next(one for one in items if one["clock"] == "pip_start")

    days = ("medianDays", "medianLowDays", "medianHighDays", "p90Days")
    assert (line()["people"], line()["enoughPeople"]) == (4, False)
    assert [line()[name] for name in days] == [None] * 4
    page = text(web_as(caseworker).get("/waiting-times?component=B"))
    assert "te weinig gegevens" in page
    assert "<svg" not in page

    make.placement(municipality, state=PlacementState.STARTED)
    assert line()["enoughPeople"]
    assert line()["medianDays"] is not None
    assert "<svg" in text(web_as(caseworker).get("/waiting-times?component=B"))


@pytest.mark.parametrize("path", ["/waiting-times", "/supply-demand"])
@pytest.mark.parametrize("query", [{"bestaat": "niet"}, {"component": "X"}, {"export": "pdf"}])
def test_an_unknown_key_or_value_is_refused(web_as, caseworker, path, query):
    assert web_as(caseworker).get(path, query).status_code == 400


def test_the_api_gives_the_same_figures(api_as, caseworker, municipality):
    people(municipality, 2)
    found = api_as(caseworker).get("/api/v1/waiting-times").json()
    lines = {one["clock"]: one for one in found["items"]}
    assert lines["pip_start"]["people"] == lines["pip_start"]["stillWaiting"] >= 2
    assert lines["pip_start"]["medianDays"] is None
    assert api_as(caseworker).get("/api/v1/waiting-times?by=x").status_code == 400
    months = api_as(caseworker).get("/api/v1/supply-demand?component=B").json()["items"]
    assert len(months) == 12
    assert all(one["expectedLow"] <= one["expectedHigh"] for one in months)


def test_the_task_of_a_freed_seat_from_list_to_offered_place(web_as, caseworker, municipality):
    intake = make.contracted_intake(municipality, seats_total=1)
    one = make.need(municipality)
    seats_offer(intake_moment_id=intake.pk, number=1, source=SeatSource.PLACE_ENDED)
    offer = SeatOffer.objects.get()
    client = web_as(caseworker)
    assert one.pip.participant.reference in text(client.get("/seat-offers"))
    assert "Vrijgekomen plaatsen" in text(client.get("/"))
    url = reverse("seat-offer-take", args=[offer.uuid])
    assert client.post(url, {"motivation": ""}).status_code == 400
    answer = client.post(url, {"motivation": "Past bij werk en reistijd."})
    offer.refresh_from_db()
    assert answer.status_code == 302
    assert offer.placement.state == PlacementState.OFFERED
    assert client.post(url, {"motivation": "Nog eens."}).status_code == 409


def test_the_order_is_explained_with_the_numbers_of_the_policy(web_as, caseworker, municipality):
    page = text(web_as(caseworker).get("/work-list/rules"))
    assert municipality.name in page
    assert "28" in page
    assert "90" in page


def test_why_not_shows_the_rule_and_what_would_help(web_as, caseworker, municipality):
    intake = make.contracted_intake(municipality)
    need = make.need(municipality, availability=("MO1",))
    client = web_as(caseworker)
    listed = text(client.get(f"/needs/{need.uuid}/why-not"))
    assert intake.group.course.name in listed
    page = text(client.get(f"/needs/{need.uuid}/why-not/{intake.uuid}"))
    assert "woensdag" in page.lower()
    answer = api_as_json(client, need, intake)
    failed = [one["rule"] for one in answer["checks"] if one["failed"]]
    assert failed == ["DAYPART"]


def api_as_json(client, need, intake):
    return client.get(f"/api/v1/needs/{need.uuid}/why-not?intakeMoment={intake.uuid}").json()


def test_a_provider_sees_the_request_but_not_who_waits(
    api_as, web_as, municipality, region, provider, provider_planner
):
    from procurement.models import Lot

    actor = make.everything(municipality, region, provider)
    intake = make.contracted_intake(municipality, provider=provider)
    lot = Lot.objects.get(contract_lots__contract_courses__course=intake.group.course)
    request = request_for(region, lot, actor)
    shown = api_as(provider_planner).get(f"/api/v1/group-requests/{request.uuid}").json()
    assert "evidence" not in shown
    assert "decisionReason" not in shown
    page = text(web_as(provider_planner).get(f"/group-requests/{request.uuid}"))
    assert "Bied een groep aan" in page
    assert "Mensen in het advies" not in page
    assert "Gevraagde groepen" in text(web_as(provider_planner).get("/"))


def test_a_system_may_ask_bid_and_choose_over_the_api(
    api_as, municipality, region, provider, regional_coordinator, provider_planner
):
    from procurement.models import Lot
    from tests.permissions.tables.waiting import bid_body, request_body

    class Objects:
        objects = {}

    intake = make.contracted_intake(municipality, provider=provider)
    lot = Lot.objects.get(contract_lots__contract_courses__course=intake.group.course)
    world = Objects()
    world.region, world.objects = region, {"w_lot": lot, "w_intake": intake}
    coordinator = api_as(regional_coordinator)
    made = coordinator.post(
        "/api/v1/group-requests",
        request_body(world),
        format="json",
        headers={"Idempotency-Key": "a"},
    )
    assert made.status_code == 201, made.content
    from matching.models import GroupRequest

    world.objects["w_request"] = GroupRequest.objects.get()
    bid = api_as(provider_planner).post(
        "/api/v1/group-bids", bid_body(world), format="json", headers={"Idempotency-Key": "b"}
    )
    assert bid.status_code == 201, bid.content
    chosen = coordinator.post(
        f"/api/v1/group-bids/{bid.json()['id']}/award",
        {"reason": "Dichtbij."},
        format="json",
        headers={"Idempotency-Key": "c"},
    )
    assert chosen.json()["state"] == "awarded"
    start = coordinator.get(f"/api/v1/intake-moments/{chosen.json()['intakeMoment']}")
    assert start.status_code == 200
    assert client_with(Role.CASEWORKER, organisation=municipality)
