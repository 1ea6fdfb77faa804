"""A command with the same Idempotency-Key happens once, however often it is sent.

The answer is stored in the same transaction as the rows of the command. Two requests with one key
at the same moment: one works, the other gets 409 `idempotency_key_in_use` and may try again. An
error is not stored: it rolled everything back, so a repeat is a fresh attempt.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _
from psycopg.types.numeric import Int8
from rest_framework.request import Request

from backend.accounts.actor import Actor
from backend.api.answers import Answer
from backend.api.models import IdempotencyRecord
from backend.api.problems import Fault, HttpProblemError, Problem
from backend.common import clock
from backend.common.prepared import Statement
from backend.common.transactions import one_act
from backend.common.write_set import asked_insert

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
MAX_KEY_LENGTH = 255
# Performance.md asks for at least 24 hours; a client that stops for the night retries next morning.
LIFETIME = timedelta(hours=36)
IN_USE_RETRY_SECONDS = "1"

_CLAIM = Statement("""
    select pg_try_advisory_xact_lock(%s::bigint), found.request_digest, found.status, found.body,
           found.headers, found.expires_at
    from (select 1) as always
    left join api_idempotencyrecord as found on found.scope = %s::text and found.key = %s::text
""")


def answer_once(request: Request, actor: Actor, work: Callable[[], Answer]) -> Answer:
    """The answer of `work`, run in a transaction, or the stored answer to the same command."""
    key = _read_key(request)
    digest = _digest_of(request)
    try:
        with one_act() as act:
            stored = _claim(actor.key, key, digest)
            if stored is not None:
                return stored
            answer = work()
            act.write_last(asked_insert(_record_of(actor.key, key, digest, answer)))
    except IntegrityError as error:
        if _constraint_of(error) != IdempotencyRecord.ONCE:
            raise
        # The other request committed between our look and our lock: its answer will be replayed.
        raise _in_use() from error
    return answer


def remove_expired() -> int:
    """Removes answers past their lifetime and returns how many; run daily."""
    removed, _by_model = IdempotencyRecord.objects.filter(expires_at__lte=clock.now()).delete()
    return removed


def _read_key(request: Request) -> str:
    key: str = request.META.get("HTTP_IDEMPOTENCY_KEY", "").strip()
    if not key:
        message = _("Send a unique value, such as a UUID, in the header Idempotency-Key.")
        raise _header_problem("idempotency_key_missing", message)
    if len(key) > MAX_KEY_LENGTH or not (key.isascii() and key.isprintable()):
        message = _("The Idempotency-Key may hold at most 255 visible ASCII characters.")
        raise _header_problem("idempotency_key_invalid", message)
    return key


def _header_problem(code: str, message: Any) -> HttpProblemError:
    return HttpProblemError(Problem(400, code, message, errors=(Fault(HEADER, code, message),)))


def _digest_of(request: Request) -> bytes:
    """Of what is asked, not of how it is typed: whitespace and key order do not matter."""
    body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)
    asked = f"{request.method} {request.path}\n".encode() + body
    return hashlib.sha256(asked).digest()


def _claim(scope: str, key: str, digest: bytes) -> Answer | None:
    """Takes the key for this transaction, or returns the answer it was used for."""
    lock = hashlib.blake2b(f"{scope}\n{key}".encode(), digest_size=8).digest()
    number = Int8(int.from_bytes(lock, "big", signed=True))
    ((free, known_digest, status, body, headers, expires_at),) = _CLAIM.run([number, scope, key])
    if expires_at is not None and expires_at > clock.now():
        if bytes(known_digest) != digest:
            raise HttpProblemError(
                Problem(
                    409,
                    "idempotency_key_reused",
                    _("This Idempotency-Key was used for another request. Use a new one."),
                )
            )
        kept = orjson.loads(headers) if isinstance(headers, str) else headers
        return Answer(status, bytes(body), {**kept, REPLAYED_HEADER: "true"})
    if not free:
        raise _in_use()
    if expires_at is not None:
        IdempotencyRecord.objects.filter(scope=scope, key=key).delete()
    return None


def _record_of(scope: str, key: str, digest: bytes, answer: Answer) -> IdempotencyRecord:
    now = clock.now()
    return IdempotencyRecord(
        scope=scope,
        key=key,
        request_digest=digest,
        status=answer.status,
        body=answer.body,
        headers=dict(answer.headers),
        created_at=now,
        expires_at=now + LIFETIME,
    )


def _constraint_of(error: IntegrityError) -> str | None:
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)


def _in_use() -> HttpProblemError:
    return HttpProblemError(
        Problem(
            409,
            "idempotency_key_in_use",
            _("A request with this Idempotency-Key is being handled. Try again in a moment."),
            headers={"Retry-After": IN_USE_RETRY_SECONDS},
        )
    )
