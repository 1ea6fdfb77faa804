"""Messages of DUO, agreements, moves, users and keys in a real browser."""

import pytest

from backend.accounts.roles import Role
from matching.models import PipAgreements
from matching.services.duo_receive import duo_messages_receive
from tests.browser.axe import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import matching as make
from tests.factories.accounts import client_with, user_with
from tests.support.duo import BODIES, message

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pages_of_a_person_are_accessible(visit, municipality, size):
    plan = make.pip(municipality)
    code = municipality.municipality.cbs_code
    person = plan.participant
    sent = {"sentAt": "2026-01-10T09:00:00Z"}
    (one, *_rest) = duo_messages_receive(
        actor=make.everything(municipality),
        document=[message(kind, code, person.reference, **sent) for kind in BODIES]
        + [message("Notificatie", code, "nog-onbekend", **sent)],
    )
    page = visit("/duo-messages", as_user=user_with(Role.CASEWORKER, municipality), size=size)
    for path in (
        "/duo-messages",
        "/duo-messages/upload",
        f"/duo-messages/{one.message.uuid}",
        f"/pips/{plan.uuid}",
        f"/pips/{plan.uuid}/remove",
        f"/participants/{person.uuid}/agreements",
        f"/participants/{person.uuid}/talks/new",
        f"/participants/{person.uuid}/completions/new",
        f"/participants/{person.uuid}/move",
        "/progress-talks",
        "/retention",
    ):
        page.goto(path)
        assert_fits(page)
        assert_accessible(page)


def test_a_health_detail_is_read_again_before_it_is_saved(visit, municipality):
    person = make.pip(municipality).participant
    page = visit(
        f"/participants/{person.uuid}/agreements",
        as_user=user_with(Role.CASEWORKER, municipality),
    )
    page.fill("#id_intake_summary", "Is vaak ziek.")
    page.get_by_role("button", name="Opslaan").click()
    assert page.locator(".shell-summary").is_visible()
    assert not PipAgreements.objects.exists()
    assert_accessible(page)
    page.check("#id_confirm_personal_text")
    page.get_by_role("button", name="Opslaan").click()
    page.wait_for_url("**/pips/*")
    assert PipAgreements.objects.get().intake_summary == "Is vaak ziek."


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pages_of_the_administrator_are_accessible(visit, municipality, size):
    desk = user_with(Role.CASEWORKER, municipality)
    system, _key = client_with(Role.CASEWORKER, organisation=municipality)
    admin = user_with(Role.FUNCTIONAL_ADMINISTRATOR, municipality)
    page = visit("/users", as_user=admin, size=size)
    for path in (
        "/users",
        "/users/invite",
        f"/users/{desk.uuid}",
        f"/users/{desk.uuid}/roles/new",
        f"/users/{desk.uuid}/overrule",
        f"/users/{desk.uuid}/deactivate",
        "/api-clients",
        "/api-clients/new",
        f"/api-clients/{system.uuid}",
        "/retention",
    ):
        page.goto(path)
        assert_fits(page)
        assert_accessible(page)

    page.goto(f"/api-clients/{system.uuid}/renew")
    page.get_by_role("button", name="Ja, maak een nieuwe sleutel").click()
    assert page.locator("code.shell-key").is_visible()
    assert_fits(page)
    assert_accessible(page)
