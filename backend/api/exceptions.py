"""Turns every exception of a view into a problem; nothing leaves the API in another shape."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.views import set_rollback

from backend.api.casing import camel_path
from backend.api.problems import (
    Fault,
    HttpProblemError,
    Problem,
    RequestFaultsError,
    fallback_problem,
    problem_of_domain_error,
    problem_of_faults,
    problem_response,
)
from backend.api.requests import request_id_of
from backend.common.errors import BusyError, DomainError

log = structlog.get_logger(__name__)

# lock timeout, deadlock, serialization failure, statement timeout
BUSY_SQLSTATES = frozenset({"55P03", "40P01", "40001", "57014"})
UNAVAILABLE_RETRY_SECONDS = "5"
WHOLE_OBJECT = "non_field_errors"


def handle_exception(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """The problem for `error`. Unforeseen errors are logged with their trace and the request id."""
    set_rollback()
    problem = problem_of(error)
    if problem.status >= 500:
        reference = str(request_id_of(context["request"]))
        log.error("api.error", code=problem.code, reference=reference, exc_info=error)
    elif problem.status != 404:
        log.info("api.refused", status=problem.status, code=problem.code)
    return problem_response(problem, context["request"])


def problem_of(error: Exception) -> Problem:
    """The problem that describes `error` to the client."""
    if isinstance(error, DomainError):
        return problem_of_domain_error(error)
    if isinstance(error, RequestFaultsError):
        return problem_of_faults(error.faults)
    if isinstance(error, HttpProblemError):
        return error.problem
    if isinstance(error, exceptions.ValidationError):
        return problem_of_faults(list(_faults(error.detail, "")))
    if isinstance(error, ModelValidationError):
        return problem_of_faults(list(_model_faults(error)))
    if isinstance(error, exceptions.APIException):
        return _problem_of_framework(error)
    return _problem_of_other(error)


def _problem_of_other(error: Exception) -> Problem:
    if isinstance(error, Http404):
        return fallback_problem(404)
    if isinstance(error, PermissionDenied):
        return fallback_problem(403)
    if isinstance(error, (OperationalError, InterfaceError)):
        if getattr(error.__cause__, "sqlstate", None) in BUSY_SQLSTATES:
            return problem_of_domain_error(BusyError())
        return fallback_problem(503, {"Retry-After": UNAVAILABLE_RETRY_SECONDS})
    return fallback_problem(500)


def _problem_of_framework(error: exceptions.APIException) -> Problem:
    headers: dict[str, str] = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(math.ceil(wait))
    if isinstance(error, exceptions.ParseError) and isinstance(
        error.detail, exceptions.ErrorDetail
    ):
        known = error.detail.code if error.detail.code != "parse_error" else None
        return Problem(400, known or "malformed_json", error.detail, headers=headers)
    return fallback_problem(error.status_code, headers)


def _faults(detail: Any, path: str) -> Iterator[Fault]:
    """All leaves of REST framework's nested error detail, with their dotted path."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            yield from _faults(inner, path if key == WHOLE_OBJECT else _join(path, str(key)))
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            is_row = isinstance(inner, (Mapping, list))
            yield from _faults(inner, _join(path, str(position)) if is_row else path)
    else:
        yield Fault(path, getattr(detail, "code", None) or "invalid", str(detail))


def _model_faults(error: ModelValidationError) -> Iterator[Fault]:
    if hasattr(error, "error_dict"):
        for name, errors in error.error_dict.items():
            path = "" if name == "__all__" else camel_path(name)
            for single in errors:
                yield Fault(path, single.code or "invalid", single.messages[0])
        return
    for single in error.error_list:
        yield Fault("", single.code or "invalid", single.messages[0])


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
