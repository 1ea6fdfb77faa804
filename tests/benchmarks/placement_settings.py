"""The served side of the placement benchmark: as in production, beside the database of the run."""

import os

os.environ.setdefault("PASSEND_SECRET_KEY", "only-for-the-benchmark")

from backend.common.logging import logging_settings
from backend.settings.base import *  # noqa: F403

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
LOGGING = logging_settings(json=True, level="INFO")
