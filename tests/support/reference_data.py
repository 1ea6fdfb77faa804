"""Reference data for validators: outside the project, and skipped by name where it is absent."""

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent


def reference_file(name: str) -> Path:
    """The file below PASSEND_REFERENCE_DATA or ../shared/data; skips the test without it."""
    folder = os.environ.get("PASSEND_REFERENCE_DATA")
    path = (Path(folder) if folder else PROJECT.parent / "shared" / "data") / name
    if not path.exists():
        pytest.skip(f"reference data {name} is absent (PASSEND_REFERENCE_DATA)")
    return path
