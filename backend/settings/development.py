"""Settings of a developer's machine and of `make demo`: own PostgreSQL, no secrets needed."""

import os
from pathlib import Path

from backend.settings import env
from backend.settings.secret import local_secret

_LOCAL_DIR = Path(__file__).resolve().parent.parent.parent / env.LOCAL_DIR.text()
try:
    os.environ.setdefault(env.SECRET_KEY.name, local_secret(_LOCAL_DIR))
except OSError:
    # An unwritable folder: the database engine says so with a way out, if it is needed at all.
    os.environ.setdefault(env.SECRET_KEY.name, os.urandom(40).hex())
os.environ.setdefault(env.ALLOWED_HOSTS.name, "127.0.0.1,localhost,[::1]")
# The listener of somebody who tries webhooks runs beside the demo.
os.environ.setdefault(env.LOOPBACK_TARGETS.name, "true")

from backend.settings.base import *  # noqa: E402, F403

# Style sheets come from the folders of the apps; only production collects them first.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
