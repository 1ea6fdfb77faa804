"""The main navigation: each app registers its entries in `<app>/web/navigation.py`."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import TextChoices
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.web.access import Wanted, holds
from backend.web.values import Text

# So many links stand side by side on a small screen; only more of them need headings.
FLAT = 6


class Heading(TextChoices):
    """What the links of the main navigation stand under, in this order."""

    PEOPLE = "people", _("People and places")
    SUPPLY = "supply", _("Supply")
    CONTRACTS = "contracts", _("Contracts and money")
    QUALITY = "quality", _("Lessons and quality")
    ADMINISTRATION = "administration", _("Administration")


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
    heading: Heading = Heading.ADMINISTRATION

    def shown_to(self, actor: Actor) -> bool:
        if not holds(actor, self.permission):
            return False
        return self.visible is None or self.visible(actor)


@dataclass(frozen=True)
class NavigationLink:
    label: Text
    url: str
    current: bool


@dataclass(frozen=True)
class NavigationGroup:
    """Links under one heading, closed until somebody opens it."""

    label: Text
    links: list[NavigationLink]

    @property
    def current(self) -> bool:
        return any(link.current for link in self.links)


_entries: dict[str, NavigationEntry] = {}


def register(*entries: NavigationEntry) -> None:
    """Adds entries; a second registration under the same key replaces the first."""
    for entry in entries:
        _entries[entry.key] = entry


def registered() -> list[NavigationEntry]:
    return sorted(_entries.values(), key=lambda entry: (entry.order, entry.key))


def menu_for(actor: Actor, path: str) -> list[NavigationLink | NavigationGroup]:
    """The links this actor may follow, under headings where there are many of them.

    The one that `path` falls under is current.
    """
    visible = [(entry, reverse(entry.url_name)) for entry in registered() if entry.shown_to(actor)]
    under = [url for _entry, url in visible if path == url or path.startswith(f"{url}/")]
    current = max(under, key=len, default="")
    links = [
        (entry.heading, NavigationLink(entry.label, url, url == current)) for entry, url in visible
    ]
    if len(links) <= FLAT:
        return [link for _heading, link in links]
    menu: list[NavigationLink | NavigationGroup] = []
    for heading in Heading:
        below = [link for its_heading, link in links if its_heading == heading]
        if len(below) > 1:
            menu.append(NavigationGroup(heading.label, below))
        else:
            menu.extend(below)
    return menu
