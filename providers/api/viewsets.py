"""The catalogue: providers, their locations, courses, groups and intake moments."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from backend.api.viewsets import CreateOperation, ReadOnlyResource, UpdateOperation
from backend.organisations.permissions import Permission
from providers.api import filtersets, inputs, serializers
from providers.choices import COMPONENT_KINDS, IntakeStatus
from providers.models import Course, CourseGroup, IntakeMoment, Location, Provider
from providers.services.catalogue import (
    course_add,
    group_add,
    intake_moment_change_status,
    intake_moment_publish,
)
from providers.services.drafts import (
    CourseDraft,
    GroupDraft,
    IntakeDraft,
    LocationDraft,
    SlotDraft,
)
from providers.services.editing import course_update, group_update, location_update
from providers.services.intake_moments import intake_moment_move
from providers.services.provider import location_add, provider_update
from providers.services.seats import intake_moment_set_seats

REGISTRARS = (Permission.MANAGE_CONTRACTS, Permission.MANAGE_ACCOUNTS)


class OwnRows(CreateOperation, UpdateOperation):
    """Rows that everybody in the chain reads and the planners of their provider write."""

    action_permissions: ClassVar[Mapping[str, Permission | Sequence[Permission]]] = {
        "create": Permission.MANAGE_CATALOGUE,
        "partial_update": Permission.MANAGE_CATALOGUE,
    }


class ProviderViewSet(UpdateOperation, ReadOnlyResource):
    """Providers of courses, with their quality marks over time."""

    model = Provider
    serializer_class = serializers.ProviderSerializer
    filterset_class = filtersets.ProviderFilterSet
    sortable = {"name": "organisation__name", "createdAt": "created_at"}
    default_order = ("organisation__name",)
    required_permission = Permission.VIEW_CATALOGUE
    action_permissions = {"partial_update": (Permission.MANAGE_CATALOGUE, *REGISTRARS)}
    input_serializers = {"partial_update": inputs.ProviderChange}

    def perform_update(self, instance: Provider, data: dict[str, Any]) -> Provider:
        return provider_update(actor=self.actor, provider=instance, **data)


class LocationViewSet(OwnRows, ReadOnlyResource):
    """Addresses where lessons are given."""

    model = Location
    serializer_class = serializers.LocationSerializer
    filterset_class = filtersets.LocationFilterSet
    sortable = {"name": "name", "place": "place", "provider": "provider__organisation__name"}
    default_order = ("place", "name")
    required_permission = Permission.VIEW_CATALOGUE
    input_serializers = {"create": inputs.LocationInput, "partial_update": inputs.LocationChange}

    def perform_create(self, data: dict[str, Any]) -> Location:
        provider = data.pop("provider")
        return location_add(actor=self.actor, provider=provider, draft=LocationDraft(**data))

    def perform_update(self, instance: Location, data: dict[str, Any]) -> Location:
        return location_update(actor=self.actor, location=instance, **data)


class CourseViewSet(OwnRows, ReadOnlyResource):
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
    input_serializers = {"create": inputs.CourseInput, "partial_update": inputs.CourseChange}

    def perform_create(self, data: dict[str, Any]) -> Course:
        provider = data.pop("provider")
        if data["kind"] in COMPONENT_KINDS:
            data.setdefault("component", data["kind"])
        draft = CourseDraft(**{"component": "", **data})
        return course_add(actor=self.actor, provider=provider, draft=draft)

    def perform_update(self, instance: Course, data: dict[str, Any]) -> Course:
        return course_update(actor=self.actor, course=instance, **data)


class CourseGroupViewSet(OwnRows, ReadOnlyResource):
    """Groups of courses with their weekly lessons."""

    model = CourseGroup
    serializer_class = serializers.CourseGroupSerializer
    filterset_class = filtersets.CourseGroupFilterSet
    sortable = {"code": "code", "course": "course__name", "place": "location__place"}
    default_order = ("code",)
    required_permission = Permission.VIEW_CATALOGUE
    input_serializers = {
        "create": inputs.CourseGroupInput,
        "partial_update": inputs.CourseGroupChange,
    }

    def perform_create(self, data: dict[str, Any]) -> CourseGroup:
        slots = tuple(SlotDraft(**slot) for slot in data.pop("weekly_slots"))
        draft = GroupDraft(slots=slots, **data)
        return group_add(actor=self.actor, provider=draft.course.provider, draft=draft)

    def perform_update(self, instance: CourseGroup, data: dict[str, Any]) -> CourseGroup:
        lessons = data.pop("weekly_slots", None)
        slots = None if lessons is None else [SlotDraft(**slot) for slot in lessons]
        return group_update(actor=self.actor, group=instance, slots=slots, **data)


class IntakeMomentViewSet(OwnRows, ReadOnlyResource):
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
    action_permissions = {
        **OwnRows.action_permissions,
        **dict.fromkeys(("move", "publish", "close", "cancel"), Permission.MANAGE_CATALOGUE),
    }
    input_serializers = {
        "create": inputs.IntakeMomentInput,
        "partial_update": inputs.SeatsInput,
        "move": inputs.MoveInput,
        "close": inputs.ReasonInput,
        "cancel": inputs.ReasonInput,
    }

    def perform_create(self, data: dict[str, Any]) -> IntakeMoment:
        draft = IntakeDraft(**data)
        provider = draft.group.course.provider
        return intake_moment_publish(actor=self.actor, provider=provider, draft=draft)

    def perform_update(self, instance: IntakeMoment, data: dict[str, Any]) -> IntakeMoment:
        if not data:
            return instance
        return intake_moment_set_seats(actor=self.actor, intake_moment_id=instance.pk, **data)

    @action(detail=True, methods=["post"])
    def move(self, request: Request, id: UUID) -> HttpResponse:
        """The start on another day; everybody with a place keeps it and is told."""
        start = self.visible_object(id)
        return self.command(
            request,
            lambda data: intake_moment_move(actor=self.actor, intake_moment_id=start.pk, **data),
        )

    def _status(self, request: Request, id: UUID, status: IntakeStatus) -> HttpResponse:
        start = self.visible_object(id)
        return self.command(
            request,
            lambda data: intake_moment_change_status(
                actor=self.actor, intake_moment_id=start.pk, status=status, **data
            ),
        )

    @action(detail=True, methods=["post"])
    def publish(self, request: Request, id: UUID) -> HttpResponse:
        """Opens a draft or closed start for placements."""
        return self._status(request, id, IntakeStatus.PUBLISHED)

    @action(detail=True, methods=["post"])
    def close(self, request: Request, id: UUID) -> HttpResponse:
        """Nobody can be placed any more; everybody with a place keeps it."""
        return self._status(request, id, IntakeStatus.CLOSED)

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, id: UUID) -> HttpResponse:
        """The start does not take place; municipalities of everybody with a place are told."""
        return self._status(request, id, IntakeStatus.CANCELLED)

    prepared_once = True

    def prepared(self, queryset: Any) -> Any:
        return queryset.with_seats_free()
