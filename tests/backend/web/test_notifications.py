"""Notifications on screen: who sees them, the number in the header, and marking them as read."""

import pytest
from django.test import Client

from backend.accounts.roles import Role
from backend.notifications.models import Notification
from backend.notifications.public import register_kind
from backend.organisations.permissions import Permission
from tests.factories.accounts import user_with
from tests.support.html import links

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def caseworker(municipality):
    browser = Client()
    browser.force_login(user_with(Role.CASEWORKER, organisation=municipality))
    return browser


@pytest.fixture
def three(municipality, other_municipality):
    register_kind("web-test", title="Iets is gebeurd", body="Kijk naar %(what)s.")
    return [
        Notification.objects.create(
            organisation=organisation,
            permission=Permission.PLACE,
            kind="web-test",
            params={"what": what},
            path="/privacy",
            key=what,
        )
        for organisation, what in (
            (municipality, "eerste"),
            (municipality, "tweede"),
            (other_municipality, "andere"),
        )
    ]


def test_the_header_counts_and_the_list_shows_what_is_ours(caseworker, three):
    response = caseworker.get("/notifications")
    page = response.content.decode()
    assert "(2)" in page
    assert page.count("Iets is gebeurd") == 2
    assert f"/notifications/{three[0].uuid}" in {one.href for one in links(response)}
    assert caseworker.get(f"/notifications/{three[2].uuid}").status_code == 404


def test_reading_one_leads_to_its_subject(caseworker, three):
    address = f"/notifications/{three[0].uuid}"
    assert "Kijk naar eerste." in caseworker.get(address).content.decode()
    assert "(2)" in caseworker.get("/").content.decode(), "looking is not yet reading"
    assert caseworker.post(address).url == "/privacy"
    three[0].refresh_from_db()
    assert three[0].read_at is not None
    assert "(1)" in caseworker.get("/").content.decode()


def test_all_at_once_leaves_those_of_others_alone(caseworker, three):
    assert caseworker.post("/notifications/read").url == "/notifications"
    assert [one.pk for one in Notification.objects.unread()] == [three[2].pk]
    page = caseworker.get("/notifications").content.decode()
    assert "Alles op gelezen zetten" not in page
    assert "Gelezen" in page


def test_an_empty_list_says_so(caseworker):
    assert "Geen meldingen" in caseworker.get("/notifications").content.decode()
