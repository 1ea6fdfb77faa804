"""The page shell; collects what the other apps declare for the navigation and the start page."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "backend.web"
    label = "web"
    verbose_name = _("Pages")

    def ready(self) -> None:
        """Every app's `web/navigation.py` and `web/dashboard.py` has been imported."""
        from django.contrib.auth.signals import user_logged_in

        from backend.web.middleware import remember_at_log_in

        autodiscover_modules("web.navigation", "web.dashboard")
        user_logged_in.connect(remember_at_log_in, dispatch_uid="web.language")
