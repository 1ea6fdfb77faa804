"""The pages of the shell, the catalogue and the contracts in a real browser."""

from datetime import timedelta

import pytest

from backend.common import clock
from backend.web import demo
from providers.models import IntakeMoment
from tests.browser.axe import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE, ZOOMED
from tests.support.supply import make_supply

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def supply(municipality):
    made = make_supply(4, municipality)
    # Starts must lie ahead on the day the test runs.
    for number, moment in enumerate(made.intake_moments):
        start = clock.today() + timedelta(days=30 + number)
        IntakeMoment.objects.filter(pk=moment.pk).update(
            start_date=start, end_date=start + timedelta(days=280)
        )
    return made


def check(page, path):
    """The title of the page, which can be read and fits."""
    page.goto(path)
    assert_fits(page)
    # Zooming changes the layout only, and the layout is that of a phone.
    if page.viewport_size != ZOOMED:
        assert_accessible(page)
    return page.title()


@pytest.mark.parametrize("size", [DESKTOP, PHONE, ZOOMED], ids=["desktop", "phone", "zoomed"])
def test_pages_without_log_in(visit, size, settings, monkeypatch):
    settings.DEMO = True
    account = demo.DemoAccount("Klantmanager", "Eigenstad", "demo@voorbeeld.example", "geheim")
    monkeypatch.setattr(demo, "_sources", [lambda: [account]])
    page = visit("/accounts/login/", size=size)

    pages = (
        "/accounts/login/",
        "/accounts/password/reset/",
        "/privacy",
        "/accessibility",
        "/bestaat-niet",
    )
    assert all(check(page, path).endswith("– Passend") for path in pages)


@pytest.mark.parametrize("size", [DESKTOP, PHONE, ZOOMED], ids=["desktop", "phone", "zoomed"])
def test_pages_of_a_procurement_officer(visit, procurement_officer, supply, size):
    page = visit("/", as_user=procurement_officer, size=size)

    pages = (
        "/",
        "/contracts",
        "/contracts?search=bestaatniet",
        "/contracts?levl=A2&status=zomaar",
        f"/contracts/{supply.contracts[0].uuid}",
        "/catalogue",
        "/catalogue?search=00001&sort=-seats",
        f"/courses/{supply.courses[1].uuid}",
        f"/intake-moments/{supply.intake_moments[1].uuid}",
        "/our-courses",
    )
    assert all(check(page, path).endswith("– Passend") for path in pages)


def test_pages_of_a_planner_and_of_the_own_account(visit, provider_planner, supply):
    page = visit("/", as_user=provider_planner)

    pages = (
        "/",
        "/our-courses",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/password/change/",
        "/accounts/logout/",
    )
    assert all(check(page, path).endswith("– Passend") for path in pages)


def test_the_whole_way_works_with_the_keyboard(visit, procurement_officer, supply):
    page = visit("/contracts", as_user=procurement_officer)

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Direct naar de inhoud"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"

    page.focus("#id_search")
    page.keyboard.type("C1")
    page.keyboard.press("Enter")
    page.wait_for_url("**search=C1**")
    assert page.locator("tbody tr").count() == 1

    page.focus("thead a >> nth=1")
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=title**")
    assert "search=C1" in page.url


def test_focus_can_be_seen_everywhere(visit, procurement_officer, supply):
    page = visit("/contracts", as_user=procurement_officer)

    for _ in range(25):
        page.keyboard.press("Tab")
        visible = page.evaluate(
            """() => {
                const style = getComputedStyle(document.activeElement);
                return document.activeElement === document.body
                    || (style.outlineStyle !== 'none' && style.outlineWidth !== '0px')
                    || style.boxShadow !== 'none';
            }"""
        )
        assert visible, page.evaluate("document.activeElement.outerHTML")


def test_the_error_summary_has_the_focus_and_leads_to_the_field(visit, procurement_officer):
    page = visit("/contracts?in_force_on=gisteren", as_user=procurement_officer)

    assert page.evaluate("document.activeElement.matches('.shell-summary')")
    page.click(".shell-summary a")
    assert page.evaluate("document.activeElement.id") == "id_in_force_on"


def group_of(page):
    return page.locator("summary", has_text="Contracten en geld")


def contracts_in(page):
    menu = page.get_by_role("navigation", name="Hoofdmenu")
    return menu.get_by_role("link", name="Contracten", exact=True)


def test_the_menu_of_a_phone_opens_and_closes(visit, procurement_officer, supply):
    page = visit("/", as_user=procurement_officer, size=PHONE)
    menu = page.get_by_role("button", name="Menu")
    group, link = group_of(page), contracts_in(page)

    assert not group.is_visible()
    menu.click()
    assert menu.get_attribute("aria-expanded") == "true"
    assert not link.is_visible()
    group.click()
    assert_accessible(page)
    assert_fits(page)
    link.click()
    page.wait_for_url("**/contracts")
    assert group.get_attribute("aria-current") == "true"
    assert page.locator("tbody tr").count() == 4
    assert page.locator("tbody td").first.is_visible()


def test_the_groups_of_the_menu_work_with_the_keyboard(visit, procurement_officer, supply):
    page = visit("/", as_user=procurement_officer)
    group, link = group_of(page), contracts_in(page)

    group.focus()
    page.keyboard.press("Enter")
    assert link.is_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    assert not link.is_visible()
    assert group.evaluate("element => element === document.activeElement")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+Tab")
    assert not link.is_visible(), "the open group would hide what has the focus"
    group.click()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/contracts")


def test_only_one_group_of_the_menu_is_open(visit, procurement_officer, supply):
    page = visit("/", as_user=procurement_officer)

    group_of(page).click()
    page.locator("summary", has_text="Aanbod").click()
    assert page.get_by_role("link", name="Cursusaanbod").first.is_visible()
    assert not contracts_in(page).is_visible()
    page.click("footer")
    assert page.locator("[data-shell-group][open]").count() == 0


def test_few_links_stand_side_by_side(visit, teacher):
    page = visit("/", as_user=teacher)

    assert page.locator("[data-shell-group]").count() == 0
    assert page.get_by_role("navigation", name="Hoofdmenu").get_by_role("link").count() > 0


def test_without_scripts_the_menu_is_simply_there(visit, procurement_officer, supply):
    page = visit("/contracts", as_user=procurement_officer, size=PHONE, java_script_enabled=False)

    page.locator("summary", has_text="Aanbod").click()
    assert page.get_by_role("link", name="Cursusaanbod").is_visible()
    assert page.locator("#id_search").is_visible()


def test_the_language_switch_keeps_the_page(visit, procurement_officer, supply):
    page = visit("/contracts?search=C1", as_user=procurement_officer, locale="en-US")
    assert page.get_by_role("heading", level=1).inner_text() == "Contracten"

    page.get_by_role("button", name="English").click()
    page.wait_for_load_state()

    assert page.url.endswith("/contracts?search=C1")
    assert page.get_by_role("heading", level=1).inner_text() == "Contracts"
    assert_accessible(page)


def test_log_in_by_the_page(visit, live_server, procurement_officer):
    page = visit("/contracts")

    page.fill("#id_login", procurement_officer.email)
    page.fill("#id_password", "verkeerd wachtwoord")
    page.click("main button[type=submit]")
    assert page.locator(".shell-summary").is_visible()
    assert_accessible(page)
    page.fill("#id_password", "een-lang-wachtwoord-2026")
    page.click("main button[type=submit]")
    page.wait_for_url("**/contracts")

    page.get_by_role("button", name="Uitloggen").click()
    page.wait_for_load_state()
    page.goto("/contracts")
    assert "/accounts/login/" in page.url
