"""Pages of the shell itself: the start page, the language switch and the statements."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View

from backend.accounts.public import User, actor_for, user_choose_language
from backend.organisations.public import privacy_texts_of
from backend.web import dashboard
from backend.web.middleware import remember
from backend.web.pages import Page
from backend.web.values import Text

A_YEAR = 365 * 24 * 3600


class StartPage(Page):
    """ "Vandaag": what asks for the attention of this person, by what their roles allow."""

    template_name = "web/pages/start.html"

    def get_title(self) -> Text:
        return _("Today")

    def get_context(self, **extra: Any) -> dict[str, Any]:
        cards = dashboard.cards_for(self.actor)
        return super().get_context(
            tiles=[card for card in cards if isinstance(card, dashboard.Tile)],
            worklists=[card for card in cards if isinstance(card, dashboard.Worklist)],
            **extra,
        )


class LanguageView(View):
    """Switches the language of the pages and goes back to the page somebody was on.

    Kept in a cookie of this browser, and for who is logged in also for the next browser.
    """

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        target = request.POST.get("next", "/")
        if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
            target = "/"
        response = HttpResponseRedirect(target)
        language = request.POST.get("language", "")
        if language in dict(settings.LANGUAGES):
            if isinstance(request.user, User):
                user_choose_language(user=request.user, language=language)
                remember(request, language)
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                language,
                max_age=A_YEAR,
                samesite="Lax",
                httponly=True,
                secure=request.is_secure(),
            )
        return response


def privacy(request: HttpRequest) -> HttpResponse:
    """The statement of Passend, and what the reader's own organisations add to it."""
    actor = actor_for(request.user)
    own = {one for held in actor.organisations.values() for one in held}
    context = {"title": _("Privacy statement"), "own": privacy_texts_of(own) if own else []}
    return render(request, "web/pages/privacy.html", context)


def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "web/pages/accessibility.html", {"title": _("Accessibility")})
