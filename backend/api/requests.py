"""What every request carries besides Django's own: its id and its actor."""

import uuid
from typing import cast

from django.http import HttpRequest
from rest_framework.request import Request

from backend.accounts.actor import Actor

MACHINE_FOLDERS = frozenset({"api", "health"})


class PassendRequest(HttpRequest):
    """A request that passed RequestContextMiddleware; only a type, never instantiated."""

    request_id: uuid.UUID
    actor: Actor


def plain(request: HttpRequest | Request) -> PassendRequest:
    """The Django request inside a REST framework request, with our attributes typed."""
    return cast(PassendRequest, getattr(request, "_request", request))


def actor_of(request: HttpRequest | Request) -> Actor:
    """Who acts in this request; anonymous visitors are an actor as well."""
    return plain(request).actor


def request_id_of(request: HttpRequest | Request) -> uuid.UUID:
    """The id that stands in the log and, as `instance`, in a problem."""
    found = getattr(plain(request), "request_id", None)
    return found if found is not None else uuid.uuid4()


def is_machine_path(path: str) -> bool:
    """Whether this path answers programs (problem+json) and not people (pages)."""
    return path.lstrip("/").split("/", 1)[0] in MACHINE_FOLDERS
