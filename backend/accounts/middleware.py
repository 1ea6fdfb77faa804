"""Nobody sees names of participants after a log-in with a password alone."""

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from backend.accounts.actors import actor_for
from backend.accounts.models import User
from backend.organisations.permissions import Permission

# Logging in and out, setting up the second factor and choosing the language stay possible.
OPEN_ROUTES = ("account_", "mfa_", "socialaccount_", "openid_connect_", "set_language")
# The organisation's own log-in page asks for the second factor.
STRONG_METHODS = {"mfa", "socialaccount"}


class SecondFactorMiddleware:
    """Whoever sees names gets no further than the set-up of a second factor without one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not settings.MFA_REQUIRED_FOR_IDENTITY or not lacks_second_factor(request):
            return None
        match = request.resolver_match
        if match is not None and (match.url_name or "").startswith(OPEN_ROUTES):
            return None
        if request.path.startswith("/api/"):
            # The API sees nobody; its session authentication may say why (SecondFactorError).
            request.user = AnonymousUser()
            request.second_factor_missing = True  # type: ignore[attr-defined]
            return None
        return HttpResponseRedirect(reverse("mfa_activate_totp"))


def lacks_second_factor(request: HttpRequest) -> bool:
    """A person whose rights include names, in a session without any second factor."""
    user = request.user
    if not isinstance(user, User):
        return False
    if not actor_for(user).with_permission(Permission.VIEW_IDENTITY):
        return False
    if any(
        one.get("method") in STRONG_METHODS for one in get_authentication_records(request, user)
    ):
        return False
    return not is_mfa_enabled(user, types=["totp"])
