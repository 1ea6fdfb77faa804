"""Public addresses of the open contracting data; nobody has to log in."""

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backend.api.problems import Fault, problem_of_faults, problem_response
from procurement.ocds.facts import Process
from procurement.ocds.releases import PROFILES, record_package, release_package
from procurement.ocds.values import Json
from procurement.selectors.open_contracting import public_process_count, public_processes

PAGE_SIZE = 50
MOST_PAGES = 100_000
Build = Callable[..., Json]


@require_safe
def releases(request: HttpRequest) -> HttpResponse:
    """A page of release packages."""
    return _package(request, "ocds-releases", release_package)


@require_safe
def records(request: HttpRequest) -> HttpResponse:
    """A page of record packages."""
    return _package(request, "ocds-records", record_package)


def _package(request: HttpRequest, name: str, build: Build) -> HttpResponse:
    faults: list[Fault] = []
    page, profile = _asked(request, faults)
    if faults:
        return problem_response(problem_of_faults(faults), request)
    total = public_process_count()
    processes: Sequence[Process] = public_processes((page - 1) * PAGE_SIZE, PAGE_SIZE)

    def address(number: int) -> str:
        query = urlencode({"profile": profile, "page": number})
        return request.build_absolute_uri(f"{reverse(name)}?{query}")

    # The language of the data is Dutch, whoever asks.
    with translation.override("nl"):
        package = build(
            processes,
            uri=address(page),
            publisher=settings.OCDS_PUBLISHER,
            eu=profile == "eu",
            next_uri=address(page + 1) if page * PAGE_SIZE < total else "",
        )
    return HttpResponse(orjson.dumps(package), content_type="application/json")


def _asked(request: HttpRequest, faults: list[Fault]) -> tuple[int, str]:
    """Page and profile; whatever else is asked for is refused."""
    for key in sorted(set(request.GET) - {"page", "profile"}):
        faults.append(Fault(key, "unknown_parameter", _("This address knows page and profile.")))
    profile = request.GET.get("profile", "eu")
    if profile not in PROFILES:
        faults.append(Fault("profile", "invalid", _("Choose core or eu as the profile.")))
    page = request.GET.get("page", "1")
    if not page.isascii() or not page.isdigit() or not 1 <= int(page[:9]) <= MOST_PAGES:
        faults.append(Fault("page", "invalid", _("Enter a page number of 1 or more.")))
        return 1, profile
    return int(page), profile
