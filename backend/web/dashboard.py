"""The start page ("Vandaag"): each app registers its cards in `<app>/web/dashboard.py`."""

from collections.abc import Callable
from dataclasses import dataclass

from backend.accounts.actor import Actor
from backend.web.access import Wanted, holds
from backend.web.tables import Table
from backend.web.values import Text, Tone


@dataclass(frozen=True)
class Tile:
    """One number that asks for attention, with the page behind it."""

    title: Text
    number: int | str | None
    url: str
    text: Text = ""
    tone: Tone = "neutral"


@dataclass(frozen=True)
class Worklist:
    """The first rows of a list somebody works through, with a link to all of it."""

    title: Text
    table: Table
    url: str
    url_label: Text


Card = Tile | Worklist


@dataclass(frozen=True)
class CardEntry:
    key: str
    permission: Wanted
    build: Callable[[Actor], Card | None]
    order: int = 100


_cards: dict[str, CardEntry] = {}


def register(*entries: CardEntry) -> None:
    """Adds cards; a second registration under the same key replaces the first."""
    for entry in entries:
        _cards[entry.key] = entry


def cards_for(actor: Actor) -> list[Card]:
    """The cards of this actor in order; a builder returns None where it has nothing to say."""
    entries = sorted(_cards.values(), key=lambda entry: (entry.order, entry.key))
    built = [entry.build(actor) for entry in entries if holds(actor, entry.permission)]
    return [card for card in built if card is not None]
