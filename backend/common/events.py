"""Facts that travel up the house: frozen dataclasses, delivered after commit.

Who listens is listed in one place, `backend/wiring.py`; there are no signal receivers. A
subscriber that must not be lost enqueues an outbox message instead of doing work here.
"""

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from django.db import transaction

Event = TypeVar("Event")

_subscribers: dict[type, list[Callable[[Any], None]]] = defaultdict(list)


def subscribe(event_type: type[Event], handler: Callable[[Event], None]) -> None:
    if handler not in _subscribers[event_type]:
        _subscribers[event_type].append(handler)


def publish(event: object) -> None:
    """Hands `event` to its subscribers once the surrounding transaction has committed."""
    transaction.on_commit(partial(_deliver, event))


def _deliver(event: object) -> None:
    for handler in _subscribers[type(event)]:
        handler(event)
