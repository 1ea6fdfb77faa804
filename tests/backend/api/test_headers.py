"""What every answer of the API carries."""

import pytest

pytestmark = pytest.mark.django_db
ALWAYS = {
    "API-Version": "1.0.0",
    "Cache-Control": "no-store",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/courses", 200),
        ("/api/v1/openapi.json", 200),
        ("/api/v1/nothing", 404),
        ("/api/v1/courses?x=1", 400),
        ("/health", 200),
        ("/health/ready", 200),
    ],
)
def test_security_headers_and_version(caseworker_api, path, status):
    response = caseworker_api.get(path)

    assert response.status_code == status, response.content
    assert {name: response.headers.get(name) for name in ALWAYS} == ALWAYS
    assert response.headers["Content-Type"] in {"application/json", "application/problem+json"}


def test_no_other_origin_may_call_the_api(caseworker_api):
    response = caseworker_api.get(
        "/api/v1/courses", headers={"Origin": "https://elsewhere.example"}
    )

    assert not [name for name in response.headers if name.startswith("Access-Control")]


def test_the_document_may_be_read_from_anywhere(client):
    response = client.get("/api/v1/openapi.json")

    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.json()["openapi"].startswith("3.0")


@pytest.mark.parametrize("path", ["/api/v1/docs", "/api/v1/redoc"])
def test_document_pages_load_nothing_from_outside(client, path):
    response = client.get(path)
    page = response.content.decode()

    assert response.status_code == 200
    assert "http://" not in page
    assert "https://" not in page
    assert "<script>" not in page
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "http" not in policy


def test_the_files_of_the_document_pages_exist(client):
    import re

    from django.contrib.staticfiles import finders

    pages = client.get("/api/v1/docs").content + client.get("/api/v1/redoc").content
    files = re.findall(rb'(?:src|href)="/static/([^"]+)"', pages)

    assert len(files) == 6
    assert all(finders.find(name.decode()) for name in files)


def test_each_request_has_its_own_id(caseworker_api):
    found = {caseworker_api.get("/api/v1/nothing").json()["instance"] for _ in range(3)}

    assert len(found) == 3
