"""The catalogue, a course, an intake moment, and a provider's own courses."""

from datetime import date

import pytest

from backend.accounts.roles import Role
from providers.choices import IntakeStatus
from providers.models import IntakeMoment
from tests.factories.accounts import user_with
from tests.support.html import table_rows
from tests.support.queries import assert_query_count, counted
from tests.support.supply import FIRST_DAY, make_supply

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def supply(municipality):
    return make_supply(4, municipality)


@pytest.fixture
def visitor(web_as, caseworker):
    return web_as(caseworker)


def providers(response):
    return [row[1] for row in table_rows(response)]


def test_the_catalogue_shows_open_starts_of_all_providers(visitor, supply):
    response = visitor.get("/catalogue")

    assert providers(response) == ["School 00000", "School 00001", "School 00002", "School 00003"]
    assert table_rows(response)[1][6:] == ["4 jan 2027".replace("4", "5"), "14 van 15 vrij"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("search=00001", ["School 00001"]),
        ("search=cursus+00003", ["School 00003"]),
        ("component=B", ["School 00001", "School 00003"]),
        ("level=A1", ["School 00000", "School 00001", "School 00002", "School 00003"]),
        ("level=B1", []),
        ("place=Zeist", ["School 00000", "School 00002"]),
        ("weekday=1", ["School 00001", "School 00002", "School 00003"]),
        ("weekday=3", ["School 00003"]),
        ("day_part=3", []),
        (f"starts_from={FIRST_DAY.replace(day=6)}", ["School 00002", "School 00003"]),
        (f"starts_until={FIRST_DAY}", ["School 00000"]),
        ("seats_free=on&sort=-provider", [f"School 0000{n}" for n in (3, 2, 1, 0)]),
    ],
)
def test_filters(visitor, supply, query, expected):
    response = visitor.get(f"/catalogue?{query}")

    assert response.status_code == 200
    assert (providers(response) if expected else []) == expected


def test_full_starts_can_be_left_out(visitor, supply):
    full = supply.intake_moments[1]
    IntakeMoment.objects.filter(pk=full.pk).update(seats_total=1)

    assert "School 00001" in providers(visitor.get("/catalogue"))
    assert "School 00001" not in providers(visitor.get("/catalogue?seats_free=on"))


@pytest.mark.parametrize(
    "status", [IntakeStatus.DRAFT, IntakeStatus.CLOSED, IntakeStatus.CANCELLED]
)
def test_only_what_is_published_can_be_chosen(visitor, supply, status):
    IntakeMoment.objects.filter(pk=supply.intake_moments[0].pk).update(status=status)

    assert "School 00000" not in providers(visitor.get("/catalogue"))


def test_what_has_begun_is_over(visitor, supply):
    IntakeMoment.objects.filter(pk=supply.intake_moments[0].pk).update(
        start_date=date(2026, 11, 17)
    )

    assert "School 00000" not in providers(visitor.get("/catalogue"))


def test_an_unknown_filter_shows_nothing(visitor, supply):
    response = visitor.get("/catalogue?levl=A2")

    assert response.status_code == 400
    assert "School" not in response.content.decode()


def test_a_course_shows_its_groups_and_starts(visitor, supply):
    page = visitor.get(f"/courses/{supply.courses[1].uuid}").content.decode()

    for text in ("School 00001", "G1", "Leslokaal 1, Utrecht", "Maandag 09:00–11:30", "7,5"):
        assert text in page
    assert "&lt;tekens&gt;" in page


def test_a_start_shows_how_many_seats_are_left(visitor, supply):
    moment = supply.intake_moments[3]

    page = visitor.get(f"/intake-moments/{moment.uuid}").content.decode()

    # One taken, one held, and one hold that has expired.
    assert "13 van 15 vrij" in page
    assert "Dit instroommoment is vol" not in page


def test_a_full_start_says_what_to_do(visitor, supply):
    moment = supply.intake_moments[1]
    IntakeMoment.objects.filter(pk=moment.pk).update(seats_total=1)

    page = visitor.get(f"/intake-moments/{moment.uuid}").content.decode()

    assert "0 van 1 vrij" in page
    assert "Dit instroommoment is vol" in page


def test_a_draft_is_seen_by_its_own_provider_only(visitor, web_as, supply):
    moment = supply.intake_moments[0]
    IntakeMoment.objects.filter(pk=moment.pk).update(status=IntakeStatus.DRAFT)
    planner = web_as(user_with(Role.PROVIDER_PLANNER, supply.providers[0].organisation))
    stranger = web_as(user_with(Role.PROVIDER_PLANNER, supply.providers[1].organisation))

    address = f"/intake-moments/{moment.uuid}"

    assert planner.get(address).status_code == 200
    assert stranger.get(address).status_code == 404
    assert visitor.get(address).status_code == 404


def test_a_planner_sees_the_courses_of_the_own_school(web_as, supply):
    planner = web_as(user_with(Role.PROVIDER_PLANNER, supply.providers[1].organisation))

    response = planner.get("/our-courses")

    rows = table_rows(response)
    assert [row[:2] for row in rows] == [["B1-1", "Cursus 1"]]
    assert rows[0][6:8] == ["1", "5 jan 2027"]
    assert planner.get("/our-courses?offered=no").status_code == 200
    assert "Niets gevonden" in planner.get("/our-courses?offered=no").content.decode()


def test_a_planner_without_courses_reads_what_to_do(web_as, provider_planner):
    page = web_as(provider_planner).get("/our-courses").content.decode()

    assert "U hebt nog geen cursussen" in page


@pytest.mark.parametrize("address", ["/catalogue", "/"])
def test_the_number_of_queries_does_not_grow(visitor, municipality, address):
    make_supply(2, municipality, prefix="a")
    visitor.get(address)
    with counted() as few:
        visitor.get(address)
    make_supply(20, municipality, prefix="b")

    with counted() as many:
        visitor.get(address)

    assert len(many) == len(few)
    if address == "/catalogue":  # the start page grows with the cards of other apps
        assert_query_count("web /catalogue", len(many))
