"""Entry point of the web server: `granian --interface wsgi backend.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.development")
os.environ.setdefault("PASSEND_PROCESS", "web")

application = get_wsgi_application()
