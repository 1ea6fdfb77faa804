"""Settings of the test suite: quick password hashing, mails in memory, nothing from outside."""

import os

os.environ.setdefault("PASSEND_SECRET_KEY", "only-for-tests")

from backend.settings.base import *  # noqa: F403
from backend.web.translations import ensure_built

ensure_built(BASE_DIR / "locale")  # noqa: F405

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# A test's own transaction is rolled back; a second connection would leave rows behind. The tests
# of the access log itself switch it on.
ACCESS_LOG_OWN_CONNECTION = False
# Most tests visit pages without a second factor; those of the second factor switch it on.
MFA_REQUIRED_FOR_IDENTITY = False
# Nothing is collected for tests; the live server finds the files in the apps.
STATIC_ROOT = None
