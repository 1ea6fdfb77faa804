from collections.abc import Iterator
from datetime import timedelta

import pytest

from backend.outbox import registry
from tests.backend.platform import effects


@pytest.fixture
def topics(monkeypatch: pytest.MonkeyPatch) -> dict[str, registry.Registration]:
    """An own set of handlers; `topics.update(...)` of the real ones is undone after the test."""
    registry.topics()
    own: dict[str, registry.Registration] = dict(registry._registrations)
    monkeypatch.setattr(registry, "_registrations", own)
    return own


@pytest.fixture
def effect_table(transactional_db: None) -> Iterator[None]:
    effects.create()
    yield
    effects.drop()


@pytest.fixture
def hour() -> timedelta:
    return timedelta(hours=1)
