"""Settings of a developer's machine and of `make demo`: own PostgreSQL, no secrets needed."""

import os
import secrets

os.environ.setdefault("PASSEND_SECRET_KEY", secrets.token_urlsafe(50))

from backend.settings.base import *  # noqa: F403
from backend.web.translations import ensure_built

ensure_built(BASE_DIR / "locale")  # noqa: F405
