"""J12: an administrator opens Passend for a municipality and changes a code list, without SQL."""

from time import perf_counter

import pytest

from backend.accounts.models import Membership, User
from backend.accounts.roles import Role
from backend.codelists.public import versions_of
from matching.choices import PlacementState
from matching.code_lists import WITHDRAWALS
from tests.backend.accounts.identity_provider import identity_provider
from tests.browser.axe import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP
from tests.factories.accounts import user_with
from tests.factories.matching import placement
from tests.factories.organisations import MunicipalityFactory

pytestmark = [pytest.mark.django_db(transaction=True)]
PHONE_SMALL = {"width": 375, "height": 812}
# chain-and-journeys.md, J12: at most ten minutes for an organisation; a field takes half a minute.
FIELD_BUDGET = 20
WITHDRAWAL_PAGE = f"/code-lists/{WITHDRAWALS}"


@pytest.fixture
def opener(region):
    return user_with(Role.FUNCTIONAL_ADMINISTRATOR, region)


def test_an_organisation_is_opened_and_its_first_colleague_invited(visit, opener, settings):
    settings.LOOPBACK_TARGETS = True
    town = MunicipalityFactory(name="Nieuwstad").organisation
    filled, began = [], perf_counter()
    page = visit("/system-health", as_user=opener)

    def fill(name, value):
        page.fill(f"[name={name}]", value)
        filled.append(name)

    page.get_by_role("link", name="Open voor een organisatie").click()
    page.wait_for_load_state()
    assert_accessible(page)
    page.get_by_label("Gemeente", exact=True).check()
    fill("number", town.code)
    page.get_by_role("button", name="Zoek op").click()
    page.get_by_text(f"municipality-{town.code}/login/callback/").wait_for()
    assert page.locator("[name=name]").input_value() == "Nieuwstad"
    assert_accessible(page)
    fill("full_name", "B. Heer")
    fill("email", "beheer@nieuwstad.example")
    page.get_by_label("Klantmanager", exact=True).check()
    with identity_provider() as idp:
        fill("member_from", "2026-01-01")
        fill("issuer", idp.url)
        fill("client_id", "passend")
        fill("secret", "zeer-geheim")
        fill("groups_caseworker", "sg-klantmanager")
        fill("privacy_text", "Nieuwstad bewaart zo weinig mogelijk.")
        page.get_by_role("button", name="Open en nodig uit").click()
        page.get_by_text("De organisatie is open.").wait_for()

    administrator = User.objects.get(email="beheer@nieuwstad.example")
    page = visit("/our-organisations", as_user=administrator)
    page.get_by_role("link", name="Nieuwstad").click()
    page.get_by_text("sg-klantmanager: Klantmanager").wait_for()
    assert "zeer-geheim" not in page.content()
    assert_accessible(page)
    page.goto("/users/invite")
    for name, value in (("full_name", "K. Manager"), ("email", "k.manager@nieuwstad.example")):
        fill(name, value)
    page.select_option("[name=role]", "caseworker")
    page.locator("form.shell-form button[type=submit]").click()
    page.get_by_text("De uitnodiging is verstuurd.").wait_for()
    assert Membership.objects.filter(organisation=town).count() == 3
    assert len(filled) + 3 <= FIELD_BUDGET, filled
    # J12: ten minutes per organisation.
    assert perf_counter() - began <= 600

    page.goto("/privacy")
    page.get_by_text("Nieuwstad bewaart zo weinig mogelijk.").wait_for()
    page.goto("/retention")
    page.locator("h1").wait_for()
    page.goto("/system-health")
    page.get_by_text("Database").wait_for()
    assert_accessible(page)


def test_a_code_list_gets_a_version_after_a_look_at_its_effect(visit, opener, municipality):
    placement(municipality, state=PlacementState.WITHDRAWN)
    page = visit("/code-lists", as_user=opener)
    assert_accessible(page)
    page.get_by_role("link", name="Redenen om een plaats in te trekken").click()
    page.get_by_role("link", name="Nieuwe versie").click()
    page.wait_for_load_state()
    assert_accessible(page)
    better = page.locator("fieldset", has_text="better_place")
    better.get_by_label("Vervalt").check()
    for name, value in (
        ("code", "no_childcare"),
        ("nl", "Geen kinderopvang"),
        ("en", "No childcare"),
    ):
        page.fill(f"[name=new_0_{name}]", value)
    page.get_by_role("button", name="Bekijk het effect").click()
    page.get_by_text("Er is nog niets opgeslagen.").wait_for()
    page.get_by_text("Gegevens met een code die vervalt").first.wait_for()
    assert_accessible(page)
    page.fill("[name=reason]", "Besluit van de regio")
    page.get_by_role("button", name="Deze versie publiceren").click()
    page.get_by_text("De versie is gepubliceerd.").wait_for()
    assert_accessible(page)
    second = versions_of(WITHDRAWALS)[1].holds()
    assert "no_childcare" in second
    assert "better_place" not in second


@pytest.mark.parametrize("size", [DESKTOP, PHONE_SMALL], ids=["desktop", "phone"])
def test_the_pages_of_the_journey_are_accessible(visit, opener, region, size):
    page = visit("/system-health", as_user=opener, size=size)
    own = f"/our-organisations/{region.uuid}"
    for path in (
        "/system-health",
        "/organisations/open",
        "/organisations/open/provider/87654321",
        own,
        f"{own}/single-sign-on",
        f"{own}/privacy-text",
        WITHDRAWAL_PAGE,
        f"{WITHDRAWAL_PAGE}/new",
    ):
        assert page.goto(path).status == 200, path
        assert_accessible(page)
        assert_fits(page)
