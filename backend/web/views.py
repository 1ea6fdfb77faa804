"""What every page shares: who may open it, and how a refusal looks."""

from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.generic import View

from backend.accounts.actor import Actor
from backend.api.requests import actor_of, request_id_of
from backend.common.errors import (
    BusyError,
    ConflictError,
    DomainError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    PreconditionFailedError,
)
from backend.web.access import Wanted, holds, named

log = structlog.get_logger(__name__)

# The mixin names statuses, because the domain never does; the first matching kind counts.
STATUS_OF: tuple[tuple[type[DomainError], int], ...] = (
    (NotFoundError, 404),
    (NotAllowedError, 403),
    (InvalidError, 400),
    (PreconditionFailedError, 409),
    (BusyError, 409),
    (ConflictError, 409),
)


def status_of(error: DomainError) -> int:
    return next((status for kind, status in STATUS_OF if isinstance(error, kind)), 409)


class ActorRequiredMixin(View):
    """Only actors who hold `permission` on some organisation get in.

    Nobody logged in: to the log-in page. Permission missing: a page with the reason. A domain error
    that the view does not catch becomes a page with its sentence, never a bare status.
    """

    permission: Wanted | None = None

    @property
    def actor(self) -> Actor:
        return actor_of(self.request)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        if self.permission is not None and not holds(self.actor, self.permission):
            return error_page(
                request,
                403,
                _("Your role does not give access to this page (needed: %(permission)s).")
                % {"permission": named(self.permission)},
            )
        try:
            return super().dispatch(request, *args, **kwargs)
        except DomainError as error:
            return error_page(request, status_of(error), str(error.message), code=error.code)


def error_page(
    request: HttpRequest, status: int, message: str = "", *, code: str = ""
) -> HttpResponse:
    """A page that says what happened, what to do, and the reference that is in the log."""
    title, advice = _error_texts(status)
    reference = str(request_id_of(request))
    log.info("page.refused", status=status, code=code, path=request.path)
    context = {
        "title": title,
        "message": message or advice,
        "advice": advice if message else "",
        "reference": reference,
        "status": status,
    }
    template = "web/errors/bare.html" if status >= 500 else "web/errors/error.html"
    # After a server error nothing may be asked of the database: no context processors either.
    content = render_to_string(template, context, None if status >= 500 else request)
    response = HttpResponse(content, status=status)
    if status == 409:
        response["Cache-Control"] = "no-store"
    return response


def _error_texts(status: int) -> tuple[str, str]:
    texts = {
        400: (
            _("This request is not correct"),
            _("Go back, check what you filled in and try again."),
        ),
        403: (
            _("You may not do this"),
            _("Ask your functional administrator if you think you need this."),
        ),
        404: (
            _("This page does not exist"),
            _("The address may be wrong, or you may not be allowed to see this."),
        ),
        409: (
            _("This is not possible now"),
            _("Go back, load the page again and look at the current state."),
        ),
    }
    return texts.get(
        status,
        (
            _("Something went wrong"),
            _("Your data was not changed. Try again, or give the reference to the service desk."),
        ),
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return error_page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long or its cookie is gone: say so, and not "CSRF token missing"."""
    return error_page(
        request, 403, _("This form is no longer valid. Load the page again and retry.")
    )
