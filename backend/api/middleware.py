"""Request id, log context, actor and the headers that every answer of the API carries."""

import time
import uuid
from collections.abc import Callable
from functools import partial

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from backend.api.authentication import resolve_actor
from backend.api.problems import PROBLEM_CONTENT_TYPE, fallback_problem, problem_response
from backend.api.requests import is_machine_path, plain
from backend.api.version import API_VERSION

log = structlog.get_logger(__name__)

# The list of the API Design Rules 2.2, module transport security. CORS headers are absent on
# purpose: no page of another origin calls this API, and a browser then refuses to (docs/decisions).
API_HEADERS = (
    ("API-Version", API_VERSION),
    ("Cache-Control", "no-store"),
    ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
)
API_CONTENT_SECURITY_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGE_CONTENT_TYPE = "text/html"
PASSED_ON_HEADERS = ("Allow", "WWW-Authenticate", "Retry-After")


class RequestContextMiddleware:
    """Gives each request an id, an actor and a log line, and each API answer its headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        passend_request = plain(request)
        passend_request.request_id = uuid.uuid4()
        passend_request.actor = SimpleLazyObject(partial(resolve_actor, request))  # type: ignore[assignment]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=str(passend_request.request_id))
        response = self.get_response(request)
        if is_machine_path(request.path):
            response = _as_api_answer(request, response)
        log.info(
            "request.finished",
            method=request.method,
            path=request.path,
            status=response.status_code,
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
        )
        return response


def _as_api_answer(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Errors made outside our views (unknown address, bad host) become problems as well."""
    if response.status_code >= 400 and not _is_ours(response):
        kept = {name: response[name] for name in PASSED_ON_HEADERS if name in response}
        response = problem_response(fallback_problem(response.status_code, kept), request)
    for name, value in API_HEADERS:
        response.headers[name] = value
    if not response.headers.get("Content-Type", "").startswith(PAGE_CONTENT_TYPE):
        # Pages (Swagger, Redoc) bring a policy of their own.
        response.headers["Content-Security-Policy"] = API_CONTENT_SECURITY_POLICY
    return response


def _is_ours(response: HttpResponse) -> bool:
    content_type = response.headers.get("Content-Type", "")
    return content_type.startswith((PROBLEM_CONTENT_TYPE, "application/json"))
