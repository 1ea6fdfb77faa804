"""The Celery application: `celery -A backend.celery worker` and `... beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.development")
os.environ.setdefault("PASSEND_PROCESS", "worker")

app = Celery("passend")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
