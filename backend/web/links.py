"""What apps above its own add to a page that cannot know them: links, and tables of their rows.

An app registers in its `web/navigation.py` what it has to show about an object of an app below:
`register_link("placement", link)`, or `register_table("provider", table)`. The page that shows the
object asks for all of them.
"""

from collections.abc import Callable
from typing import Any

from backend.accounts.actor import Actor
from backend.web.pages import Action
from backend.web.tables import Table

# The link for this actor and object; None where there is nothing to see.
Link = Callable[[Actor, Any], Action | None]

# The table for this actor and object; None where the actor has nothing to do with it.
TableAbout = Callable[[Actor, Any], Table | None]

_links: dict[str, dict[str, Link]] = {}

_tables: dict[str, dict[str, TableAbout]] = {}


def register_link(subject: str, key: str, link: Link) -> None:
    """Adds a link for objects of this kind; a second one under the same key replaces the first."""
    _links.setdefault(subject, {})[key] = link


def links_about(subject: str, actor: Actor, instance: Any) -> list[Action]:
    """The links that this actor may follow from the page of the object."""
    found = (link(actor, instance) for link in _links.get(subject, {}).values())
    return [one for one in found if one is not None]


def register_table(subject: str, key: str, table: TableAbout) -> None:
    """Adds a table for objects of this kind; a second one under the same key replaces the first."""
    _tables.setdefault(subject, {})[key] = table


def tables_about(subject: str, actor: Actor, instance: Any) -> list[Table]:
    """The tables that this actor may see on the page of the object."""
    found = (table(actor, instance) for table in _tables.get(subject, {}).values())
    return [one for one in found if one is not None]
