from collections.abc import Iterator

import pytest

from tests.backend.feed.receiver import Receiver


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    """A listening system, and settings that let webhooks reach it."""
    settings.WEBHOOK_LOOPBACK = True
    with Receiver().listening() as one:
        yield one
