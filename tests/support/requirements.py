"""What a user's machine may lack: skipped by name there, required in CI."""

import os
import shutil
from pathlib import Path

import pytest

# Program names under which a tool is known on the systems we know of.
PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "redis-server": ("redis-server", "valkey-server"),
    "node": ("node",),
    "npm": ("npm",),
    "docker": ("docker",),
}


def everything_required() -> bool:
    """Whether a missing tool is a failure: in CI, or where somebody asks for it."""
    values = (os.environ.get("CI", ""), os.environ.get("PASSEND_REQUIRE_ALL", ""))
    return any(value.lower() in {"1", "true", "yes"} for value in values)


def require_tool(name: str) -> str:
    """Path of the program `name`; without it the test is skipped here and fails in CI."""
    for program in PROGRAMS.get(name, (name,)):
        found = shutil.which(program)
        if found:
            return found
    return str(_missing(f"{name} is not installed"))


def require_folder(path: Path | str | None, what: str) -> Path:
    """The folder with `what` (reference data); without it as `require_tool`."""
    if path and Path(path).is_dir():
        return Path(path)
    return _missing(f"{what} is not on this machine (looked at {path or 'nothing'})")


def _missing(reason: str) -> Path:
    if everything_required():
        pytest.fail(f"{reason}, and CI requires it")
    pytest.skip(reason)
