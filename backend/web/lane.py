"""A lane for machines past everything that only browsers need.

Sessions, CSRF tokens, messages, frames and log-in cost as much as half of a simple answer. A
request of the API that brings a key uses none of it, so it leaves the road at `Enter` and is back
on it at `Rejoin`; what stands between the two in MIDDLEWARE does not see it.
"""

from typing import ClassVar

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse

from backend.api.authentication import BEARER
from backend.web.middleware import API_FOLDER, Handler, answered_as_asked


class Rejoin:
    """The end of the lane. Django makes the last of MIDDLEWARE first, so `Enter` finds it."""

    latest: ClassVar[Handler]

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        Rejoin.latest = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class Enter:
    """The beginning of the lane; whoever takes it has no session, and so is nobody but a key."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.beyond = Rejoin.latest

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _brings_key(request):
            return self.get_response(request)
        request.user = AnonymousUser()
        # Nothing here acts for a browser that somebody else could have sent.
        request.csrf_processing_done = True  # type: ignore[attr-defined]
        return answered_as_asked(request, self.beyond)


def _brings_key(request: HttpRequest) -> bool:
    header: str = request.META.get("HTTP_AUTHORIZATION", "")
    return header.startswith(BEARER) and request.path.startswith(API_FOLDER)
