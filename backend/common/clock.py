"""The one clock of Passend. Moments are UTC; days are days in the Netherlands."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

NETHERLANDS = ZoneInfo("Europe/Amsterdam")
_replayed: ContextVar[datetime | None] = ContextVar("replayed", default=None)
_refusal: ContextVar[type[Exception] | None] = ContextVar("refusal", default=None)


def now() -> datetime:
    """This moment, aware, in UTC."""
    if (refusal := _refusal.get()) is not None:
        raise refusal("Asks for the time.")
    return _replayed.get() or timezone.now()  # noqa: TID251 - the single place that reads the system clock


@contextmanager
def replay(moment: datetime) -> Iterator[None]:
    """Inside, it is `moment`, so that the demo's history passes the doors and rules of its day.

    Only `backend.demo` uses it, and nothing that serves a request may (a test watches that).
    """
    token = _replayed.set(moment)
    try:
        yield
    finally:
        _replayed.reset(token)


@contextmanager
def unasked(refusal: type[Exception]) -> Iterator[None]:
    """Inside, whoever asks for the time gets `refusal`: what is made here is true at any moment."""
    token = _refusal.set(refusal)
    try:
        yield
    finally:
        _refusal.reset(token)


def today() -> date:
    """The calendar day in the Netherlands, which terms in law count in."""
    return now().astimezone(NETHERLANDS).date()


def local_day(moment: datetime) -> date:
    """The Dutch calendar day on which `moment` falls."""
    return moment.astimezone(NETHERLANDS).date()
