"""All addresses; each app brings its own."""

from django.urls import URLPattern, URLResolver, include, path

from backend.api.routers import ResourceResolver
from backend.api.urls import document_urlpatterns, health_urlpatterns, unknown_urlpatterns

handler400 = "backend.web.views.bad_request"
handler403 = "backend.web.views.permission_denied"
handler404 = "backend.web.views.page_not_found"
handler500 = "backend.web.views.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    # First: machines ask more often than people, and every address before it would be tried.
    ResourceResolver(
        "api/v1/",
        [
            *document_urlpatterns,
            path("", include("backend.api.administration_urls")),
            path("", include("backend.feed.api.urls")),
            path("", include("providers.api.urls")),
            path("", include("procurement.api.urls")),
            path("", include("procurement.api.money_urls")),
            path("", include("matching.api.urls")),
            path("", include("matching.api.waiting_urls")),
            path("", include("quality.api.urls")),
        ],
    ),
    path("api/oeapi/v6", include("providers.oeapi.urls")),
    path("", include("backend.web.urls")),
    path("", include("backend.feed.web.urls")),
    path("", include("providers.web.urls")),
    path("", include("procurement.web.urls")),
    path("", include("procurement.web.pool_urls")),
    path("", include("procurement.web.money_urls")),
    path("", include("matching.web.waiting_urls")),
    path("", include("matching.web.urls")),
    path("", include("matching.web.letter_urls")),
    path("", include("matching.web.person_urls")),
    path("", include("quality.web.urls")),
    path("", include(health_urlpatterns)),
    path("", include(unknown_urlpatterns)),
]
