"""Work by the clock that belongs to the house as a whole; the outbox finds it here."""

from backend.schedule import register_topics

register_topics()
