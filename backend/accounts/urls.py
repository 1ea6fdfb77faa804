"""Log-in, second factor and single sign-on, without sign-up."""

from allauth.urls import urlpatterns as allauth_urlpatterns
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path


def no_sign_up(request: HttpRequest) -> HttpResponse:
    """Accounts are given by an administrator; the address exists because allauth links to it."""
    raise Http404


urlpatterns: list[URLPattern | URLResolver] = [
    # Before allauth's own, so that these win.
    path("signup/", no_sign_up, name="account_signup"),
    path("3rdparty/signup/", no_sign_up, name="socialaccount_signup"),
    path("", include(allauth_urlpatterns)),
]
