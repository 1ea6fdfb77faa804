"""Links on a page to pages of apps above its own, which the page cannot know.

An app registers in its `web/navigation.py` what it has to show about an object of an app below:
`register_link("placement", link)`. The page that shows a placement asks for all of them.
"""

from collections.abc import Callable
from typing import Any

from backend.accounts.actor import Actor
from backend.web.pages import Action

# The link for this actor and object; None where there is nothing to see.
Link = Callable[[Actor, Any], Action | None]

_links: dict[str, dict[str, Link]] = {}


def register_link(subject: str, key: str, link: Link) -> None:
    """Adds a link for objects of this kind; a second one under the same key replaces the first."""
    _links.setdefault(subject, {})[key] = link


def links_about(subject: str, actor: Actor, instance: Any) -> list[Action]:
    """The links that this actor may follow from the page of the object."""
    found = (link(actor, instance) for link in _links.get(subject, {}).values())
    return [one for one in found if one is not None]
