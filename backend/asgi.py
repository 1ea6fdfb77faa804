"""Entry point for ASGI servers. Passend has no async code: prefer backend.wsgi, it is faster."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.development")
os.environ.setdefault("PASSEND_PROCESS", "web")

application = get_asgi_application()
