"""Bundles, households and places side by side, in a real browser."""

from datetime import timedelta

import pytest

from backend.common import clock
from matching.models import Household, MatchBundle, MatchRecord, Placement
from matching.services.households import HouseholdData, household_register
from tests.browser.axe import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import matching as make

pytestmark = pytest.mark.django_db(transaction=True)


def check(page):
    assert_fits(page)
    assert_accessible(page)


@pytest.fixture
def plans(municipality):
    """Two people, and places for several components."""
    today = clock.today()
    start = today + timedelta(days=40)
    for number, (component, weekdays) in enumerate(
        (("B", (1, 3)), ("B", (2, 4)), ("KNM", (1,)), ("PVT", (5,)))
    ):
        make.contracted_intake(
            municipality,
            group__course__component=component,
            group__weekdays=weekdays,
            group__location__latitude=52.1 + number / 50,
            start_date=start,
            end_date=start + timedelta(days=300 if component == "B" else 60),
        )
    return [
        make.pip(
            municipality,
            earliest_start_date=today,
            latest_start_date=today + timedelta(days=120),
        )
        for _ in range(2)
    ]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_all_components_of_a_person_are_combined(visit, caseworker, plans, size):
    page = visit(f"/pips/{plans[0].uuid}", as_user=caseworker, size=size)
    page.get_by_role("link", name="Alle onderdelen samen").click()
    check(page)
    page.get_by_role("button", name="Plaatsen combineren").click()
    page.get_by_role("heading", level=2, name="Voorstel 1").wait_for()
    check(page)
    page.get_by_role("link", name="Lees de redenen en kies").first.click()
    page.get_by_label("Waarom past deze plek bij deze persoon?").wait_for()
    assert MatchBundle.objects.get().pip == plans[0]
    assert not Placement.objects.exists()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_places_are_compared_with_the_keyboard(visit, caseworker, plans, size):
    household_register(
        actor=make.everything(plans[0].participant.municipality),
        data=HouseholdData(participants=[one.participant for one in plans]),
    )
    need = plans[0].needs.get(component="B")
    page = visit(f"/needs/{need.uuid}", as_user=caseworker, size=size)
    page.get_by_role("button", name="Zoek een passende plek").click()
    page.get_by_text("Plaatsen naast elkaar vergelijken").focus()
    page.keyboard.press("Enter")
    check(page)
    page.get_by_role("button", name="Vergelijken", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=2, name="Naast elkaar").wait_for()
    check(page)
    page.get_by_role("link", name="Kies A, in uw eigen woorden").click()
    page.get_by_label("Waarom past deze plek bij deze persoon?").wait_for()
    assert MatchRecord.objects.get(need=need).result["counts"]["feasible"] == 2
    assert not Placement.objects.exists()


def test_a_household_is_entered(visit, caseworker, plans):
    first, second = (one.participant for one in plans)
    page = visit(f"/participants/{first.uuid}/household", as_user=caseworker)
    page.get_by_label("Kenmerken van de andere leden").fill(second.reference)
    check(page)
    page.get_by_role("button", name="Huishouden opslaan").click()
    page.get_by_text("Het huishouden is opgeslagen.").wait_for()
    assert set(Household.objects.get().participants.all()) == {first, second}
    check(page)
    page.get_by_role("link", name="Huishouden", exact=True).click()
    page.get_by_role("link", name="Dit huishouden beëindigen").click()
    check(page)
