"""The ready-made log-ins on the log-in page of the demo."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings

from backend.web.values import Text


@dataclass(frozen=True)
class DemoAccount:
    """One ready-made account; the password is public, so this exists in the demo only."""

    label: Text
    organisation: str
    email: str
    password: str


_sources: list[Callable[[], Sequence[DemoAccount]]] = []


def register(source: Callable[[], Sequence[DemoAccount]]) -> None:
    """Whoever makes the demo accounts hands over a function that lists them."""
    if source not in _sources:
        _sources.append(source)


def accounts() -> list[DemoAccount]:
    """The accounts of the demo; always empty outside it."""
    return [account for source in _sources for account in source()] if settings.DEMO else []
