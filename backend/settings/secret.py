"""The secret of a developer's machine: made once and kept, so that all processes share it."""

import os
import secrets
from pathlib import Path

FILE_NAME = "secret-key"


def local_secret(folder: Path) -> str:
    """The secret in `folder`; made at the first call, also when several processes call at once."""
    path = folder / FILE_NAME
    try:
        return path.read_text()
    except FileNotFoundError:
        pass
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{FILE_NAME}.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(50))
    try:
        # A link appears whole or not at all, and never replaces the secret of whoever was first.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text()
