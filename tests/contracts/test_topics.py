"""Work that is asked for has somebody who does it: a message without a handler waits for ever."""

import re
from pathlib import Path

from django.conf import settings

from backend.outbox.public import topics

APPS = ("backend", "providers", "procurement", "matching", "quality")
NAMED = re.compile(r'^[A-Z_]*TOPIC = "([a-z_.]+)"', re.MULTILINE)


def named_topics() -> dict[str, str]:
    """Every topic that the code names, and the file that names it."""
    root = Path(settings.BASE_DIR)
    return {
        topic: str(path.relative_to(root))
        for app in APPS
        for path in sorted((root / app).rglob("*.py"))
        for topic in NAMED.findall(path.read_text())
    }


def test_every_topic_has_a_handler() -> None:
    found = named_topics()
    assert "providers.check_catalogue_file" in found
    assert {topic: file for topic, file in found.items() if topic not in topics()} == {}
