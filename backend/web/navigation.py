"""The main navigation: each app registers its entries in `<app>/web/navigation.py`."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from backend.accounts.actor import Actor
from backend.web.access import Wanted, holds
from backend.web.values import Text


@dataclass(frozen=True)
class NavigationEntry:
    """One link in the main navigation, shown to actors with `permission` on any organisation.

    `visible` narrows that further, for pages that only make sense for some holders of it.
    """

    key: str
    label: Text
    url_name: str
    permission: Wanted
    order: int = 100
    visible: Callable[[Actor], bool] | None = None

    def shown_to(self, actor: Actor) -> bool:
        if not holds(actor, self.permission):
            return False
        return self.visible is None or self.visible(actor)


@dataclass(frozen=True)
class NavigationLink:
    label: Text
    url: str
    current: bool


_entries: dict[str, NavigationEntry] = {}


def register(*entries: NavigationEntry) -> None:
    """Adds entries; a second registration under the same key replaces the first."""
    for entry in entries:
        _entries[entry.key] = entry


def registered() -> list[NavigationEntry]:
    return sorted(_entries.values(), key=lambda entry: (entry.order, entry.key))


def links_for(actor: Actor, path: str) -> list[NavigationLink]:
    """The links this actor may follow; the one that `path` falls under is current."""
    visible = [
        (entry.label, reverse(entry.url_name)) for entry in registered() if entry.shown_to(actor)
    ]
    under = [url for _label, url in visible if path == url or path.startswith(f"{url}/")]
    current = max(under, key=len, default="")
    return [NavigationLink(label, url, url == current) for label, url in visible]
