"""The shell around every page: menu by role, language, refusals with a reference, headers."""

import uuid

import pytest
from django.test import Client

from backend.accounts.roles import Role
from backend.web import demo
from tests.factories.accounts import user_with
from tests.support.html import links

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.backend.web.sample")]


def menu(response):
    known = {"/catalogue", "/our-courses", "/contracts"}
    return [link.href for link in links(response) if link.href in known]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("procurement_officer", ["/catalogue", "/contracts"]),
        ("caseworker", ["/catalogue"]),
        ("provider_planner", ["/our-courses", "/catalogue", "/contracts"]),
        ("council_reader", []),
    ],
)
def test_the_menu_shows_what_the_role_may_open(role, expected, request, web_as):
    visitor = web_as(request.getfixturevalue(role))

    response = visitor.get("/privacy")

    assert menu(response) == expected
    for address in expected:
        assert visitor.get(address).status_code == 200


def test_what_is_not_in_the_menu_cannot_be_opened_either(web_as, council_reader):
    visitor = web_as(council_reader)

    for address in ("/catalogue", "/our-courses", "/contracts"):
        assert visitor.get(address).status_code == 403


def test_the_current_page_is_marked_in_the_menu(web_as, procurement_officer):
    response = web_as(procurement_officer).get("/contracts")

    current = [one.href for one in links(response) if one.attributes.get("aria-current")]
    assert current == ["/contracts"]


def test_pages_are_dutch_until_somebody_switches_and_the_page_is_kept():
    visitor = Client(HTTP_ACCEPT_LANGUAGE="en-US,en;q=0.9")
    assert '<html lang="nl"' in visitor.get("/privacy?x=1").content.decode()

    switched = visitor.post("/language", {"language": "en", "next": "/privacy?x=1"}, follow=True)

    assert switched.redirect_chain == [("/privacy?x=1", 302)]
    assert '<html lang="en"' in switched.content.decode()
    assert "Privacy statement" in switched.content.decode()
    back = visitor.post("/language", {"language": "nl", "next": "/privacy"}, follow=True)
    assert "Privacyverklaring" in back.content.decode()


@pytest.mark.parametrize("target", ["https://elders.example/", "//elders.example", "javascript:x"])
def test_a_language_switch_never_leads_elsewhere(client, target):
    response = client.post("/language", {"language": "xx", "next": target})

    assert response.url == "/"
    assert not response.cookies


def test_an_unknown_page_is_a_page_with_a_reference(client):
    response = client.get("/bestaat-niet")

    page = response.content.decode()
    assert response.status_code == 404
    assert "Deze pagina bestaat niet" in page
    reference = page.split('<code class="utrecht-code">')[1].split("<")[0]
    assert uuid.UUID(reference)


def test_a_domain_error_becomes_a_page(web_as, caseworker):
    response = web_as(caseworker).get("/sample/broken?missing")

    assert response.status_code == 404
    assert "Dit bestaat niet, of u mag het niet zien." in response.content.decode()


def test_a_mistake_in_the_program_says_nothing_about_the_program(web_as, caseworker):
    visitor = web_as(caseworker)
    visitor.raise_request_exception = False

    response = visitor.get("/sample/broken")

    page = response.content.decode()
    assert response.status_code == 500
    assert "Er ging iets mis" in page
    assert "a mistake in the program" not in page
    assert '<code class="utrecht-code">' in page


def test_a_stale_form_says_what_to_do(procurement_officer):
    visitor = Client(enforce_csrf_checks=True)
    visitor.force_login(procurement_officer, backend="django.contrib.auth.backends.ModelBackend")

    response = visitor.post("/sample", {"title": "x"})

    assert response.status_code == 403
    assert "Laad de pagina opnieuw" in response.content.decode()


def test_nothing_inline_and_nothing_from_elsewhere(web_as, procurement_officer):
    response = web_as(procurement_officer).get("/contracts")

    policy = response["Content-Security-Policy"]
    page = response.content.decode()
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert " style=" not in page
    assert "<style" not in page
    assert " onclick=" not in page
    assert "https://" not in page


def test_the_start_page_shows_the_cards_of_the_role(web_as, provider_planner, council_reader):
    planner = web_as(provider_planner).get("/").content.decode()
    reader = web_as(council_reader).get("/").content.decode()

    assert "Onze volgende instroommomenten" in planner
    assert "Onze volgende instroommomenten" not in reader


def test_nobody_is_sent_to_the_log_in_page(client):
    response = client.get("/")

    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


def test_demo_accounts_are_shown_in_the_demo_only(client, settings, monkeypatch):
    account = demo.DemoAccount("Klantmanager", "Eigenstad", "demo@voorbeeld.example", "geheim")
    monkeypatch.setattr(demo, "_sources", [lambda: [account]])
    assert "demo@voorbeeld.example" not in client.get("/accounts/login/").content.decode()

    settings.DEMO = True

    page = client.get("/accounts/login/").content.decode()
    assert "demo@voorbeeld.example" in page
    assert "als Klantmanager, Eigenstad" in page


def test_a_language_goes_with_the_person_to_the_next_browser(municipality):
    """Chosen once, kept on the account; what was chosen in this browser goes first."""
    user, browser = user_with(Role.CASEWORKER, organisation=municipality), Client()
    browser.force_login(user)
    browser.post("/language", {"language": "en", "next": "/"})
    user.refresh_from_db()
    assert user.language == "en"

    elsewhere = Client()
    elsewhere.force_login(user)
    assert '<html lang="en"' in elsewhere.get("/privacy").content.decode()
    elsewhere.cookies["django_language"] = "nl"
    assert '<html lang="nl"' in elsewhere.get("/privacy").content.decode()
    assert '<html lang="nl"' in Client().get("/privacy").content.decode()
