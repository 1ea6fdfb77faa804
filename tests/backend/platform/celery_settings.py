"""Settings of the Celery worker that a test starts: mails go to files."""

from backend.settings.test import *  # noqa: F403

EMAIL_BACKEND = "tests.backend.platform.test_celery.SlowFileBackend"
