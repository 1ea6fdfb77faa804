"""Which function does the work of which topic."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.module_loading import autodiscover_modules

Payload = Mapping[str, Any]
Handler = Callable[[Payload], None]


class UnknownTopicError(LookupError):
    """No handler is registered for the topic of a message."""


@dataclass(frozen=True)
class Registration:
    """How the messages of one topic are handled.

    Without a lease the handler runs inside the transaction that marks its message done: what it
    writes in the database happens exactly once. It MUST be quick: 30 seconds without a statement
    end the transaction. With a lease it runs outside any transaction, may commit its progress,
    and is started again when it has not finished within the lease; it MUST be idempotent.
    """

    handler: Handler
    lease: timedelta | None = None
    # For the rare payload that must hold personal data (a mail): emptied once the work is done.
    forgets_payload: bool = False


_registrations: dict[str, Registration] = {}
_discovered = False


def register(
    topic: str,
    handler: Handler,
    *,
    lease: timedelta | None = None,
    forgets_payload: bool = False,
) -> None:
    """Binds `topic` to `handler`; a second, different handler is a programming error."""
    known = _registrations.get(topic)
    if known is not None and known.handler is not handler:
        raise ValueError(f"topic {topic!r} already has a handler")
    _registrations[topic] = Registration(handler, lease, forgets_payload)


def handles(
    topic: str, *, lease: timedelta | None = None, forgets_payload: bool = False
) -> Callable[[Handler], Handler]:
    """Decorator form of `register`, for the functions in an app's `tasks.py`."""

    def decorate(handler: Handler) -> Handler:
        register(topic, handler, lease=lease, forgets_payload=forgets_payload)
        return handler

    return decorate


def registration(topic: str) -> Registration:
    """The registration of `topic`. Raises UnknownTopicError."""
    _discover()
    try:
        return _registrations[topic]
    except KeyError:
        raise UnknownTopicError(topic) from None


def topics() -> frozenset[str]:
    """All topics that have a handler."""
    _discover()
    return frozenset(_registrations)


def _discover() -> None:
    """Imports the `tasks` module of every app, at first need: commands without work skip it."""
    global _discovered
    if not _discovered:
        _discovered = True
        autodiscover_modules("tasks")
