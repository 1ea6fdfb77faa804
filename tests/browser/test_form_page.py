"""Forms and confirmations in a real browser."""

import pytest

from tests.browser.axe import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.backend.web.sample"),
]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_form_with_and_without_mistakes(visit, procurement_officer, size):
    page = visit("/sample", as_user=procurement_officer, size=size)
    assert_accessible(page)
    assert_fits(page)

    page.fill("#id_title", "fout")
    page.get_by_role("button", name="Opslaan").click()
    page.wait_for_load_state()

    assert_accessible(page)
    assert_fits(page)
    assert page.evaluate("document.activeElement.matches('.shell-summary')")
    page.get_by_role("link", name="Dagen: Dan is er geen les.").click()
    assert page.evaluate("document.activeElement.id") == "id_days"


def test_a_confirmation_and_its_refusal(visit, procurement_officer):
    page = visit("/sample/confirm", as_user=procurement_officer)
    assert_accessible(page)

    page.get_by_role("button", name="Ja, verwijder").click()
    page.wait_for_load_state()

    assert page.locator(".shell-summary").is_visible()
    assert_accessible(page)


def test_a_second_click_does_not_send_a_form_twice(visit, procurement_officer, live_server):
    page = visit("/sample", as_user=procurement_officer)
    sent = []
    page.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)
    page.fill("#id_title", "Eens")

    page.evaluate(
        """() => {
            const form = document.querySelector('main form');
            const button = form.querySelector('button');
            button.click();
            button.click();
        }"""
    )
    page.wait_for_load_state()
    page.get_by_text("Het is opgeslagen.").wait_for()

    assert len(sent) == 1


def test_a_broken_page_is_still_a_page(visit, procurement_officer):
    page = visit("/sample/broken?missing", as_user=procurement_officer)
    assert_accessible(page)
    page.goto("/sample/broken")
    assert page.get_by_role("heading", level=1).inner_text() == "Er ging iets mis"
    assert_accessible(page)
