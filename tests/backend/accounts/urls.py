"""All addresses, and two that say who is logged in: one page and one below /api/."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from backend.urls import urlpatterns as real_urlpatterns


def inside(request: HttpRequest) -> HttpResponse:
    return HttpResponse(getattr(request.user, "full_name", ""))


urlpatterns = [path("inside", inside), path("api/inside", inside), *real_urlpatterns]
