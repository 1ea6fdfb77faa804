from collections.abc import Iterator

import pytest

from tests.backend.feed.receiver import Receiver


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    """A listening system, and settings that let webhooks reach it."""
    settings.LOOPBACK_TARGETS = True
    with Receiver().listening() as one:
        yield one
