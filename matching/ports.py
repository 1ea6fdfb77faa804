"""What matching asks from above; `backend/wiring.py` binds the implementations."""

from collections.abc import Callable, Mapping
from typing import Protocol


class ProviderQuality(Protocol):
    """Quality index per provider: 0 is average, positive is better; absent where not known."""

    def __call__(self) -> Mapping[int, float]: ...


def _nothing_known() -> Mapping[int, float]:
    return {}


_provider_quality: Callable[[], Mapping[int, float]] = _nothing_known


def bind_provider_quality(source: ProviderQuality) -> None:
    global _provider_quality
    _provider_quality = source


def provider_quality() -> Mapping[int, float]:
    """Quality index by provider key, in a constant number of queries."""
    return _provider_quality()
