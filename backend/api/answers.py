"""Answers as bytes with their headers: sent, stored for a replay, tagged with a hash."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from backend.api.problems import HttpProblemError, Problem
from backend.api.renderers import to_json
from backend.common.errors import PreconditionFailedError

JSON_CONTENT_TYPE = "application/json"


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> HttpResponse:
        made = HttpResponse(self.body, status=self.status, content_type=JSON_CONTENT_TYPE)
        if not self.body:
            del made["Content-Type"]
        for name, value in self.headers.items():
            made.headers[name] = value
        return made


def etag_of(body: bytes) -> str:
    """A strong entity tag: equal exactly when the representation is equal, byte for byte."""
    return f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'


def object_answer(
    representation: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Answer:
    """One object with its ETag."""
    body = to_json(representation)
    return Answer(status, body, {"ETag": etag_of(body), **(headers or {})})


def unless_known(request: Request, answer: Answer) -> Answer:
    """304 without a body when the client already has this representation (If-None-Match)."""
    known = request.META.get("HTTP_IF_NONE_MATCH")
    if known and _names(known, answer.headers["ETag"], weak=True):
        return Answer(304, b"", answer.headers)
    return answer


def require_if_match(request: Request) -> str:
    """The If-Match header; without it nobody may overwrite what somebody else may have changed."""
    wanted: str | None = request.META.get("HTTP_IF_MATCH")
    if not wanted:
        raise HttpProblemError(
            Problem(
                428,
                "if_match_missing",
                _("Send the ETag of the version you changed in the header If-Match."),
            )
        )
    return wanted


def check_if_match(wanted: str, current: Mapping[str, Any]) -> None:
    """Refuses a change of a version that is no longer the current one."""
    if not _names(wanted, etag_of(to_json(current)), weak=False):
        raise PreconditionFailedError


def _names(header: str, etag: str, *, weak: bool) -> bool:
    tags = [tag.strip() for tag in header.split(",")]
    if weak:
        tags = [tag.removeprefix("W/") for tag in tags]
    return "*" in tags or etag in tags
