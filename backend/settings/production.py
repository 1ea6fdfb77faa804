"""Settings of a real installation: everything over https, and no default that is unsafe.

Whatever is missing or unsafe is named at start-up, all of it at once; nothing starts half-safe.
"""

from django.core.exceptions import ImproperlyConfigured

from backend.common.logging import logging_settings
from backend.settings import env

SHORTEST_SECRET = 50


def _faults() -> list[str]:
    found = []
    if len(env.SECRET_KEY.optional()) < SHORTEST_SECRET:
        found.append(f"{env.SECRET_KEY.name}: at least {SHORTEST_SECRET} random characters.")
    if not env.DATABASE_URL.optional():
        found.append(f"{env.DATABASE_URL.name}: a PostgreSQL server; the own server is for demos.")
    if not env.ALLOWED_HOSTS.items() or "*" in env.ALLOWED_HOSTS.items():
        found.append(f"{env.ALLOWED_HOSTS.name}: the host names of this site, without *.")
    if not env.PUBLIC_URL.text().startswith("https://"):
        found.append(f"{env.PUBLIC_URL.name}: the https:// address of this site.")
    if not env.EMAIL_URL.text().startswith("smtp"):
        found.append(f"{env.EMAIL_URL.name}: a mail server; the console is for demos.")
    if env.DEMO.flag():
        found.append(f"{env.DEMO.name}: must be off; it offers log-ins to everybody.")
    return found


if _faults():
    raise ImproperlyConfigured(
        "Passend does not start: set these environment variables (docs/settings.md).\n- "
        + "\n- ".join(_faults())
    )

from backend.settings.base import *  # noqa: E402, F403

DEBUG = False
LOGGING = logging_settings(json=True, level=env.LOG_LEVEL.text())

# File names carry a hash, so that browsers may keep them for ever (`manage.py collectstatic`).
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SECURE_SSL_REDIRECT = True
# The health page is asked for over plain http by the platform the container runs on.
SECURE_REDIRECT_EXEMPT = [r"^health(/|$)"]
SECURE_HSTS_SECONDS = env.HSTS_SECONDS.number()
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = False
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if env.BEHIND_PROXY.flag():
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_TRUSTED_ORIGINS = [env.PUBLIC_URL.text().rstrip("/")]
