"""The references of the API benchmark: what a careful developer writes with the stock parts, and
the least that Python can do with the same SQL."""

from collections.abc import Callable, Iterable
from datetime import UTC
from typing import Any

import django_filters
import orjson
import psycopg
from django.urls import include, path
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import serializers
from rest_framework.filters import OrderingFilter
from rest_framework.generics import RetrieveAPIView
from rest_framework.pagination import PageNumberPagination
from rest_framework.renderers import JSONRenderer
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ModelViewSet

from backend.api.requests import actor_of
from backend.organisations.permissions import Permission
from backend.urls import urlpatterns as real_urlpatterns
from providers.choices import IntakeStatus
from providers.models import Course, CourseGroup, IntakeMoment, Location, Provider
from tests.benchmarks.api_declared import stock_urls


class StockProvider(serializers.ModelSerializer):
    id = serializers.UUIDField(source="uuid")
    name = serializers.CharField(source="organisation.name")

    class Meta:
        model = Provider
        fields = ("id", "name")


class StockCourse(serializers.ModelSerializer):
    id = serializers.UUIDField(source="uuid")
    provider = StockProvider()

    class Meta:
        model = Course
        fields = (
            "id",
            "code",
            "name",
            "component",
            "level_from",
            "level_to",
            "target_level",
            "mode",
            "provider",
        )


class StockLocation(serializers.ModelSerializer):
    id = serializers.UUIDField(source="uuid")

    class Meta:
        model = Location
        fields = ("id", "name", "place", "postcode", "latitude", "longitude")


class StockGroup(serializers.ModelSerializer):
    id = serializers.UUIDField(source="uuid")
    course = StockCourse()
    location = StockLocation()

    class Meta:
        model = CourseGroup
        fields = ("id", "code", "course", "location")


class StockIntakeMoment(serializers.ModelSerializer):
    id = serializers.UUIDField(source="uuid")
    group = StockGroup()
    seats_free = serializers.IntegerField()
    created_at = serializers.DateTimeField(default_timezone=UTC)

    class Meta:
        model = IntakeMoment
        fields = (
            "id",
            "group",
            "start_date",
            "end_date",
            "seats_total",
            "seats_free",
            "status",
            "created_at",
        )


class StockFilter(django_filters.FilterSet):
    """As many filters as ours, in the ordinary way."""

    group = django_filters.UUIDFilter("group__uuid")
    course = django_filters.UUIDFilter("group__course__uuid")
    provider = django_filters.UUIDFilter("group__course__provider__uuid")
    location = django_filters.UUIDFilter("group__location__uuid")
    place = django_filters.CharFilter("group__location__place", "iexact")
    component = django_filters.CharFilter("group__course__component")
    target_level = django_filters.CharFilter("group__course__target_level")
    starts_from = django_filters.DateFilter("start_date", "gte")
    starts_until = django_filters.DateFilter("start_date", "lte")
    ends_until = django_filters.DateFilter("end_date", "lte")
    seats_total_min = django_filters.NumberFilter("seats_total", "gte")
    seats_free_min = django_filters.NumberFilter("seats_free", "gte")
    status = django_filters.MultipleChoiceFilter(choices=IntakeStatus.choices)

    class Meta:
        model = IntakeMoment
        fields: list[str] = []


class StockPagination(PageNumberPagination):
    page_size_query_param = "page_size"
    max_page_size = 100


class StockQueries:
    """Joins as ours: the reference is not slow through repeated queries."""

    serializer_class = StockIntakeMoment
    renderer_classes = [JSONRenderer]
    lookup_field = "uuid"
    action = "list"

    def permission_for(self, action: str | None) -> tuple[Permission, ...]:
        return (Permission.VIEW_CATALOGUE,)

    def get_queryset(self) -> Any:
        return (
            IntakeMoment.objects.visible_to(actor_of(self.request))  # type: ignore[attr-defined]
            .with_seats_free()
            .select_related("group__course__provider__organisation", "group__location")
        )


class StockViewSet(StockQueries, ModelViewSet):
    filter_backends = [DjangoFilterBackend, OrderingFilter]
    filterset_class = StockFilter
    ordering_fields = ["start_date", "end_date"]
    pagination_class = StockPagination


class StockRetrieve(StockQueries, RetrieveAPIView):
    pass


router = SimpleRouter(trailing_slash=False)
router.register("stock/intake-moments", StockViewSet, basename="stock")
urlpatterns = [
    path("stock/single/<uuid:uuid>", StockRetrieve.as_view()),
    path("", include(router.urls)),
    *stock_urls(),
    *real_urlpatterns,
]


def bare_list(
    connection: psycopg.Connection[Any], page_sql: str, count_sql: str, head: dict[str, int]
) -> Callable[..., Iterable[bytes]]:
    """WSGI, psycopg and orjson: no authentication, no checks; the same SQL and bytes."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        cursor = connection.cursor()
        items = [
            {
                "id": r[0],
                "group": {
                    "id": r[2],
                    "code": r[3],
                    "course": {
                        "id": r[5],
                        "code": r[6],
                        "name": r[7],
                        "component": r[8],
                        "levelFrom": r[9],
                        "levelTo": r[10],
                        "targetLevel": r[11],
                        "mode": r[12],
                        "provider": {"id": r[14], "name": r[15]},
                    },
                    "location": {
                        "id": r[17],
                        "name": r[18],
                        "place": r[19],
                        "postcode": r[20],
                        "latitude": r[21],
                        "longitude": r[22],
                    },
                },
                "startDate": r[23],
                "endDate": r[24],
                "seatsTotal": r[25],
                "seatsFree": r[26],
                "status": r[27],
                "createdAt": r[28],
            }
            for r in cursor.execute(page_sql).fetchall()
        ]
        total = cursor.execute(count_sql).fetchone()[0]  # type: ignore[index]
        body = orjson.dumps({"items": items, **head, "total": total}, option=orjson.OPT_UTC_Z)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [body]

    return application
