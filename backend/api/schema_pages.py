"""How lists are described in openapi.json; the behaviour itself is in filters and pagination."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework.filters import BaseFilterBackend
from rest_framework.pagination import BasePagination
from rest_framework.request import Request

from backend.api.pagination import (
    DEFAULT_PAGE_SIZE,
    MAX_CLIENT_PAGE_SIZE,
    MAX_OFFSET,
    PAGE_KEY,
    SIZE_KEY,
    SORT_KEY,
    sort_schema,
)


class ParameterDescription(BaseFilterBackend):
    """Describes the filters of a view; ListOperation applies them."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> QuerySet[Any]:
        return queryset

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        filters = view.filterset_class.ready_filters() if view.filterset_class else {}
        return [
            _query(key, one.schema, str(one.extra.get("help_text") or ""))
            for key, one in filters.items()
        ]


class PageDescription(BasePagination):
    """Describes `page`, `pageSize` and `sort`, and the object around a list."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> None:
        return None

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        page = {"type": "integer", "minimum": 1, "maximum": MAX_OFFSET, "default": 1}
        size = {
            "type": "integer",
            "minimum": 1,
            "maximum": MAX_CLIENT_PAGE_SIZE,
            "default": DEFAULT_PAGE_SIZE,
        }
        parameters = [
            _query(PAGE_KEY, page, "Number of the page, counted from 1."),
            _query(SIZE_KEY, size, "Rows per page: at most 100 for browsers, 500 for API keys."),
        ]
        if view.sortable:
            text = "Keys to sort on, separated by commas; a minus sign reverses the order."
            parameters.append(_query(SORT_KEY, sort_schema(view.sortable), text))
        return parameters

    def get_paginated_response_schema(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        number = {"type": "integer", "minimum": 0}
        return {
            "type": "object",
            "required": ["items", "page", "pageSize", "total"],
            "properties": {
                "items": schema,
                "page": number,
                "pageSize": number,
                "total": {**number, "description": "Rows on all pages together."},
            },
        }


def _query(name: str, schema: Mapping[str, Any], description: str) -> dict[str, Any]:
    parameter: dict[str, Any] = {"name": name, "in": "query", "required": False, "schema": schema}
    if description:
        parameter["description"] = description
    if schema.get("type") == "array":
        parameter |= {"style": "form", "explode": False}
    return parameter
