"""What a start and a provider's people say when something stands in the way."""

from datetime import date
from uuid import uuid4

import pytest

from providers.choices import MarkKind, MarkStatus, StopState
from providers.models import IntakeStop
from providers.ports import AffectedPlace
from providers.web import affected_page
from tests.factories.matching import placement
from tests.factories.organisations import MunicipalityFactory
from tests.factories.providers import (
    CourseFactory,
    CourseGroupFactory,
    IntakeMomentFactory,
    LocationFactory,
    ProviderFactory,
    QualityMarkFactory,
    SeatClaimFactory,
)
from tests.support.html import table_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
NO_MARK = "Geen erkenning op de startdatum"


@pytest.fixture
def start(provider):
    school = ProviderFactory(organisation=provider, mark=False)
    group = CourseGroupFactory(
        course=CourseFactory(provider=school, kind="B", component="B"),
        location=LocationFactory(provider=school),
        min_size=4,
        max_size=15,
    )
    return IntakeMomentFactory(
        group=group, start_date=date(2027, 1, 11), end_date=date(2027, 9, 1), seats_total=12
    )


@pytest.fixture
def read(web_as, caseworker, start):
    client = web_as(caseworker)
    return lambda: client.get(f"/intake-moments/{start.uuid}").content.decode()


def mark(start, status=MarkStatus.VALID, kind=MarkKind.KEURMERK, **dates):
    return QualityMarkFactory(
        provider=start.group.course.provider, kind=kind, status=status, **dates
    )


def test_a_start_without_a_mark_on_its_day_says_so(read, start) -> None:
    assert NO_MARK in read()
    assert "R-KEU-1" in read()
    # A mark that ends before the start, one that is suspended and one of another kind do not help.
    mark(start, valid_from=date(2026, 1, 1), valid_to=date(2027, 1, 10))
    mark(start, kind=MarkKind.TST, valid_from=date(2026, 1, 1))
    suspended = mark(start, MarkStatus.SUSPENDED, valid_from=date(2027, 1, 11))
    assert NO_MARK in read()
    suspended.delete()
    mark(start, MarkStatus.ASPIRANT, valid_from=date(2027, 1, 11), valid_to=date(2027, 6, 1))
    assert NO_MARK not in read()
    assert "De erkenning eindigt eerder dan de cursus" in read()


def test_a_start_names_the_stops_that_the_reader_may_know(read, start, municipality) -> None:
    mark(start, valid_from=date(2026, 1, 1))
    course = start.group.course
    for organisation, scope in (
        (municipality, {"kind": "B"}),
        (MunicipalityFactory(name="Elders").organisation, {}),
    ):
        IntakeStop.objects.create(
            provider=course.provider,
            organisation=organisation,
            state=StopState.ACTIVE,
            ground="staff",
            reason="x",
            starts_on=date(2026, 11, 1),
            requested_at="2026-10-01T10:00:00Z",
            decided_at="2026-10-02T10:00:00Z",
            **scope,
        )
    page = read()
    assert "Er kan hier niemand geplaatst worden uit: Eigenstad." in page
    assert "Elders" not in page
    IntakeStop.objects.update(kind="Z")
    assert "Er kan hier niemand" not in read()


def test_a_start_soon_with_too_few_people_says_so(read, start) -> None:
    mark(start, valid_from=date(2026, 1, 1))
    assert "minstens 4 nodig" not in read()
    type(start).objects.update(start_date=date(2026, 11, 25))
    assert "Er zitten 0 mensen in deze groep; er zijn er minstens 4 nodig." in read()


def test_a_group_that_would_grow_too_large_says_so(read, start) -> None:
    mark(start, valid_from=date(2026, 1, 1))
    assert "Meer plekken dan de groep" not in read()
    running = IntakeMomentFactory(
        group=start.group, start_date=date(2026, 10, 1), end_date=date(2027, 6, 1)
    )
    SeatClaimFactory.create_batch(5, intake_moment=running)
    # Twelve seats and five people in a group of at most fifteen.
    assert "heeft deze groep 17 mensen; er passen er hoogstens 15 in" in read()


def test_people_of_a_provider_are_those_of_the_reader(
    web_as, caseworker, other_caseworker, municipality
) -> None:
    offered = placement(municipality, state="offered")
    course = offered.intake_moment.group.course
    address = f"/providers/{course.provider.uuid}/people"
    page = web_as(caseworker).get(address)
    assert table_rows(page)[0][:2] == [offered.participant.reference, "Eigenstad"]
    assert f"/intake-moments/{offered.intake_moment.uuid}/alternatives" in page.content.decode()
    foreign = web_as(other_caseworker).get(address).content.decode()
    assert "Niemand van uw organisatie heeft hier een plek." in foreign
    assert offered.participant.reference not in foreign


@pytest.mark.parametrize(("people", "warned"), [(15, False), (16, True)])
def test_more_than_fifteen_people_need_approval(
    web_as, caseworker, start, monkeypatch, people, warned
) -> None:
    mark(start, valid_from=date(2024, 1, 1), valid_to=date(2025, 1, 1))
    ProviderFactory()
    places = [
        AffectedPlace(f"P{one}", "Eigenstad", "Geplaatst", "/x", uuid4()) for one in range(people)
    ]
    monkeypatch.setattr(affected_page, "affected_places", lambda actor, ids: {start.pk: places})
    page = web_as(caseworker).get(f"/providers/{start.group.course.provider.uuid}/people")
    text = page.content.decode()
    assert f"{people} mensen hebben hier een plek." in text
    assert ("R-KEU-3" in text) is warned
