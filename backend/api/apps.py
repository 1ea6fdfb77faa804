from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "backend.api"
    label = "api"

    def ready(self) -> None:
        # Registers how our authenticators and fields are described in openapi.json.
        from backend.api import schema_extensions  # noqa: F401
