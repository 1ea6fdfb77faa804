"""Who calls: machine clients by API key, browsers by session with CSRF token."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.request import Request

from backend.accounts.errors import SecondFactorError
from backend.accounts.public import Actor, actor_for, authenticate_key
from backend.api.problems import HttpProblemError, Problem
from backend.api.requests import PassendRequest, plain

BEARER = "Bearer "
CHALLENGE = 'Bearer realm="passend"'


def resolve_actor(request: HttpRequest) -> Actor:
    """The actor of a browser request; API keys are resolved by the views that accept them."""
    return actor_for(request.user)


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>` of a machine client."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        header = request.META.get("HTTP_AUTHORIZATION")
        if not header:
            return None
        if not header.startswith(BEARER):
            raise exceptions.AuthenticationFailed
        client = authenticate_key(header[len(BEARER) :].strip())
        if client is None:
            raise exceptions.AuthenticationFailed
        plain(request).actor = actor_for(client)
        return client, None

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class SessionAuthentication(BaseAuthentication):
    """The session of a logged-in browser; writing needs the CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        plain_request = plain(request)
        if getattr(plain_request, "second_factor_missing", False):
            raise SecondFactorError
        user = plain_request.user
        if not user.is_authenticated:
            return None
        _enforce_csrf(plain_request)
        plain_request.actor = actor_for(user)
        return user, None


def _enforce_csrf(request: PassendRequest) -> None:
    check = CSRFCheck(lambda _request: None)  # type: ignore[arg-type]
    check.process_request(request)
    if check.process_view(request, None, (), {}):  # type: ignore[arg-type]
        raise HttpProblemError(
            Problem(
                403,
                "csrf_failed",
                _("The security token of the page is missing or old. Load the page again."),
            )
        )
