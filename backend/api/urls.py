"""Addresses of the API that belong to no app: document, its pages, health."""

from django.urls import path, re_path

from backend.api import health, views

document_urlpatterns = [
    path("openapi.json", views.openapi, name="openapi"),
    path("docs", views.swagger, name="api_docs"),
    path("redoc", views.redoc, name="api_redoc"),
]
# Stands last: whatever no resource answers.
unknown_urlpatterns = [re_path(r"^api(?:/|$)", views.unknown_address, name="api_unknown")]
health_urlpatterns = [
    path("health", health.live, name="health"),
    path("health/ready", health.ready, name="health_ready"),
]
