"""The catalogue: providers, their locations, courses, groups and intake moments."""

from typing import Any

from backend.api.viewsets import ReadOnlyResource
from backend.organisations.permissions import Permission
from providers.api import filtersets, serializers
from providers.models import Course, CourseGroup, IntakeMoment, Location, Provider


class ProviderViewSet(ReadOnlyResource):
    """Providers of courses, with their quality marks over time."""

    model = Provider
    serializer_class = serializers.ProviderSerializer
    filterset_class = filtersets.ProviderFilterSet
    sortable = {"name": "organisation__name", "createdAt": "created_at"}
    default_order = ("organisation__name",)
    required_permission = Permission.VIEW_CATALOGUE


class LocationViewSet(ReadOnlyResource):
    """Addresses where lessons are given."""

    model = Location
    serializer_class = serializers.LocationSerializer
    filterset_class = filtersets.LocationFilterSet
    sortable = {"name": "name", "place": "place", "provider": "provider__organisation__name"}
    default_order = ("place", "name")
    required_permission = Permission.VIEW_CATALOGUE


class CourseViewSet(ReadOnlyResource):
    """Courses as providers describe them, whether or not a region has contracted them."""

    model = Course
    serializer_class = serializers.CourseSerializer
    filterset_class = filtersets.CourseFilterSet
    sortable = {
        "name": "name",
        "code": "code",
        "component": "component",
        "targetLevel": "target_level",
        "hoursPerWeek": "hours_per_week",
        "provider": "provider__organisation__name",
    }
    default_order = ("name",)
    required_permission = Permission.VIEW_CATALOGUE


class CourseGroupViewSet(ReadOnlyResource):
    """Groups of courses with their weekly lessons."""

    model = CourseGroup
    serializer_class = serializers.CourseGroupSerializer
    filterset_class = filtersets.CourseGroupFilterSet
    sortable = {"code": "code", "course": "course__name", "place": "location__place"}
    default_order = ("code",)
    required_permission = Permission.VIEW_CATALOGUE


class IntakeMomentViewSet(ReadOnlyResource):
    """Dates on which participants can start in a group, with the seats that are free."""

    model = IntakeMoment
    serializer_class = serializers.IntakeMomentSerializer
    filterset_class = filtersets.IntakeMomentFilterSet
    sortable = {
        "startDate": "start_date",
        "endDate": "end_date",
        "seatsTotal": "seats_total",
        "seatsFree": "seats_free",
        "place": "group__location__place",
    }
    default_order = ("start_date",)
    required_permission = Permission.VIEW_CATALOGUE
    prepared_once = True

    def prepared(self, queryset: Any) -> Any:
        return queryset.with_seats_free()
