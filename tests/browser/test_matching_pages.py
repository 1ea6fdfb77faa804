"""The way from the waiting list to an accepted place, in a real browser."""

from datetime import timedelta
from time import perf_counter

import pytest

from backend.accounts.roles import Role
from backend.common import clock
from matching.choices import PlacementState
from matching.models import Placement
from matching.public import match_run_execute, match_run_request
from tests.browser.axe import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import matching as make
from tests.factories.accounts import user_with

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def intake(municipality):
    start = clock.today() + timedelta(days=40)
    return make.contracted_intake(
        municipality, start_date=start, end_date=start + timedelta(days=280)
    )


@pytest.fixture
def need(municipality, intake):
    today = clock.today()
    return make.need(
        municipality,
        earliest_start_date=today,
        latest_start_date=today + timedelta(days=120),
    )


def check(page):
    assert_fits(page)
    assert_accessible(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_j3_from_the_waiting_list_to_an_offered_place_in_six_clicks(
    visit, caseworker, need, intake, size
):
    page = visit("/work-list", as_user=caseworker, size=size)
    clicks, began = 0, perf_counter()
    check(page)

    page.locator(f'a[href="/needs/{need.uuid}"]').click()
    clicks += 1
    check(page)
    page.get_by_role("button", name="Zoek een passende plek").click()
    clicks += 1
    check(page)
    page.get_by_role("link", name="Kies deze plek").first.click()
    clicks += 1
    check(page)
    # The words of a choice stand beside its button, not under each other letter by letter.
    words = page.get_by_text("Houd de plek vast en bied die nu aan").bounding_box()
    assert words["width"] > words["height"]
    page.get_by_label("Waarom past deze plek bij deze persoon?").fill("Dichtbij en op tijd.")
    page.get_by_role("button", name="Bevestig de keuze").click()
    clicks += 1
    page.get_by_role("heading", level=1, name="Plaatsing van").wait_for()
    check(page)

    assert clicks <= 6
    # Of the 90 seconds; reading and writing are the caseworker's, the looks of axe are in it.
    assert perf_counter() - began <= 90
    assert Placement.objects.get(need=need).state == PlacementState.OFFERED


def test_j3_who_fits_nowhere_waits_on_with_the_reason_in_three_clicks(
    visit, caseworker, municipality, intake
):
    today = clock.today()
    need = make.need(
        municipality,
        availability=("SU3",),
        earliest_start_date=today,
        latest_start_date=today + timedelta(days=120),
    )
    page = visit("/work-list", as_user=caseworker)
    page.locator(f'a[href="/needs/{need.uuid}"]').click()
    page.get_by_role("button", name="Zoek een passende plek").click()
    page.get_by_text("Lessen op tijden dat de persoon niet kan").first.wait_for()
    check(page)
    need.refresh_from_db()
    assert need.state == "waiting"
    page.goto("/work-list")
    assert page.locator(f'a[href="/needs/{need.uuid}"]').count() == 1


def test_a_choice_without_words_puts_the_focus_on_the_summary(visit, caseworker, need, intake):
    page = visit(f"/needs/{need.uuid}", as_user=caseworker)
    page.get_by_role("button", name="Zoek een passende plek").click()
    page.get_by_role("link", name="Kies deze plek").first.click()

    page.get_by_label("Waarom past deze plek bij deze persoon?").fill("")
    page.get_by_role("button", name="Bevestig de keuze").click()

    summary = page.locator(".shell-summary")
    summary.wait_for()
    assert summary.evaluate("element => element === document.activeElement")
    check(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_j6_the_provider_answers_from_its_inbox(visit, municipality, intake, need, size):
    placement = make.placement(municipality, intake=intake, of=need, state=PlacementState.OFFERED)
    planner = user_with(Role.PROVIDER_PLANNER, intake.group.course.provider.organisation)
    page = visit("/inbox", as_user=planner, size=size)
    check(page)

    page.get_by_role("link", name=placement.participant.reference).click()
    check(page)
    page.get_by_role("link", name="Weigeren").click()
    check(page)
    page.go_back()
    page.get_by_role("link", name="Accepteren").click()
    check(page)
    page.get_by_role("button", name="Ja, accepteer").click()
    page.get_by_text("Testa Voorbeeld").wait_for()
    check(page)

    placement.refresh_from_db()
    assert placement.state == PlacementState.ACCEPTED


def test_a_run_is_asked_for_watched_and_decided_on(
    visit, municipality, region, regional_coordinator, caseworker, intake, need
):
    page = visit("/match-runs", as_user=regional_coordinator)
    check(page)
    page.get_by_role("link", name="Start een toewijzing").click()
    check(page)
    page.get_by_role("button", name="Start de toewijzing").click()
    page.get_by_text("De toewijzing is bezig").wait_for()
    check(page)
    actor = make.everything(municipality, region)
    run = match_run_execute(run_id=match_run_request(actor=actor, organisation=region).pk)

    page = visit(f"/match-runs/{run.uuid}", as_user=regional_coordinator)
    check(page)
    page.get_by_role("link", name="Bekijk alle voorstellen").first.click()
    check(page)
    page = visit(f"/match-runs/{run.uuid}/proposals", as_user=caseworker)
    page.get_by_role("link", name=intake.group.course.name).first.click()
    page.get_by_role("link", name="Bereken het gevolg voor anderen").click()
    page.get_by_text("Dit is het beste plan voor iedereen samen.").wait_for()
    check(page)
    page.get_by_role("link", name="Niet deze plek").click()
    check(page)
    page.go_back()
    page.get_by_label("Waarom past deze plek bij deze persoon?").fill("Dichtbij en op tijd.")
    page.get_by_role("button", name="Bevestig de keuze").click()
    page.get_by_role("heading", level=1, name="Plaatsing van").wait_for()

    assert Placement.objects.get().state == PlacementState.OFFERED


def test_other_pages_of_demand(visit, caseworker, need, intake):
    page = visit(f"/pips/{need.pip.uuid}", as_user=caseworker)
    check(page)
    assert page.goto("/placements").status == 200
    check(page)
    # No such tier: the page says so.
    assert page.goto("/work-list?tier=9").status == 400
    check(page)
