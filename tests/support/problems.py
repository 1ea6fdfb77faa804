"""The whole body of a problem, so that no member of an error appears or disappears unseen."""

from typing import Any
from uuid import UUID

PROBLEM_CONTENT_TYPE = "application/problem+json"


def fault(field: str, code: str, detail: str) -> dict[str, str]:
    return {"field": field, "code": code, "detail": detail}


def assert_problem(
    response: Any,
    status: int,
    code: str,
    *,
    title: str | None = None,
    detail: str | None = None,
    errors: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """The answer is this problem and nothing else; returns the body.

    Texts are compared where given; `errors` is compared completely where given.
    """
    assert response.headers["Content-Type"] == PROBLEM_CONTENT_TYPE, response.content
    assert response.headers["API-Version"] == "1.0.0"
    body: dict[str, Any] = response.json()
    assert set(body) == {"type", "title", "status", "detail", "instance", "code", "errors"}
    assert (response.status_code, body["status"], body["code"]) == (status, status, code), body
    assert body["type"] == f"urn:passend:problem:{code}"
    assert UUID(body["instance"].removeprefix("urn:uuid:")).urn == body["instance"]
    assert body["title"]
    assert body["detail"]
    if title is not None:
        assert body["title"] == title
    if detail is not None:
        assert body["detail"] == detail
    if errors is not None:
        assert body["errors"] == errors
    return body
