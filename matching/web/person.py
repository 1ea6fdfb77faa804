"""The page of the person: a link from a letter, a code, and one card in an own language.

Nobody logs in here. The token stands in the address of the first page only; that page asks nothing
of the database, so that it says nothing about the token. The code page sends no referrer, and
`backend.common.logging` keeps tokens out of the log.
"""

import re
from typing import Any, Final

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from backend.common.errors import DomainError
from backend.organisations.public import privacy_texts_of
from matching.letter_choices import ResponseKind, ResponseReason
from matching.letters import FALLBACK, LANGUAGES, Texts, language_names, texts_in
from matching.models import PersonalLink
from matching.selectors.letter_card import place_card
from matching.services.letters import (
    LETTER_STATES,
    SESSION,
    link_of_session,
    personal_link_open,
    response_give,
    session_of,
)

COOKIE: Final = "passend-place"
TRIES: Final = 20
TRIES_SECONDS: Final = 600
NOT_A_DIGIT: Final = re.compile(r"[^0-9]")
NOT_IN_TOKENS: Final = re.compile(r"[^A-Za-z0-9_-]")
NO_TOKEN: Final = "-"  # noqa: S105 - what the page shows when no token was sent
# Digits as a keyboard in Arabic or Persian types them.
DIGITS: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


class PersonView(View):
    """A page without the shell, in the reader's language and direction."""

    http_method_names = ["get", "post"]

    def language(self, default: str = FALLBACK) -> str:
        asked = self.request.GET.get("language", "")
        return asked if asked in LANGUAGES else default

    def show(
        self, template: str, texts: Texts, here: str, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        response = render(
            self.request,
            template,
            {"texts": texts.values, "code": texts.code, "names": language_names(), "here": here}
            | context,
            status=status,
        )
        response.headers["Content-Language"] = texts.code
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response


class _CodeView(PersonView):
    def form(self, token: str, *, status: int = 200, fault: str = "") -> HttpResponse:
        texts = texts_in(self.language())
        response = self.show(
            "matching/person_code.html",
            texts,
            reverse("person-link", args=[token]),
            status=status,
            token=token,
            fault=texts[fault] if fault else "",
        )
        response.headers["Referrer-Policy"] = "no-referrer"
        return response


class PersonLinkPage(_CodeView):
    """Asks for the code, whatever the token is."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.form(token)


@method_decorator(csrf_exempt, name="dispatch")
class PersonOpenPage(_CodeView):
    """Exchanges token and code for a short session. All that is wrong gets one and the same answer.

    Without a referrer a browser sends no origin either, which the CSRF check asks for. Nothing here
    rests on a cookie: who can send this form knows both secrets.
    """

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        token = NOT_IN_TOKENS.sub("", request.POST.get("token", ""))[:64] or NO_TOKEN
        if not _within_limit(request):
            response = self.form(token, status=429, fault="too_many")
            response.headers["Retry-After"] = str(TRIES_SECONDS)
            return response
        typed = NOT_A_DIGIT.sub("", request.POST.get("code", "")[:40].translate(DIGITS))
        link = personal_link_open(token=token, code=typed)
        if link is None:
            return self.form(token, status=400, fault="code_failed")
        language = self.language(link.language)
        response = HttpResponseRedirect(f"{reverse('person-place')}?language={language}")
        response.set_cookie(
            COOKIE,
            session_of(link),
            max_age=SESSION,
            path=reverse("person-place"),
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response


class PersonPlacePage(PersonView):
    """The card: what, where, when, whom to call; and the question whether the person comes."""

    def get(self, request: HttpRequest) -> HttpResponse:
        link = self._link()
        if link is None:
            return self._closed()
        return self._card(link, asks_why=request.GET.get("step") == "why")

    def post(self, request: HttpRequest) -> HttpResponse:
        link = self._link()
        if link is None:
            return self._closed()
        kind = request.POST.get("answer", "")
        reasons = request.POST.getlist("reasons")
        if kind == ResponseKind.NOT_FITTING and not reasons:
            return self._card(link, asks_why=True, fault="reasons_missing", status=400)
        try:
            response_give(link=link, kind=kind, reasons=reasons)
        except DomainError:
            return self._card(link, fault="code_failed" if self._is_open(link) else "", status=409)
        here = reverse("person-place")
        return HttpResponseRedirect(f"{here}?language={self.language(link.language)}")

    def _link(self) -> PersonalLink | None:
        return link_of_session(self.request.COOKIES.get(COOKIE, ""))

    def _closed(self) -> HttpResponse:
        return self.show(
            "matching/person_message.html",
            texts_in(self.language()),
            reverse("person-place"),
            status=403,
            message="session_ended",
        )

    @staticmethod
    def _is_open(link: PersonalLink) -> bool:
        return link.placement.state in LETTER_STATES

    def _card(
        self, link: PersonalLink, *, asks_why: bool = False, fault: str = "", status: int = 200
    ) -> HttpResponse:
        texts = texts_in(self.language(link.language))
        placement = link.placement
        is_open = self._is_open(link)
        return self.show(
            "matching/person_place.html",
            texts,
            reverse("person-place"),
            status=status,
            card=place_card(placement, texts) if is_open else None,
            link=link,
            phone=texts.isolated(link.contact_phone),
            answer=placement.person_responses.first() if is_open else None,
            asks_why=asks_why and is_open,
            reasons=[(code, texts["reasons"][code]) for code in ResponseReason.values],
            fault=texts[fault] if fault else "",
            privacy=privacy_texts_of([placement.municipality_id]) if is_open else (),
        )


def _within_limit(request: HttpRequest) -> bool:
    """At most so many codes from one address in ten minutes; the address is that of the visitor."""
    address = get_adapter().get_client_ip(request)
    key = f"person-code:{address}"
    cache.add(key, 0, TRIES_SECONDS)
    try:
        return bool(cache.incr(key) <= TRIES)
    except ValueError:
        # The counter ran out between the two calls.
        return True
