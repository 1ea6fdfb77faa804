"""The Celery application: `celery -A backend.celery worker` and `celery -A backend.celery beat`."""

import os

import django
from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.development")
os.environ.setdefault("PASSEND_PROCESS", "worker")
# Before the schedule is imported: it reaches models.
django.setup()

from backend.schedule import beat_schedule  # noqa: E402

app = Celery("passend")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = beat_schedule()
