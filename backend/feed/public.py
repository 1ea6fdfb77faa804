"""What other apps may use of the feed: tell it what happened, in the transaction of the fact."""

from backend.feed.choices import EventKind, Resource
from backend.feed.services.deliveries import register_kinds
from backend.feed.services.events import Fact, events_emit

__all__ = ["EventKind", "Fact", "Resource", "events_emit", "register_kinds"]
