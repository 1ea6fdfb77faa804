"""The waiting list's pages in a real browser: accessible, and J10 from gap to published start."""

from datetime import timedelta
from time import perf_counter

import pytest

from backend.accounts.roles import Role
from backend.common import clock
from backend.outbox.public import consume
from matching.choices import PlacementState
from matching.models import GroupBid, SeatOffer
from matching.services.seat_offers import seats_offer
from matching.waiting_choices import SeatSource
from procurement.models import PoolQuota
from tests.browser.axe import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import matching as make
from tests.factories.accounts import user_with

pytestmark = pytest.mark.django_db(transaction=True)


def check(page):
    assert_fits(page)
    assert_accessible(page)


def waiting(municipality, **fields):
    today = clock.today()
    return make.need(
        municipality,
        earliest_start_date=today,
        latest_start_date=today + timedelta(days=150),
        **fields,
    )


@pytest.fixture
def intake(municipality):
    start = clock.today() + timedelta(days=40)
    return make.contracted_intake(
        municipality, start_date=start, end_date=start + timedelta(days=280)
    )


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_freed_seat_is_offered_by_the_caseworker(visit, caseworker, municipality, intake, size):
    need = waiting(municipality)
    seats_offer(intake_moment_id=intake.pk, number=1, source=SeatSource.PLACE_ENDED)
    page = visit("/seat-offers", as_user=caseworker, size=size)
    check(page)
    page.get_by_role("link", name=need.pip.participant.reference).click()
    check(page)
    page.get_by_role("link", name="Bied deze plek aan").click()
    check(page)
    page.get_by_label("Waarom past deze plek bij deze persoon?").fill("Dichtbij en op tijd.")
    page.get_by_role("button", name="Ja, bied de plek aan").click()
    page.get_by_role("heading", level=1, name="Plaatsing van").wait_for()
    assert SeatOffer.objects.get().placement.state == PlacementState.OFFERED


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("path", ["/waiting-times", "/supply-demand", "/work-list/rules"])
def test_figures_and_rules_are_accessible(visit, caseworker, municipality, intake, path, size):
    make.placement(municipality, intake=intake, of=waiting(municipality), state="offered")
    waiting(municipality)
    page = visit(path, as_user=caseworker, size=size)
    check(page)
    assert page.locator("h1").inner_text()


def test_why_not_is_read_from_the_person(visit, caseworker, municipality, intake):
    need = waiting(municipality, availability=("MO1",))
    page = visit(f"/needs/{need.uuid}", as_user=caseworker)
    check(page)
    page.get_by_role("link", name="Waarom deze plaats niet?").click()
    check(page)
    page.get_by_role("link", name=intake.group.course.name).click()
    check(page)
    page.get_by_text("Woensdag ochtend").first.wait_for()
    assert page.url.endswith(f"/needs/{need.uuid}/why-not/{intake.uuid}")


def test_j10_from_the_gap_to_a_published_start(
    visit, municipality, region, regional_coordinator, intake
):
    intake.seats_total = 0
    intake.save(update_fields=["seats_total"])
    for _ in range(6):
        waiting(municipality)
    began = perf_counter()
    page = visit("/supply-demand", as_user=regional_coordinator)
    check(page)
    page.get_by_role("link", name="Advies over aanbod").first.click()
    check(page)
    page.get_by_role("link", name="Vraag een advies").click()
    check(page)
    page.get_by_label("Gemeente of regio").select_option(region.code)
    page.get_by_role("button", name="Bereken het advies").click()
    consume()
    page.reload()
    check(page)
    page.get_by_role("link", name="Vraag deze groep aan").first.click()
    check(page)
    page.get_by_role("button", name="Stuur naar de gecontracteerde aanbieders").click()
    page.get_by_role("heading", level=1, name="Groep gevraagd").wait_for()
    check(page)
    address = page.url

    planner = user_with(Role.PROVIDER_PLANNER, intake.group.course.provider.organisation)
    school = visit(address, as_user=planner, size=PHONE)
    check(school)
    school.get_by_role("link", name="Bied een groep aan").click()
    check(school)
    school.get_by_label("Bevoegde docent").fill("NT2-docent")
    school.get_by_role("button", name="Verstuur de bieding").click()
    school.get_by_text("Uw bieding is verstuurd").wait_for()
    check(school)

    page.reload()
    page.get_by_role("link", name="Kies deze bieding").click()
    check(page)
    page.get_by_label("Reden").fill("Dichtbij en op tijd.")
    page.get_by_role("button", name="Ja, kies deze bieding").click()
    page.get_by_role("link", name="Naar het instroommoment").click()
    check(page)
    assert GroupBid.objects.get().intake_moment.seats_total == 6
    # J10: five minutes a request, the school's answer included.
    assert perf_counter() - began <= 300


def test_shared_lots(visit, municipality, procurement_officer, intake):
    page = visit("/lot-pools", as_user=procurement_officer)
    check(page)
    page.locator("tbody a").filter(has_text="Perceel").first.click()
    check(page)
    page.get_by_role("link", name="Wijzig de verdeling").click()
    check(page)
    page.get_by_label("Een aandeel per gemeente").check()
    page.get_by_label(f"Plaatsen voor {municipality.name}").fill("12")
    page.get_by_label("Reden").fill("Afgesproken.")
    page.get_by_role("button", name="Bewaar de verdeling").click()
    page.get_by_text("0 van 12").first.wait_for()
    check(page)
    assert PoolQuota.objects.get().places == 12
