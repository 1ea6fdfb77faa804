"""Turns PASSEND_EMAIL_URL into Django's mail settings."""

from typing import Any
from urllib.parse import unquote, urlsplit

BACKENDS = "django.core.mail.backends"
# A mail server that does not answer must not hold a background transaction for longer.
TIMEOUT_SECONDS = 20


def email_settings(url: str) -> dict[str, Any]:
    """Settings for smtp:// (STARTTLS), smtps:// (TLS), smtp+plain:// (none), console:// or memory://.

    Raises ValueError for any other address.
    """
    parts = urlsplit(url)
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": f"{BACKENDS}.console.EmailBackend"}
    if parts.scheme == "memory":
        return {"EMAIL_BACKEND": f"{BACKENDS}.locmem.EmailBackend"}
    if parts.scheme not in {"smtp", "smtps", "smtp+plain"} or not parts.hostname:
        raise ValueError(
            "PASSEND_EMAIL_URL must be smtp://, smtps:// or smtp+plain://user:password@host:port, "
            "or console://."
        )
    return {
        "EMAIL_BACKEND": f"{BACKENDS}.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or {"smtp": 587, "smtps": 465, "smtp+plain": 25}[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": TIMEOUT_SECONDS,
    }
