"""The OpenAPI document and the pages that show it; everything comes from our own server."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from backend.api import document
from backend.api.answers import Answer
from backend.api.problems import fallback_problem, problem_response

# Swagger and Redoc set style attributes and draw icons as data; scripts come from files only, and
# Redoc's search runs in a worker made from a blob.
PAGE_CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; worker-src blob:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The built OpenAPI document; public, and readable by pages of other origins (ADR 2.2)."""
    return Answer(200, document.served(), {"Access-Control-Allow-Origin": "*"}).response()


@require_safe
def swagger(request: HttpRequest) -> HttpResponse:
    return _page(request, "api/swagger.html")


@require_safe
def redoc(request: HttpRequest) -> HttpResponse:
    return _page(request, "api/redoc.html")


@csrf_exempt
def unknown_address(request: HttpRequest) -> HttpResponse:
    """Every other address below /api: a problem at once, without making a page for it."""
    return problem_response(fallback_problem(404), request)


def _page(request: HttpRequest, template: str) -> HttpResponse:
    response = render(request, template)
    response.headers["Content-Security-Policy"] = PAGE_CONTENT_SECURITY_POLICY
    return response
