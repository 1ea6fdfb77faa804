"""Each error shape, compared as a whole: status, code, texts, faults and headers."""

from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from backend.accounts.roles import Role
from providers.models import Location
from tests.factories.accounts import client_with
from tests.support.problems import assert_problem, fault

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.backend.api.workshop")]
WORKSHOPS = "/api/v1/workshops"
UNKNOWN_FIELD = "Dit veld bestaat hier niet. Verwijder het of verbeter de naam."


def test_nobody_gets_401_with_the_way_to_log_in(api_as):
    response = api_as().get("/api/v1/courses")

    assert_problem(
        response,
        401,
        "not_authenticated",
        title="Niet ingelogd",
        detail="Log in, of stuur een geldige API-sleutel mee.",
        errors=[],
    )
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="passend"'


@pytest.mark.parametrize("header", ["Bearer psd_nobody_secret", "Bearer ", "Basic YTpi", "x"])
def test_a_wrong_key_gets_401(api_as, header):
    response = api_as().get("/api/v1/courses", headers={"Authorization": header})

    assert_problem(response, 401, "not_authenticated", errors=[])


def test_a_revoked_key_gets_no_rights(api_as, municipality):
    _client, key = client_with(Role.CASEWORKER, organisation=municipality, revoked=True)

    assert_problem(api_as(key=key).get("/api/v1/courses"), 401, "not_authenticated")


def test_a_role_without_the_right_gets_403(api_as, municipality):
    _client, key = client_with(Role.COUNCIL_READER, organisation=municipality)

    assert_problem(
        api_as(key=key).get("/api/v1/courses"),
        403,
        "not_allowed",
        title="Niet toegestaan",
        errors=[],
    )


def test_an_unknown_object_gets_404(caseworker_api):
    assert_problem(
        caseworker_api.get(f"/api/v1/courses/{uuid4()}"), 404, "not_found", title="Niet gevonden"
    )


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v1/courses/", "/api/v1/courses/12", "/api", "/api/v1"]
)
def test_an_unknown_address_gets_404_and_no_redirect(caseworker_api, path):
    assert_problem(caseworker_api.get(path), 404, "not_found", errors=[])


def test_a_wrong_method_gets_405_with_the_right_ones(caseworker_api):
    response = caseworker_api.delete("/api/v1/courses")

    assert_problem(response, 405, "method_not_allowed", title="Methode niet ondersteund")
    assert response.headers["Allow"] == "GET, HEAD, POST"


def test_another_format_gets_406(caseworker_api):
    response = caseworker_api.get("/api/v1/courses", headers={"Accept": "text/csv"})

    assert_problem(response, 406, "not_acceptable", title="Formaat niet beschikbaar")


def test_another_content_type_gets_415(caseworker_api):
    response = caseworker_api.post(
        WORKSHOPS, "a=1", content_type="text/plain", headers={"Idempotency-Key": "k"}
    )

    assert_problem(response, 415, "unsupported_media_type", title="Formaat niet ondersteund")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"name": ', "malformed_json"),
        (b"\xff\xfe", "malformed_json"),
        (b'{"name": NaN}', "malformed_json"),
        (b"[" * 40 + b"]" * 40, "json_too_deep"),
        (b'{"a":' * 900, "body_too_large"),
        (b"[" * 1500, "json_too_deep"),
    ],
)
def test_bodies_that_cannot_be_read(caseworker_api, body, code):
    response = caseworker_api.post(
        WORKSHOPS, body, content_type="application/json", headers={"Idempotency-Key": "k"}
    )

    assert_problem(response, 413 if code == "body_too_large" else 400, code, errors=[])


def test_brackets_inside_text_are_not_depth(post, location):
    response = post(WORKSHOPS, {"provider": str(location.provider.uuid), "name": '["{' * 3})

    assert response.status_code == 201, response.content


def test_every_fault_of_the_body_is_named_at_once(post):
    response = post(
        WORKSHOPS,
        {
            "provider": str(uuid4()),
            "name": "much too long for it",
            "house_number": "1",
            "weeklySlots": [{"startTime": "09:00"}, {"startTime": "25:00", "extra": 1}],
            "id": str(uuid4()),
        },
    )

    body = assert_problem(
        response,
        400,
        "invalid",
        title="In de aanvraag zitten fouten",
        detail="De gegevens bevatten fouten. Verbeter ze en probeer het opnieuw.",
    )
    assert [(one["field"], one["code"]) for one in body["errors"]] == [
        ("provider", "unknown_reference"),
        ("name", "max_length"),
        ("weeklySlots.1.startTime", "invalid"),
        ("weeklySlots.1.extra", "unknown_field"),
        ("house_number", "unknown_field"),
        ("id", "unknown_field"),
    ]
    assert body["errors"][4] == fault("house_number", "unknown_field", UNKNOWN_FIELD)
    assert Location.objects.count() == 0


@pytest.mark.parametrize("body", [[], "text", 12, None])
def test_a_body_that_is_no_object(caseworker_api, body):
    response = caseworker_api.post(
        WORKSHOPS, body, format="json", headers={"Idempotency-Key": str(uuid4())}
    )

    assert response.status_code == 400
    assert_problem(response, 400, "invalid")


def test_only_unknown_fields_give_that_code(post, location):
    data = {"provider": str(location.provider.uuid), "name": "Ok", "naam": "x"}

    assert_problem(
        post(WORKSHOPS, data),
        400,
        "unknown_field",
        errors=[fault("naam", "unknown_field", UNKNOWN_FIELD)],
    )


def test_unknown_query_keys_with_a_suggestion(caseworker_api):
    assert_problem(
        caseworker_api.get("/api/v1/courses?levl=A2&zzz=1"),
        400,
        "unknown_parameter",
        errors=[
            fault(
                "levl",
                "unknown_parameter",
                "Deze parameter bestaat niet. Bedoelt u levelTo?",
            ),
            fault("zzz", "unknown_parameter", "Deze parameter bestaat hier niet."),
        ],
    )


def test_query_keys_are_refused_on_a_single_object_too(caseworker_api, location):
    response = caseworker_api.get(f"{WORKSHOPS}/{location.uuid}?expand=all")

    assert_problem(response, 400, "unknown_parameter")


@pytest.mark.parametrize(
    ("how", "status", "headers"),
    [
        ("conflict", 409, {}),
        ("not_allowed", 403, {}),
        ("not_found", 404, {}),
        ("precondition_failed", 412, {}),
        ("busy", 409, {"Retry-After": "2"}),
    ],
)
def test_the_kind_of_a_domain_error_decides_the_status(post, location, how, status, headers):
    response = post(f"{WORKSHOPS}/{location.uuid}/fail", {"how": how})

    assert_problem(response, status, how, errors=[])
    assert {name: response.headers.get(name) for name in headers} == headers
    location.refresh_from_db()
    assert location.name == "Hal"


def test_violations_of_the_domain_are_named_in_wire_names(post, location):
    assert_problem(
        post(f"{WORKSHOPS}/{location.uuid}/fail", {"how": "invalid"}),
        400,
        "invalid",
        errors=[fault("weeklySlots.0.startTime", "slot_clash", "Te vroeg.")],
    )


def test_an_unforeseen_error_is_loud_in_the_log_and_silent_outside(post, location):
    with capture_logs() as logs:
        response = post(f"{WORKSHOPS}/{location.uuid}/fail", {"how": "crash"})

    body = assert_problem(
        response,
        500,
        "internal_error",
        title="Er ging bij ons iets mis",
        errors=[],
    )
    assert b"secret" not in response.content
    [entry] = [one for one in logs if one["event"] == "api.error"]
    assert (entry["log_level"], str(entry["exc_info"])) == ("error", "secret detail")
    assert entry["reference"] == body["instance"].removeprefix("urn:uuid:")
    location.refresh_from_db()
    assert location.name == "Hal"


def test_a_database_that_is_gone_gives_503(caseworker_api, monkeypatch):
    from django.db import OperationalError

    from backend.api import rows

    def broken(*_args):
        raise OperationalError("connection refused")

    monkeypatch.setattr(rows, "run", broken)
    response = caseworker_api.get("/api/v1/courses")

    assert_problem(response, 503, "unavailable", title="Tijdelijk niet beschikbaar")
    assert response.headers["Retry-After"] == "5"


def test_the_language_follows_the_reader(api_as):
    response = api_as().get("/api/v1/courses", headers={"Accept-Language": "en"})

    assert_problem(
        response,
        401,
        "not_authenticated",
        title="Not logged in",
        detail="Log in, or send a valid API key.",
    )


def test_a_browser_session_needs_the_csrf_token(web_as, settings, caseworker, location):
    from django.test import Client

    settings.MFA_REQUIRED_FOR_IDENTITY = False
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(caseworker, backend="django.contrib.auth.backends.ModelBackend")

    assert browser.get(WORKSHOPS).status_code == 200
    response = browser.post(
        f"{WORKSHOPS}/{location.uuid}/fail",
        {"how": "conflict"},
        content_type="application/json",
        headers={"Idempotency-Key": "k"},
    )
    assert_problem(response, 403, "csrf_failed")


def test_a_session_without_second_factor_is_told_so(api_as, caseworker, settings):
    settings.MFA_REQUIRED_FOR_IDENTITY = True
    assert_problem(
        api_as(caseworker).get("/api/v1/courses"), 403, "second_factor_required", errors=[]
    )


def test_a_reference_that_is_no_id_is_said_in_dutch(post):
    faults = post(WORKSHOPS, {"provider": "x"}).json()["errors"]
    assert {"field": "provider", "code": "invalid", "detail": "Dit is geen geldig id (UUID)."} in [
        {name: one[name] for name in ("field", "code", "detail")} for one in faults
    ]
