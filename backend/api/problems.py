"""Problems in the sense of RFC 9457: the one shape of every answer that is not a success.

`code` is stable and meant for programs; `detail` is a sentence for people; `instance` is the id
under which the request stands in the log; `errors` names all faults at once.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from backend.api.casing import camel_path
from backend.api.requests import request_id_of
from backend.common.errors import (
    BusyError,
    ConflictError,
    DomainError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    PreconditionFailedError,
    Text,
)

PROBLEM_CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:passend:problem:"

# The most specific kind first: BusyError before the ConflictError it resembles.
STATUS_BY_KIND: tuple[tuple[type[DomainError], int], ...] = (
    (BusyError, 409),
    (InvalidError, 400),
    (ConflictError, 409),
    (NotAllowedError, 403),
    (NotFoundError, 404),
    (PreconditionFailedError, 412),
)
STATUS_OF_OTHER_DOMAIN_ERRORS = 400

TITLES: Mapping[int, Text] = {
    400: _("The request contains mistakes"),
    401: _("Not logged in"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("Method not supported"),
    406: _("Format not available"),
    409: _("Conflict with the current state"),
    412: _("Changed in the meantime"),
    413: _("The request is too large"),
    415: _("Format not supported"),
    428: _("Version of the object missing"),
    429: _("Too many requests"),
    500: _("Something went wrong on our side"),
    503: _("Temporarily unavailable"),
}

# Used where the framework, and not our own code, refuses a request.
FALLBACKS: Mapping[int, tuple[str, Text]] = {
    400: ("bad_request", _("We cannot read this request. Correct it and try again.")),
    401: ("not_authenticated", _("Log in, or send a valid API key.")),
    403: ("not_allowed", NotAllowedError.message),
    404: ("not_found", _("This address or object does not exist, or you cannot see it.")),
    405: ("method_not_allowed", _("This address does not support this method.")),
    406: ("not_acceptable", _("We can only answer in JSON. Ask for application/json.")),
    413: ("body_too_large", _("The request is too large. Send it in smaller parts.")),
    415: ("unsupported_media_type", _("Send the data as application/json.")),
    429: ("throttled", _("You send too many requests. Wait a moment and try again.")),
    500: (
        "internal_error",
        _("Something went wrong on our side. Try again later, or report the reference."),
    ),
    503: ("unavailable", _("The service is not available for a moment. Try again shortly.")),
}


@dataclass(frozen=True)
class Fault:
    """One entry of `errors`: a dotted path in wire names, a stable code and a sentence."""

    field: str
    code: str
    detail: Text

    def as_dict(self) -> dict[str, str]:
        return {"field": self.field, "code": self.code, "detail": str(self.detail)}


@dataclass(frozen=True)
class Problem:
    """Everything a problem answer says; `headers` are sent beside the body."""

    status: int
    code: str
    detail: Text
    errors: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, instance: uuid.UUID) -> dict[str, object]:
        """The members of the answer, in the language that is active now."""
        return {
            "type": TYPE_PREFIX + self.code,
            "title": str(TITLES.get(self.status, TITLES[400])),
            "status": self.status,
            "detail": str(self.detail),
            "instance": instance.urn,
            "code": self.code,
            "errors": [fault.as_dict() for fault in self.errors],
        }


class RequestFaultsError(Exception):
    """The request itself is wrong, before any domain rule: `faults` names everything at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(", ".join(f"{fault.field}: {fault.code}" for fault in faults))


class HttpProblemError(Exception):
    """A refusal that exists only in HTTP (missing header, used key, body too large)."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.code)


def fallback_problem(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """The problem for a status that came without an explanation."""
    code, detail = FALLBACKS.get(status, FALLBACKS[500 if status >= 500 else 400])
    return Problem(status=status, code=code, detail=detail, headers=headers or {})


def problem_of_faults(faults: Sequence[Fault]) -> Problem:
    """400 with all faults; the code is that of the faults when they all share one."""
    codes = {fault.code for fault in faults}
    shared = codes.pop() if len(codes) == 1 else "invalid"
    code = shared if shared in {"unknown_parameter", "unknown_field"} else "invalid"
    return Problem(status=400, code=code, detail=InvalidError.message, errors=tuple(faults))


def problem_of_domain_error(error: DomainError) -> Problem:
    """The problem for a domain error: its kind decides the status, nothing else does."""
    status = next(
        (status for kind, status in STATUS_BY_KIND if isinstance(error, kind)),
        STATUS_OF_OTHER_DOMAIN_ERRORS,
    )
    headers = (
        {"Retry-After": str(error.retry_after_seconds)} if isinstance(error, BusyError) else {}
    )
    return Problem(
        status=status,
        code=error.code,
        detail=error.message,
        errors=tuple(
            Fault(camel_path(violation.field), violation.code, violation.message)
            for violation in error.violations
        ),
        headers=headers,
    )


def problem_response(problem: Problem, request: HttpRequest | Request) -> HttpResponse:
    """The problem as an answer, for places outside REST framework."""
    response = HttpResponse(
        orjson.dumps(problem.body(request_id_of(request))),
        status=problem.status,
        content_type=PROBLEM_CONTENT_TYPE,
    )
    for name, value in problem.headers.items():
        response[name] = value
    return response
