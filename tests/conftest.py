"""What holds for the whole suite."""

from collections.abc import Iterator

import pytest

from tests.support.database import allow_flush


@pytest.fixture(scope="session", autouse=True)
def _append_only_tables_can_be_flushed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        allow_flush(patch)
        yield
