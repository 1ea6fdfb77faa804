"""A client of the API that looks at every answer: plain HTTP, no library."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener
from uuid import uuid4

BASE = "/api/v1"
SECONDS = 30


class FaultError(Exception):
    """The installation does something else than the API promises."""


class _NoRedirects(HTTPRedirectHandler):
    """A redirected POST loses its body: an answer is judged as it comes."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


OPENER = build_opener(_NoRedirects)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        try:
            return json.loads(self.raw)
        except ValueError as error:
            raise FaultError(f"no JSON in the answer {self.status}: {self.raw[:80]!r}") from error

    def expect(self, *statuses: int) -> "Answer":
        """This answer, when its status is one of these."""
        if self.status not in statuses:
            said = self.raw[:300].decode("utf-8", "replace")
            wanted = " or ".join(str(one) for one in statuses)
            raise FaultError(f"expected {wanted}, got {self.status}: {said}")
        return self

    def expect_problem(self, status: int, *codes: str, field: str = "") -> "Answer":
        """This answer, when it is a problem (RFC 9457) with the code, and the field if given."""
        self.expect(status)
        kind = self.headers.get("content-type", "")
        if not kind.startswith("application/problem+json"):
            raise FaultError(f"a problem must be application/problem+json, not {kind!r}")
        missing = {"type", "title", "status", "detail", "instance", "code", "errors"} - set(
            self.body
        )
        if missing:
            raise FaultError(f"the problem has no {', '.join(sorted(missing))}")
        if self.body["status"] != status:
            raise FaultError(f"the problem says {self.body['status']}, the answer {status}")
        if codes and self.body["code"] not in codes:
            raise FaultError(f"expected code {' or '.join(codes)}, got {self.body['code']}")
        if field and field not in {one["field"] for one in self.body["errors"]}:
            raise FaultError(f"the problem does not name {field}: {self.body['errors']}")
        return self

    @property
    def codes(self) -> set[str]:
        return {one["code"] for one in self.body["errors"]}


@dataclass(frozen=True)
class Api:
    """The installation, as the holder of a key sees it."""

    url: str
    key: str

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        sent = {"Accept": "application/json", **(headers or {})}
        if self.key:
            sent.setdefault("Authorization", f"Bearer {self.key}")
        if body is not None:
            raw = json.dumps(body).encode()
        if raw is not None:
            sent.setdefault("Content-Type", "application/json")
        target = self.url.rstrip("/") + BASE + path
        request = Request(target, data=raw, headers=sent, method=method)  # noqa: S310
        try:
            with OPENER.open(request, timeout=SECONDS) as answer:
                return _answer(answer.status, answer.headers, answer.read())
        except HTTPError as error:
            return _answer(error.code, error.headers, error.read())

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, headers=_names(headers))

    def post(self, path: str, body: Any = None, *, key: str = "", **headers: str) -> Answer:
        """With a fresh Idempotency-Key unless one is given."""
        sent = {"Idempotency-Key": key or str(uuid4()), **_names(headers)}
        return self.call("POST", path, {} if body is None else body, sent)

    def made(self, path: str, body: Any) -> Any:
        """What a POST makes; a FaultError when it is refused."""
        return self.post(path, body).expect(201).body


def _names(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _answer(status: int, headers: Any, raw: bytes) -> Answer:
    return Answer(status, {name.lower(): value for name, value in headers.items()}, raw)
