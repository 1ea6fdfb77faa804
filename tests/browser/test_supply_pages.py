"""A planner and a buyer in a real browser: the season of a school, a stop, and the axe rules."""

from datetime import timedelta
from time import perf_counter

import pytest
from django.urls import reverse

from backend.common import clock
from backend.organisations.models import Postcode4
from procurement.models import ClauseBreach
from providers.models import IntakeMoment, IntakeStop, ProviderDocument, Teacher
from tests.browser.axe import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories.matching import contracted_intake, placement
from tests.factories.money import money_world
from tests.factories.providers import (
    CourseFactory,
    CourseGroupFactory,
    IntakeMomentFactory,
    LocationFactory,
    ProviderFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)
# chain-and-journeys.md, J2: prepared in 10 minutes and 5 clicks, the papers made in 20 seconds.
J2_CLICKS, J2_SECONDS, J2_PAPER_SECONDS = 5, 10 * 60, 20


@pytest.fixture
def school(provider):
    Postcode4.objects.create(pc4="3511", place="Utrecht", latitude=52.09, longitude=5.12)
    return ProviderFactory(organisation=provider)


@pytest.fixture
def start(school):
    course = CourseFactory(provider=school)
    group = CourseGroupFactory(
        course=course, location=LocationFactory(provider=school), max_size=12
    )
    day = clock.today() + timedelta(days=40)
    return IntakeMomentFactory(group=group, start_date=day)


def test_a_season_is_planned_moved_and_cancelled(visit, provider_planner, start):
    page = visit("/our-courses", as_user=provider_planner)
    page.get_by_role("link", name=start.group.course.name).click()
    page.get_by_role("link", name=start.group.code, exact=True).first.click()
    page.get_by_role("link", name="Reeks instroommomenten plannen").click()
    first = clock.today() + timedelta(days=60)
    page.get_by_label("Eerste start").fill(first.isoformat())
    page.get_by_label("Laatste start, uiterlijk").fill((first + timedelta(days=90)).isoformat())
    page.get_by_role("button", name="Instroommomenten tonen").click()
    assert_accessible(page)
    page.get_by_role("button", name="publiceren").click()
    page.get_by_text("De instroommomenten zijn gepubliceerd.").wait_for()
    made = IntakeMoment.objects.exclude(pk=start.pk).count()
    assert made >= 2

    page.goto(reverse("intake-moment-move", args=[start.uuid]))
    moved = clock.today() + timedelta(days=47)
    page.get_by_label("Nieuwe startdatum").fill(moved.isoformat())
    page.get_by_label("Reden").fill("Docent ziek")
    page.get_by_role("button", name="Instroommoment verplaatsen").click()
    page.get_by_text("Het instroommoment is verplaatst.").wait_for()
    page.get_by_role("link", name="Instroommoment annuleren").click()
    page.get_by_label("Reden").fill("Te weinig deelnemers")
    page.get_by_role("button", name="Ja, instroommoment annuleren").click()
    page.get_by_text("Het instroommoment is geannuleerd.").wait_for()
    start.refresh_from_db()
    assert (start.start_date, start.status) == (moved, "cancelled")


def test_a_stop_is_asked_and_approved(
    visit, provider_planner, procurement_officer, school, municipality
):
    page = visit(reverse("provider", args=[school.uuid]), as_user=provider_planner)
    page.get_by_role("link", name="Cliëntenstop aanvragen").click()
    page.get_by_label("Gemeente of regio").select_option(label=municipality.name)
    first = clock.today() + timedelta(days=20)
    page.get_by_label("Eerste dag").fill(first.isoformat())
    page.get_by_label("Reden").fill("Twee docenten weg")
    page.get_by_label("Alternatieven voor deelnemers").fill("Start in maart")
    page.get_by_role("button", name="Aanvraag versturen").click()
    page.get_by_text("De aanvraag is naar de gemeente gestuurd.").wait_for()
    stop = IntakeStop.objects.get()
    page = visit(reverse("intake-stop", args=[stop.uuid]), as_user=procurement_officer)
    page.get_by_role("link", name="Goedkeuren").click()
    page.get_by_role("button", name="Ja, goedkeuren").click()
    page.get_by_text("De cliëntenstop is goedgekeurd.").wait_for()
    assert IntakeStop.objects.get().state == "approved"


def test_j2_a_supplier_from_the_list_to_its_findings(
    visit, procurement_officer, municipality, provider
):
    """Most findings first, then the three layers of capacity, each number with its records."""
    ProviderFactory(organisation__name="Zonder bevindingen")
    world = money_world(municipality, provider)
    clicks, began = 0, perf_counter()
    page = visit("/providers", as_user=procurement_officer)
    page.get_by_role("table").wait_for()
    first = page.get_by_role("row").nth(1)
    assert "Eigen Taalschool" in first.inner_text()
    first.get_by_role("link", name="Eigen Taalschool").click()
    clicks += 1
    capacity = page.locator("section", has_text="Capaciteit van het komende halfjaar")
    assert_accessible(page)
    capacity.get_by_role("link", name=world.contract.number).click()
    clicks += 1
    page.get_by_role("heading", name=world.contract.number).first.wait_for()
    asked = perf_counter()
    with page.expect_download() as paper:
        page.get_by_role("link", name="PDF", exact=True).click()
    clicks += 1
    assert paper.value.path().read_bytes().startswith(b"%PDF")
    assert perf_counter() - asked <= J2_PAPER_SECONDS
    page.goto("/providers")
    clicks += 1
    page.get_by_role("row").nth(1).get_by_role("link").last.click()
    clicks += 1
    page.get_by_role("heading", name="Bevindingen").first.wait_for()
    found = ClauseBreach.objects.exclude(state="resolved").count()
    assert page.get_by_text(f"{found} resultaten").count() == 1
    assert clicks <= J2_CLICKS
    # Reading is the contract manager's; the looks of axe are in it.
    assert perf_counter() - began <= J2_SECONDS


def test_j5_people_of_a_cancelled_start_and_where_they_can_go(
    visit, provider_planner, provider, municipality
):
    offered = placement(municipality, state="offered", intake=_contracted(provider, municipality))
    start = offered.intake_moment
    other = IntakeMomentFactory(
        group=start.group, start_date=start.start_date + timedelta(days=14), seats_total=9
    )
    page = visit(reverse("intake-moment", args=[start.uuid]), as_user=provider_planner)
    page.get_by_role("link", name="Instroommoment annuleren").click()
    assert page.get_by_text(offered.participant.reference).count() == 1
    alternatives = page.get_by_role("table").last
    assert str(other.start_date.year) in alternatives.inner_text()
    assert "9" in alternatives.inner_text()
    assert_accessible(page)


def _contracted(provider, municipality):
    return contracted_intake(
        municipality, provider=provider, start_date=clock.today() + timedelta(days=40)
    )


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_supply_pages_are_accessible(visit, provider_planner, school, start, size):
    ProviderDocument.objects.create(
        provider=school, kind="kvk", title="Uittreksel", issue_date="2020-01-01",
        valid_until="2020-06-30",
    )  # fmt: skip
    Teacher.objects.create(
        provider=school, code="D1", qualification="certified", hours_per_week=20,
        valid_from="2020-01-01",
    )  # fmt: skip
    elsewhere = LocationFactory(provider=school, place="Zeist", longitude=5.24)
    second = CourseGroupFactory(course=start.group.course, location=elsewhere)
    IntakeMomentFactory(group=second, start_date=start.start_date)
    page = visit("/our-courses", as_user=provider_planner, size=size)
    for path in (
        "/our-courses",
        "/our-locations",
        "/our-teachers",
        "/providers",
        "/capacity",
        "/intake-stops",
        "/catalogue",
        "/catalogue?near=3511&within=25",
        reverse("provider", args=[school.uuid]),
        reverse("provider-people", args=[school.uuid]),
        reverse("intake-moment", args=[start.uuid]),
        reverse("course-new", args=[school.uuid]),
        reverse("intake-stop-new", args=[school.uuid]),
        reverse("course-group", args=[start.group.uuid]),
        reverse("course-group-edit", args=[start.group.uuid]),
        reverse("intake-moment-cancel", args=[start.uuid]),
        reverse("intake-moment-alternatives", args=[start.uuid]),
    ):
        page.goto(path)
        assert_fits(page)
        assert_accessible(page)
