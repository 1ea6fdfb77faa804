"""The picture of where courses start: what it draws, says and links to."""

import re
from datetime import date

import pytest

from tests.factories.organisations import Postcode4Factory
from tests.factories.providers import CourseGroupFactory, IntakeMomentFactory, LocationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]

PLACES = {"Utrecht": (52.09, 5.12), "Zeist": (52.09, 5.24), "Hilversum": (52.22, 5.17)}


@pytest.fixture
def starts() -> None:
    for number, (place, (latitude, longitude)) in enumerate(PLACES.items(), start=1):
        location = LocationFactory(place=place, latitude=latitude, longitude=longitude)
        group = CourseGroupFactory(location=location, course__provider=location.provider)
        for day in range(number):
            IntakeMomentFactory(group=group, start_date=date(2027, 1, 4 + day))
    Postcode4Factory(pc4="3511", place="Utrecht", latitude=52.09, longitude=5.12)
    Postcode4Factory(pc4="9711", place="Groningen", latitude=53.22, longitude=6.56)


@pytest.fixture
def visitor(web_as, caseworker):
    return web_as(caseworker)


def circles(page: str) -> list[tuple[float, float, float]]:
    found = re.findall(r'catalogue-map__spot" cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"', page)
    return [(float(x), float(y), float(radius)) for x, y, radius in found]


def test_a_circle_per_place_with_the_largest_where_most_starts_are(visitor, starts) -> None:
    page = visitor.get("/catalogue").content.decode()
    hilversum, zeist, utrecht = circles(page)
    assert hilversum[2] > zeist[2] > utrecht[2]
    # North is above, east is right; both lie within the picture.
    assert hilversum[1] < utrecht[1] == zeist[1]
    assert utrecht[0] < hilversum[0] < zeist[0]
    assert (
        'aria-label="Kaart met het aantal starts per plaats: Hilversum 3, Zeist 2, Utrecht 1."'
        in page
    )
    assert "?place=Zeist" in page
    assert "2 starts" in page


def test_the_picture_follows_the_search(visitor, starts) -> None:
    page = visitor.get("/catalogue?starts_until=2027-01-05&near=utrecht&within=10").content.decode()
    assert len(circles(page)) == 2
    assert "catalogue-map__ring" in page
    assert "near=utrecht&amp;within=10&amp;place=Zeist" in page
    # One place is no map, and neither is a wrong question.
    assert not circles(visitor.get("/catalogue?place=Zeist").content.decode())
    assert not circles(visitor.get("/catalogue?levl=A2").content.decode())


def test_near_is_a_postcode_or_a_place(visitor, starts) -> None:
    by_place = visitor.get("/catalogue?near=UTRECHT&within=10").content.decode()
    by_postcode = visitor.get("/catalogue?near=3511%20AB&within=10").content.decode()
    for page in (by_place, by_postcode):
        assert len(circles(page)) == 2
        assert "8 km" in page
    unknown = visitor.get("/catalogue?near=Atlantis")
    assert unknown.status_code == 400
    assert "Deze postcode of plaats staat niet op de kaart" in unknown.content.decode()


def test_a_place_cannot_write_into_the_page(visitor, starts) -> None:
    location = LocationFactory(place="<script>x</script>", latitude=52.1, longitude=5.3)
    group = CourseGroupFactory(location=location, course__provider=location.provider)
    IntakeMomentFactory(group=group, start_date=date(2027, 1, 4))
    assert "<script>x" not in visitor.get("/catalogue").content.decode()
