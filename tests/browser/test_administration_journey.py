"""J12: an administrator opens Passend for a municipality, and its first people are invited."""

import pytest

from backend.accounts.models import Membership, User
from backend.accounts.roles import Role
from tests.browser.axe import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP
from tests.factories.accounts import user_with
from tests.factories.organisations import MunicipalityFactory

pytestmark = [pytest.mark.django_db(transaction=True)]
PHONE_SMALL = {"width": 375, "height": 812}
# chain-and-journeys.md, J12: at most ten minutes for an organisation; a field takes half a minute.
FIELD_BUDGET = 20


@pytest.fixture
def opener(region):
    return user_with(Role.FUNCTIONAL_ADMINISTRATOR, region)


def test_an_organisation_is_opened_and_its_first_colleague_invited(visit, opener, region):
    town = MunicipalityFactory(name="Nieuwstad").organisation
    filled = []
    page = visit("/system-health", as_user=opener)

    def fill(label, value):
        page.get_by_label(label, exact=True).fill(value)
        filled.append(label)

    page.get_by_role("link", name="Open voor een organisatie").click()
    assert_accessible(page)
    page.select_option("[name=organisation]", str(town.pk))
    filled.append("organisation")
    fill("Naam van de beheerder", "B. Heer")
    fill("E-mailadres", "beheer@nieuwstad.example")
    page.get_by_label("Klantmanager").check()
    page.fill("[name=member_from]", "2026-01-01")
    filled += ["roles", "member_from"]
    page.get_by_role("button", name="Open en nodig uit").click()
    page.get_by_text("De organisatie is open.").wait_for()

    administrator = User.objects.get(email="beheer@nieuwstad.example")
    page = visit("/users", as_user=administrator)
    page.get_by_role("link", name="Iemand uitnodigen").click()
    page.wait_for_load_state()
    page.fill("[name=full_name]", "K. Manager")
    page.fill("[name=email]", "k.manager@nieuwstad.example")
    page.select_option("[name=role]", "caseworker")
    filled += ["full_name", "email", "role"]
    page.locator("form.shell-form button[type=submit]").click()
    page.wait_for_load_state()
    assert_accessible(page)
    assert Membership.objects.filter(organisation=town).count() == 3
    assert len(filled) <= FIELD_BUDGET, filled
    page.goto("/system-health")
    page.get_by_text("Database").wait_for()
    assert_accessible(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE_SMALL], ids=["desktop", "phone"])
def test_opening_and_health_are_accessible(visit, opener, size):
    page = visit("/system-health", as_user=opener, size=size)
    for path in ("/system-health", "/organisations/open"):
        assert page.goto(path).status == 200, path
        assert_accessible(page)
        assert_fits(page)
