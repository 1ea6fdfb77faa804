"""A request with a key passes by what only browsers need, and is nobody but its key."""

from uuid import uuid4

import pytest
from django.test import Client

from backend.accounts.roles import Role
from tests.factories.accounts import client_with

pytestmark = pytest.mark.django_db
COURSES = "/api/v1/courses"


@pytest.fixture
def key(municipality):
    return client_with(Role.CASEWORKER, organisation=municipality)[1]


@pytest.fixture
def met(monkeypatch):
    """Which of the requests sent met the middleware of browsers."""
    seen = []
    from django.contrib.sessions.middleware import SessionMiddleware

    before = SessionMiddleware.process_request

    def process_request(self, request):
        seen.append(request.path)
        before(self, request)

    monkeypatch.setattr(SessionMiddleware, "process_request", process_request)
    return seen


@pytest.mark.parametrize("path", [COURSES, "/api/v1/nothing", "/api/v1/docs"])
def test_with_a_key_nothing_of_a_browser_is_made(key, met, path):
    response = Client().get(path, headers={"Authorization": f"Bearer {key}"})

    assert response.status_code == (404 if path.endswith("nothing") else 200)
    assert response.headers["Content-Language"]
    assert response.headers["Content-Length"] == str(len(response.content))
    assert met == []


@pytest.mark.parametrize(
    ("path", "headers"),
    [(COURSES, {}), (COURSES, {"Authorization": "Basic eDp5"}), ("/", {"Authorization": "Bearer"})],
)
def test_everybody_else_takes_the_whole_road(met, path, headers):
    Client().get(path, headers=headers)

    assert met == [path]


def test_a_session_does_not_help_out_a_key_that_is_wrong(caseworker):
    browser = Client()
    browser.force_login(caseworker)

    assert browser.get(COURSES).status_code == 200
    refused = browser.get(COURSES, headers={"Authorization": "Bearer psd_wrong"})

    assert refused.status_code == 401


def test_a_key_needs_no_token_and_a_session_does(key, caseworker, other_municipality):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(caseworker)
    body = {"data": {}, "content_type": "application/json"}
    asked = {"Idempotency-Key": str(uuid4())}

    by_key = browser.post(
        "/api/v1/placements", **body, headers={**asked, "Authorization": f"Bearer {key}"}
    )
    by_session = browser.post("/api/v1/placements", **body, headers=asked)

    assert (by_key.status_code, by_session.status_code) == (400, 403)
    assert by_session.json()["code"] == "csrf_failed"


def test_a_wrong_host_is_refused_on_the_lane_as_well(key):
    response = Client().get(
        COURSES, headers={"Authorization": f"Bearer {key}", "Host": "elsewhere.example"}
    )

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"


def test_the_lane_answers_in_the_language_that_was_asked_for(key):
    headers = {"Authorization": f"Bearer {key}"}
    answers = [
        Client().get(f"{COURSES}?x=1", headers={**headers, "Accept-Language": language})
        for language in ("nl", "en")
    ]

    assert [one.headers["Content-Language"] for one in answers] == ["nl", "en"]
    assert len({one.json()["errors"][0]["detail"] for one in answers}) == 2
