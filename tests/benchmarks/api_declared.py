"""References made from our own declarations, for the resources of targets 1 and 4.

The stock twin is a ModelViewSet with the same serializer, run by REST framework itself, the same
filters as an ordinary FilterSet, and the joins a careful developer would ask for. The bare twin
runs the same SQL with psycopg and writes the same bytes with orjson.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
from django.urls import path
from django_filters.constants import EMPTY_VALUES
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.filters import OrderingFilter
from rest_framework.generics import RetrieveAPIView
from rest_framework.pagination import PageNumberPagination
from rest_framework.renderers import JSONRenderer
from rest_framework.viewsets import ModelViewSet

from backend.api.requests import actor_of
from backend.api.shapes import Shape, compile_shape
from procurement.api.viewsets import ContractViewSet
from providers.api.viewsets import CourseViewSet, IntakeMomentViewSet, ProviderViewSet


@dataclass(frozen=True)
class Declared:
    """A resource of which list and object are measured, with the query of its list."""

    name: str
    view: Any
    query: str

    @property
    def shape(self) -> Shape:
        return compile_shape(self.view.serializer_class, self.view.model)

    @property
    def order(self) -> str:
        return ",".join((*self.view.default_order, "id"))


DECLARED = (
    Declared("providers", ProviderViewSet, "search=School"),
    Declared("courses", CourseViewSet, "component=B,Z&hoursPerWeekMin=2"),
    Declared("intake-moments", IntakeMomentViewSet, "status=published&startsFrom=2027-01-04"),
    Declared("contracts", ContractViewSet, "status=active"),
)


class _Pages(PageNumberPagination):
    page_size_query_param = "pageSize"
    max_page_size = 100


def _relations(columns: Iterable[str]) -> set[str]:
    """Paths of relations to one object that these columns read."""
    return {path for path, _, _column in (one.rpartition("__") for one in columns) if path}


def _twin(declared: Declared) -> tuple[Any, Any]:
    view, shape = declared.view, declared.shape
    many = sorted(path for part in shape.many for path in _relations(part.columns))

    class StockFilterSet(view.filterset_class):  # type: ignore[misc,name-defined]
        """Builds its form as usual; filters that are not asked are passed over, as by Django's."""

        def filter_queryset(self, queryset: Any) -> Any:
            for name, value in self.form.cleaned_data.items():
                if value not in EMPTY_VALUES:
                    queryset = self.filters[name].filter(queryset, value)
            return queryset

    class Queries:
        serializer_class = view.serializer_class
        renderer_classes = [JSONRenderer]
        lookup_field = "uuid"
        action = "list"

        def permission_for(self, action: str | None) -> Any:
            return view().permission_for("list")

        def get_queryset(self) -> Any:
            rows = view.model.objects.visible_to(actor_of(self.request))  # type: ignore[attr-defined]
            rows = view().prepared(rows).order_by(*declared.order.split(","))
            return rows.select_related(*_relations(shape.columns)).prefetch_related(*many)

    class StockList(Queries, ModelViewSet):
        filter_backends = [DjangoFilterBackend, OrderingFilter]
        filterset_class = StockFilterSet
        pagination_class = _Pages

    class StockSingle(Queries, RetrieveAPIView):
        pass

    return StockList, StockSingle


def stock_urls() -> list[Any]:
    urls = []
    for one in DECLARED:
        listed, single = _twin(one)
        urls += [
            path(f"declared/{one.name}", listed.as_view({"get": "list"})),
            path(f"declared/{one.name}/<uuid:uuid>", single.as_view()),
        ]
    return urls


def bare_list(
    connection: psycopg.Connection[Any], statements: list[str], shape: Shape, head: dict[str, int]
) -> Callable[..., Iterable[bytes]]:
    """WSGI, psycopg and orjson: page, relations to many and count, with the SQL of ours."""
    page_sql, *many_sql, count_sql = statements

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        cursor = connection.cursor()
        rows = cursor.execute(page_sql).fetchall()
        children = []
        for part, sql in zip(shape.many, many_sql, strict=True):
            grouped: dict[Any, list[Any]] = defaultdict(list)
            for child in cursor.execute(sql).fetchall():
                grouped[child[0]].append(part.shaper(child[1:], ()))
            children.append([grouped.get(row[part.position], []) for row in rows])
        many = list(zip(*children, strict=True)) if children else [()] * len(rows)
        items = list(map(shape.shaper, rows, many))
        total = cursor.execute(count_sql).fetchone()[0]  # type: ignore[index]
        body = orjson.dumps(
            {"items": items, **head, "total": total}, default=str, option=orjson.OPT_UTC_Z
        )
        start_response("200 OK", [("Content-Type", "application/json")])
        return [body]

    return application
