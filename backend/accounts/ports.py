"""What opening an organisation needs of the catalogue of providers, which lies above accounts."""

from typing import Protocol

from backend.accounts.actor import Actor
from backend.organisations.models import Organisation


class ProviderDirectory(Protocol):
    """Finds providers by their number at Blik op Werk or the KvK, and registers unknown ones."""

    def find(self, number: str) -> Organisation | None: ...

    def register(self, *, actor: Actor, number: str, name: str) -> Organisation: ...


_bound: list[ProviderDirectory] = []


def bind_provider_directory(directory: ProviderDirectory) -> None:
    """Called once at start-up; the last one counts."""
    _bound[:] = [directory]


def provider_directory() -> ProviderDirectory:
    return _bound[0]
