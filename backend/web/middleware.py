"""What pages have and the API has not: a chosen language, a policy of what a browser may load."""

from collections.abc import Callable
from typing import Any

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from backend.api.requests import is_machine_path

LANGUAGE_KEY = "language"
API_FOLDER = "/api/"
Handler = Callable[[HttpRequest], HttpResponse]


class PagePolicyMiddleware(CSPMiddleware):
    """The content security policy of pages; answers of the API bring a stricter one."""

    def __call__(self, request: HttpRequest) -> Any:
        if is_machine_path(request.path):
            return self.get_response(request)
        return super().__call__(request)


class LanguageMiddleware:
    """Pages are Dutch until somebody switches; the API follows `Accept-Language`.

    Django's LocaleMiddleware would greet every English browser in English, while the working
    language of the users, their letters and their forms is Dutch.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(API_FOLDER):
            return answered_as_asked(request, self.get_response)
        return _answered_in(self._chosen(request), request, self.get_response)

    @staticmethod
    def _chosen(request: HttpRequest) -> str:
        """What was chosen in this browser, else by this person, else Dutch."""
        known = dict(settings.LANGUAGES)
        cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if cookie in known:
            return cookie
        own = request.session.get(LANGUAGE_KEY, "")
        return own if own in known else settings.LANGUAGE_CODE


def answered_as_asked(request: HttpRequest, get_response: Handler) -> HttpResponse:
    """The answer in the language that the header `Accept-Language` asks for."""
    return _answered_in(translation.get_language_from_request(request), request, get_response)


def _answered_in(language: str, request: HttpRequest, get_response: Handler) -> HttpResponse:
    translation.activate(language)
    request.LANGUAGE_CODE = translation.get_language()
    response = get_response(request)
    response.headers.setdefault("Content-Language", translation.get_language() or language)
    return response


def remember(request: HttpRequest, language: str) -> None:
    """Keeps the language of the person in the session, so that no page has to look it up."""
    request.session[LANGUAGE_KEY] = language


def remember_at_log_in(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Listens to Django's `user_logged_in`."""
    remember(request, user.language)
