"""What the page shell needs on every page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from backend.api.requests import actor_of
from backend.api.version import API_VERSION
from backend.web import navigation


def page_shell(request: HttpRequest) -> dict[str, Any]:
    """Theme, navigation of this actor and the address to come back to after a language switch."""
    user = getattr(request, "user", None)
    links = (
        navigation.links_for(actor_of(request), request.path)
        if user is not None and user.is_authenticated
        else []
    )
    return {
        "theme": settings.THEME,
        "navigation": links,
        "version": API_VERSION,
        "languages": settings.LANGUAGES,
        "here": request.get_full_path() if request.method == "GET" else request.path,
    }
