"""Entry point of the web server: `granian --interface wsgi backend.wsgi:application`."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.development")
os.environ.setdefault("PASSEND_PROCESS", "web")

application = get_wsgi_application()

# Everything that lives as long as the process is loaded now, and left alone by the collector: going
# through it again and again costs a tenth of the CPU of a request.
get_resolver()._populate()
gc.collect()
gc.freeze()
