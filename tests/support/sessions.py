"""Log-ins of tests that skip the log-in page."""

import time

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.test import Client

from backend.accounts.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"


def log_in(client: Client, user: User, *, second_factor: bool = True) -> None:
    """Logs `user` in, by default as after a password and a second factor."""
    client.force_login(user, backend=BACKEND)
    if second_factor:
        session = client.session
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            {"method": "password", "at": time.time()},
            {"method": "mfa", "at": time.time(), "type": "totp"},
        ]
        session.save()
