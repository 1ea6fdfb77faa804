"""Log-in, second factor and single sign-on, without sign-up."""

from allauth.account.views import login
from allauth.urls import urlpatterns as allauth_urlpatterns
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from backend.accounts.single_sign_on import log_in_origins


def no_sign_up(request: HttpRequest) -> HttpResponse:
    """Accounts are given by an administrator; the address exists because allauth links to it."""
    raise Http404


def log_in(request: HttpRequest) -> HttpResponse:
    """The log-in page, of which the forms may end at the identity providers of organisations."""
    response: HttpResponse = login(request)
    response._csp_update = {"form-action": log_in_origins()}  # type: ignore[attr-defined]
    return response


urlpatterns: list[URLPattern | URLResolver] = [
    # Before allauth's own, so that these win.
    path("login/", log_in, name="account_login"),
    path("signup/", no_sign_up, name="account_signup"),
    path("3rdparty/signup/", no_sign_up, name="socialaccount_signup"),
    path("", include(allauth_urlpatterns)),
]
