"""What openapi.json says beyond the serializers: headers, problems, idempotency, versions."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from backend.api.problems import PROBLEM_CONTENT_TYPE, TITLES

TEXT = {"type": "string"}
RESPONSE_NAMES: Mapping[int, str] = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    409: "Conflict",
    412: "PreconditionFailed",
    413: "ContentTooLarge",
    415: "UnsupportedMediaType",
    428: "PreconditionRequired",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServiceUnavailable",
}
DESCRIPTIONS = {
    "200": "Done.",
    "201": "Created.",
    "202": "Accepted; work goes on.",
    "204": "Removed.",
}
ALWAYS = (400, 401, 403, 404, 406, 429, 500, 503)
WITH_BODY = (409, 413, 415)
WITH_VERSION = (412, 428)

HEADERS: Mapping[str, dict[str, Any]] = {
    "API-Version": {"schema": TEXT, "required": True, "description": "Full version of the API."},
    "ETag": {"schema": TEXT, "required": True, "description": "Tag of this representation."},
    "Link": {
        "schema": TEXT,
        "required": True,
        "description": "RFC 8288 links to the first, prev, next and last page.",
    },
    "Total-Count": {
        "schema": {"type": "integer", "minimum": 0},
        "required": True,
        "description": "Rows on all pages together.",
    },
    "Location": {
        "schema": {"type": "string", "format": "uri-reference"},
        "required": True,
        "description": "Address of the new object.",
    },
    "Idempotency-Replayed": {
        "schema": {"type": "string", "enum": ["true"]},
        "description": "Present when this is the stored answer to an earlier request.",
    },
    "WWW-Authenticate": {"schema": TEXT, "description": "How to authenticate."},
    "Retry-After": {
        "schema": {"type": "integer", "minimum": 0},
        "description": "Seconds to wait before trying again.",
    },
}
REQUEST_HEADERS: Mapping[str, dict[str, Any]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Unique per command, such as a UUID. The same key and body give the same "
        "answer and change nothing again; kept for at least 24 hours.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The ETag of the version that was changed.",
        "schema": {"type": "string", "minLength": 1},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag that the client has; 304 when nothing changed.",
        "schema": {"type": "string", "minLength": 1},
    },
}
PROBLEM_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `detail` is a sentence in the language asked for.",
    "required": ["type", "title", "status", "detail", "instance", "code", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": TEXT,
        "instance": {
            "type": "string",
            "format": "uri",
            "description": "Reference of this request; stands in the log.",
        },
        "code": {"type": "string", "pattern": "^[a-z0-9_]+$"},
        "errors": {
            "type": "array",
            "description": "All faults of the request at once.",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {
                        "type": "string",
                        "description": "Dotted path in the body, a query key or a header.",
                    },
                    "code": TEXT,
                    "detail": TEXT,
                },
            },
        },
    },
}


def classes_without_own_description() -> list[type]:
    """Base classes whose docstring says nothing about the resource that inherits it."""
    from drf_spectacular.plumbing import get_lib_doc_excludes

    from backend.api import serializers as bases
    from backend.api import viewsets

    own = [bases.PassendSerializer, bases.PassendModelSerializer, bases.UtcDateTimeField]
    own_views = [viewsets.PassendViewSet, viewsets.ReadOnlyResource]
    return [*get_lib_doc_excludes(), *own, *own_views]


class PassendAutoSchema(AutoSchema):
    """Describes an operation of a PassendViewSet completely."""

    def get_tags(self) -> list[str]:
        tag = getattr(self.view, "tag", None)
        return [tag or self.view.model._meta.app_label]

    def get_request_serializer(self) -> Any:
        inputs = getattr(self.view, "input_serializers", {})
        return inputs.get(self.view.action)

    def get_response_serializers(self) -> Any:
        view = self.view
        if self.method == "DELETE":
            return {204: None}
        serializer: Any = view.serializer_class
        if audiences := getattr(view, "audiences", None):
            serializer = PolymorphicProxySerializer(
                component_name=f"{view.model.__name__}ByAudience",
                serializers=list(dict.fromkeys([serializer, *audiences.values()])),
                resource_type_field_name=None,
                many=view.action == "list",
            )
        elif view.action == "list":
            serializer = serializer(many=True)
        created = view.action in getattr(view, "created_actions", ("create",))
        return {201 if created else 200: serializer}

    def get_filter_backends(self) -> Any:
        return self.view.filter_backends if self._is_list_view() else []

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        self._add_request_headers(operation)
        self._add_response_headers(operation)
        self._add_problems(operation)
        return operation

    def _map_serializer_field(self, field: Any, direction: str, *args: Any, **kwargs: Any) -> Any:
        mapped = super()._map_serializer_field(field, direction, *args, **kwargs)
        if isinstance(field, serializers.TimeField) and isinstance(mapped, dict):
            # A lesson begins at a local time; `time` would be an absolute one (API Design Rules).
            mapped = {**mapped, "format": "time-local"}
        return mapped

    def _is_single_read(self) -> bool:
        return self.method == "GET" and self.view.action == "retrieve"

    def _add_request_headers(self, operation: dict[str, Any]) -> None:
        names = []
        if self.method == "POST":
            names.append("IdempotencyKey")
        if self.method in {"PUT", "PATCH", "DELETE"}:
            names.append("IfMatch")
        if self._is_single_read():
            names.append("IfNoneMatch")
        references = [{"$ref": f"#/components/parameters/{name}"} for name in names]
        if references:
            operation["parameters"] = [*operation.get("parameters", []), *references]

    def _add_response_headers(self, operation: dict[str, Any]) -> None:
        is_list = self._is_list_view()
        if self._is_single_read():
            operation["responses"]["304"] = {"description": "The client has this representation."}
        for status, response in operation["responses"].items():
            response["description"] = response.get("description") or DESCRIPTIONS[status]
            names = ["API-Version"]
            if status != "204":
                names += ["Link", "Total-Count"] if is_list else ["ETag"]
            if status == "201":
                names.append("Location")
            if self.method == "POST":
                names.append("Idempotency-Replayed")
            response["headers"] = {name: _header(name) for name in names}

    def _add_problems(self, operation: dict[str, Any]) -> None:
        statuses: set[int] = set(ALWAYS)
        if self.method in {"POST", "PUT", "PATCH"}:
            statuses.update(WITH_BODY)
        if self.method == "DELETE":
            statuses.add(409)
        if self.method in {"PUT", "PATCH", "DELETE"}:
            statuses.update(WITH_VERSION)
        for status in sorted(statuses):
            operation["responses"][str(status)] = {
                "$ref": f"#/components/responses/{RESPONSE_NAMES[status]}"
            }


def _header(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{name}"}


def _problem_response(status: int) -> dict[str, Any]:
    headers = {"API-Version": _header("API-Version")}
    if status == 401:
        headers["WWW-Authenticate"] = _header("WWW-Authenticate")
    if status in {409, 429, 503}:
        headers["Retry-After"] = _header("Retry-After")
    return {
        "description": str(TITLES[status]),
        "headers": headers,
        "content": {
            PROBLEM_CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}},
        },
    }


def add_shared_components(result: dict[str, Any], **_unused: Any) -> dict[str, Any]:
    """Adds what operations refer to: headers, parameters, problem responses."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = dict(PROBLEM_SCHEMA)
    components["headers"] = {name: dict(header) for name, header in HEADERS.items()}
    components["parameters"] = {name: dict(one) for name, one in REQUEST_HEADERS.items()}
    components["responses"] = {
        name: _problem_response(status) for status, name in RESPONSE_NAMES.items()
    }
    return result
