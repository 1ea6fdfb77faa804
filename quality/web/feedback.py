"""The form for participants: a page of its own, in their language, without log-in.

MUST keep: the token is in no path (paths are logged), in no session (sessions are rows), and in no
address after the first hit; a wrong, used and expired link look exactly the same.
"""

from typing import Any

from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.cache import never_cache
from django.views.generic import View

from backend.common.errors import DomainError
from quality import questionnaire
from quality.choices import FeedbackChannel
from quality.errors import AnswersInvalidError, TicketUnusableError
from quality.services.feedback import Ticket, feedback_submit, ticket_open, token_hmac

COOKIE = "feedback"
# In the query and not in the path: paths are logged.
LINK_KEY = "c"
UNUSABLE_KEY = "unusable"
COOKIE_SALT = "quality.feedback.cookie"
# Long enough for somebody who reads slowly, short enough for the computer of a library.
COOKIE_SECONDS = 2 * 3600
# Wrong codes from one address; a class behind one address shares it, and types rarely wrong.
TRIES, TRIES_SECONDS = 20, 300
NO_OPINION = "none"
MAX_CODE = 100


class PrivateView(View):
    """Answers that leave no trace elsewhere: not stored, and no address handed on."""

    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        # Nothing is handed on while the token is in the address. Afterwards our own site may see
        # where a form came from: without it browsers send "Origin: null", which the CSRF check
        # refuses.
        response["Referrer-Policy"] = "no-referrer" if LINK_KEY in request.GET else "same-origin"
        response["X-Robots-Tag"] = "noindex"
        return response

    def language(self) -> questionnaire.Language:
        """The chosen language, else the first of the browser that the form has, else Dutch."""
        asked = self.request.GET.get("lang") or self.request.POST.get("lang")
        if asked:
            return questionnaire.language(asked)
        accepted = parse_accept_lang_header(self.request.headers.get("Accept-Language", ""))
        known = questionnaire.languages()
        codes = (code.split("-")[0] for code, _weight in accepted)
        return questionnaire.language(next((one for one in codes if one in known), ""))

    def page(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        language = self.language()
        return render(
            self.request,
            template,
            {
                "form_language": language,
                "texts": language.texts,
                "form_languages": questionnaire.languages().values(),
                **context,
            },
            status=status,
        )

    def to_form(self, note: str = "") -> HttpResponseRedirect:
        """To the form without the token in the address."""
        extra = f"&{note}=1" if note else ""
        return HttpResponseRedirect(f"{reverse('feedback')}?lang={self.language().code}{extra}")


class FeedbackView(PrivateView):
    """Exchanges a link for a cookie, shows the questions, and takes the answers once."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if LINK_KEY in request.GET:
            return self._exchange(request.GET[LINK_KEY], FeedbackChannel.LINK)
        ticket = None if UNUSABLE_KEY in request.GET else self._ticket()
        if ticket is None:
            return self._code_page(
                unusable=UNUSABLE_KEY in request.GET or COOKIE in request.COOKIES
            )
        return self._form(ticket, {})

    def post(self, request: HttpRequest) -> HttpResponse:
        if "code" in request.POST:
            return self._exchange(request.POST["code"], FeedbackChannel.CODE)
        ticket = self._ticket()
        if ticket is None:
            return self._code_page(unusable=True)
        answers = self._answers()
        remark = request.POST.get("remark", "")
        try:
            feedback_submit(
                hmac=ticket.token_hmac,
                language=self.language().code,
                channel=self._channel(),
                answers=answers,
                remark=remark,
            )
        except AnswersInvalidError as error:
            faults = {one.field: str(one.message) for one in error.violations}
            return self._form(ticket, faults, answers=answers, remark=remark, status=400)
        except TicketUnusableError:
            return self._code_page(unusable=True)
        response = HttpResponseRedirect(f"{reverse('feedback-thanks')}?lang={self.language().code}")
        response.delete_cookie(COOKIE, path=reverse("feedback"))
        return response

    def _exchange(self, token: str, channel: FeedbackChannel) -> HttpResponse:
        """A working link becomes a signed cookie and disappears from the address."""
        if self._tries() >= TRIES:
            return self.page("quality/feedback_wait.html", status=429)
        try:
            # A link scanner that opens the link uses nothing up: only sending does.
            ticket = ticket_open(token=token[:MAX_CODE])
        except DomainError:
            self._count_try()
            return self.to_form(UNUSABLE_KEY)
        response = self.to_form()
        value = signing.dumps([ticket.token_hmac, channel], salt=COOKIE_SALT)
        response.set_cookie(
            COOKIE,
            value,
            max_age=COOKIE_SECONDS,
            path=reverse("feedback"),
            secure=self.request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
        return response

    def _cookie(self) -> tuple[str, str] | None:
        try:
            hmac, channel = signing.loads(
                self.request.COOKIES.get(COOKIE, ""), salt=COOKIE_SALT, max_age=COOKIE_SECONDS
            )
        except (signing.BadSignature, ValueError):
            return None
        return hmac, channel

    def _channel(self) -> FeedbackChannel:
        found = self._cookie()
        return FeedbackChannel(found[1]) if found else FeedbackChannel.LINK

    def _ticket(self) -> Ticket | None:
        found = self._cookie()
        if found is None:
            return None
        try:
            return ticket_open(hmac=found[0])
        except TicketUnusableError:
            return None

    def _answers(self) -> dict[str, int | None]:
        answers: dict[str, int | None] = {}
        for question in questionnaire.CORE_QUESTIONS:
            given = self.request.POST.get(question)
            if given == NO_OPINION:
                answers[question] = None
            elif given is not None:
                # What is no number is no answer code either, and is refused as such.
                answers[question] = int(given) if given.isascii() and given.isdigit() else 0
        return answers

    def _form(
        self,
        ticket: Ticket,
        faults: dict[str, str],
        *,
        answers: dict[str, int | None] | None = None,
        remark: str = "",
        status: int = 200,
    ) -> HttpResponse:
        return self.page(
            "quality/feedback_form.html",
            status=status,
            provider_name=ticket.provider_name,
            questions=_questions(self.language(), answers or {}, faults),
            faulty=[one for one in _questions(self.language(), {}, faults) if one["faulty"]],
            remark=remark,
            remark_fault=faults.get("remark", ""),
        )

    def _code_page(self, *, unusable: bool) -> HttpResponse:
        return self.page(
            "quality/feedback_code.html", status=404 if unusable else 200, unusable=unusable
        )

    def _key(self) -> str:
        # The address itself is not kept, only for minutes a hash of it.
        return f"quality.feedback.tries.{token_hmac(self.request.META.get('REMOTE_ADDR', ''))}"

    def _tries(self) -> int:
        return int(cache.get(self._key(), 0))

    def _count_try(self) -> None:
        cache.add(self._key(), 0, TRIES_SECONDS)
        cache.incr(self._key())


class ThanksView(PrivateView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page("quality/feedback_thanks.html")


def _questions(
    language: questionnaire.Language, answers: dict[str, int | None], faults: dict[str, str]
) -> list[dict[str, Any]]:
    texts = language.texts
    total = len(questionnaire.CORE_QUESTIONS)
    questions = []
    for number, code in enumerate(questionnaire.CORE_QUESTIONS, start=1):
        given = answers.get(code, 0)
        questions.append(
            {
                "code": code,
                "number": texts["question_number"].format(number=number, total=total),
                "text": texts["questions"][code],
                "faulty": code in faults,
                "none_checked": code in answers and given is None,
                "faces": [
                    {
                        "code": face,
                        "label": texts["answers"][str(face)],
                        "checked": given == face,
                    }
                    for face in questionnaire.ANSWER_CODES
                ],
            }
        )
    return questions
