"""How openapi.json describes our authenticators and fields."""

from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = "backend.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "Key of a machine client, given by the functional administrator.",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "backend.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "Session of a logged-in browser; writing needs the X-CSRFToken header.",
        }


class ReferenceScheme(OpenApiSerializerFieldExtension):
    target_class = "backend.api.serializers.ReferenceField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, str]:
        return {"type": "string", "format": "uuid"}
