"""What happened, for other systems: a change feed, and webhooks that push it."""
