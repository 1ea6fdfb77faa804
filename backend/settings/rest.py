"""Settings of the API: REST framework and the OpenAPI document."""

from typing import Any

from backend.api.version import API_BASE_PATH, API_VERSION

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "backend.api.authentication.ApiKeyAuthentication",
        "backend.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["backend.api.permissions.HoldsPermission"],
    "DEFAULT_RENDERER_CLASSES": ["backend.api.renderers.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["backend.api.parsers.OrjsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "backend.api.negotiation.JsonNegotiation",
    "DEFAULT_SCHEMA_CLASS": "backend.api.schema.PassendAutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "backend.api.exceptions.handle_exception",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Passend",
    "DESCRIPTION": (
        "Marketplace and control room for civic integration courses under the Wet inburgering "
        "2021. Follows the NLGov REST API Design Rules 2.2."
    ),
    "VERSION": API_VERSION,
    "CONTACT": {
        "name": "Passend",
        "url": "https://passend.example/contact",
        "email": "api@passend.example",
    },
    "LICENSE": {"name": "EUPL-1.2", "url": "https://eupl.eu/1.2/en/"},
    # Replaced by the address of the installation when the document is served.
    "SERVERS": [{"url": f"https://passend.example{API_BASE_PATH}"}],
    "SCHEMA_PATH_PREFIX": API_BASE_PATH,
    "SCHEMA_PATH_PREFIX_TRIM": True,
    "SCHEMA_COERCE_PATH_PK_SUFFIX": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_NO_READ_ONLY_REQUIRED": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SORT_OPERATION_PARAMETERS": False,
    "GET_LIB_DOC_EXCLUDES": "backend.api.schema.classes_without_own_description",
    "TAGS": [
        {"name": "providers", "description": "Providers and what they offer."},
        {"name": "procurement", "description": "Lots, contracts and tariffs."},
        {"name": "matching", "description": "PIPs, recommendations, holds and placements."},
        {"name": "feed", "description": "What happened: the change feed, and webhooks."},
        {"name": "quality", "description": "Attendance, progress, outcomes and indicators."},
    ],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "backend.api.schema.add_shared_components",
    ],
}
