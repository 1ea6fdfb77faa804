"""What the page shell needs on every page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from backend.api.requests import actor_of
from backend.api.version import API_VERSION
from backend.notifications.public import Notification
from backend.web import navigation


def page_shell(request: HttpRequest) -> dict[str, Any]:
    """Theme, navigation and unread notifications, and where to return after a language switch."""
    user = getattr(request, "user", None)
    menu: list[navigation.NavigationLink | navigation.NavigationGroup] = []
    unread = 0
    if user is not None and user.is_authenticated:
        actor = actor_of(request)
        menu = navigation.menu_for(actor, request.path)
        unread = Notification.objects.visible_to(actor).unread().count()
    return {
        "unread_notifications": unread,
        "theme": settings.THEME,
        "navigation": menu,
        "api_version": API_VERSION,
        "languages": settings.LANGUAGES,
        "here": request.get_full_path() if request.method == "GET" else request.path,
    }
