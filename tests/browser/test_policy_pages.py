"""Entering a PIP and setting the policy in a real browser: accessible, fitting, and quick."""

import pytest

from backend.accounts.roles import Role
from backend.common import clock
from backend.organisations.models import Postcode4
from matching.models import MatchingPolicy, Pip
from matching.services.policy import PolicyData, policy_publish
from tests.browser.axe import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import matching as make
from tests.factories.accounts import user_with

pytestmark = pytest.mark.django_db(transaction=True)


def fill_person(page):
    page.fill("#id_reference", "zaak-1")
    for name, day in (
        ("obligation_start_date", "2026-01-05"),
        ("settlement_date", "2026-01-06"),
        ("notified_at_date", "2026-01-07"),
    ):
        page.fill(f"#id_{name}", day)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pip_pages_are_accessible(visit, municipality, size):
    pip = make.pip(municipality)
    make.participant(municipality, reference="nog-niet")
    caseworker = user_with(Role.CASEWORKER, municipality)
    page = visit("/pips/new", as_user=caseworker, size=size)
    for path in (
        "/pips/new",
        "/pips/due",
        f"/participants/{pip.participant.uuid}/pips/new",
        f"/pips/{pip.uuid}",
        f"/needs/{pip.needs.get(component='B').uuid}",
    ):
        page.goto(path)
        assert_fits(page)
        assert_accessible(page)

    page.goto("/pips/new")
    page.click("text=Meer over de persoon")
    page.click("text=Meer over het plan")
    page.get_by_role("button", name="PIP opslaan").click()
    assert page.locator(".shell-summary").is_visible()
    assert_accessible(page)


def test_a_new_pip_is_saved_in_one_go(visit, municipality):
    Postcode4.objects.update_or_create(
        pc4="7311", defaults={"place": "Apeldoorn", "latitude": 52.2, "longitude": 5.9}
    )
    page = visit("/work-list", as_user=user_with(Role.CASEWORKER, municipality))

    page.click("text=Nieuw PIP")
    fill_person(page)
    page.fill("#id_postcode4", "7311")
    page.press("#id_postcode4", "Tab")
    page.locator("#pip-place", has_text="Apeldoorn").wait_for()
    page.get_by_role("button", name="PIP opslaan").click()

    page.wait_for_url("**/needs/**")
    assert Pip.objects.get().postcode4 == "7311"


def test_the_week_is_a_grid_that_the_keyboard_can_use(visit, municipality):
    page = visit("/pips/new", as_user=user_with(Role.CASEWORKER, municipality))
    evening = page.get_by_label("Maandag avond", exact=False)

    evening.focus()
    page.keyboard.press("Space")

    assert evening.is_checked()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_policy_pages_are_accessible(visit, municipality, size):
    make.contracted_intake(municipality)
    make.need(municipality)
    policy = policy_publish(
        actor=make.everything(municipality),
        organisation_id=municipality.pk,
        data=PolicyData(valid_from=clock.today(), max_travel_km=30),
        reason="Korter reizen.",
    )
    administrator = user_with(Role.FUNCTIONAL_ADMINISTRATOR, municipality)
    page = visit("/policies", as_user=administrator, size=size)
    register = f"/algorithm-register/municipality/{municipality.code}"
    for path in (
        "/policies",
        f"/policies/{policy.uuid}",
        f"/policies/new/{municipality.uuid}",
        "/algorithm-register",
        register,
    ):
        page.goto(path)
        assert_fits(page)
        assert_accessible(page)

    page.goto(f"/policies/new/{municipality.uuid}")
    page.fill("#id_weight_price", "150")
    assert page.text_content("[data-policy-sum]") == "1100"
    page.get_by_role("button", name="Bekijk het effect").click()
    page.wait_for_selector("text=Het effect van deze versie")
    assert_fits(page)
    assert_accessible(page)
    page.fill("#id_reason", "Prijs telt zwaarder.")
    page.get_by_role("button", name="Deze versie publiceren").click()
    page.wait_for_selector("text=De versie is gepubliceerd.")
    assert MatchingPolicy.objects.get(organisation=municipality, version=2).weights["price"] == 150
