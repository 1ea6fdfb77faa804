"""A resource for tests only: it can be created, changed and made to fail in every way."""

from typing import Any

from django.urls import include, path
from rest_framework import serializers
from rest_framework.decorators import action

from backend.api.routers import PassendRouter
from backend.api.serializers import PassendModelSerializer, PassendSerializer, ReferenceField
from backend.api.viewsets import CreateOperation, ReadOnlyResource, UpdateOperation
from backend.common import errors
from backend.common.errors import Violation
from backend.organisations.permissions import Permission
from backend.urls import urlpatterns as real_urlpatterns
from providers.models import Location, Provider


class WorkshopSerializer(PassendModelSerializer):
    class Meta:
        model = Location
        fields = ("id", "code", "name", "house_number")


class SlotInput(PassendSerializer):
    start_time = serializers.TimeField()


class WorkshopInput(PassendSerializer):
    provider = ReferenceField(Provider)
    name = serializers.CharField(max_length=10)
    house_number = serializers.CharField(required=False)
    weekly_slots = SlotInput(many=True, required=False)


class WorkshopChange(PassendSerializer):
    name = serializers.CharField(max_length=10)


class FailInput(PassendSerializer):
    how = serializers.CharField()


FAILURES: dict[str, Exception] = {
    "invalid": errors.InvalidError(
        violations=[Violation("weekly_slots.0.start_time", "slot_clash", "Te vroeg.")]
    ),
    "conflict": errors.ConflictError(),
    "not_allowed": errors.NotAllowedError(),
    "not_found": errors.NotFoundError(),
    "precondition_failed": errors.PreconditionFailedError(),
    "busy": errors.BusyError(),
    "crash": ZeroDivisionError("secret detail"),
}


class WorkshopViewSet(CreateOperation, UpdateOperation, ReadOnlyResource):
    model = Location
    serializer_class = WorkshopSerializer
    required_permission = Permission.VIEW_CATALOGUE
    action_permissions = {"create": Permission.PLACE}
    input_serializers = {
        "create": WorkshopInput,
        "partial_update": WorkshopChange,
        "fail": FailInput,
    }
    max_body_bytes = 2000

    def perform_create(self, data: dict[str, Any]) -> Location:
        data.pop("weekly_slots", None)
        number = Location.objects.count()
        return Location.objects.create(
            code=f"W{number}", place="Utrecht", latitude=52, longitude=5, **data
        )

    def perform_update(self, instance: Location, data: dict[str, Any]) -> Location:
        instance.name = data["name"]
        instance.save()
        return instance

    @action(detail=True, methods=["post"])
    def fail(self, request: Any, id: Any) -> Any:
        location = self.visible_object(id)

        def run(data: dict[str, Any]) -> Location:
            location.name = "halfway"
            location.save()
            raise FAILURES[data["how"]]

        return self.command(request, run)


router = PassendRouter()
router.register("workshops", WorkshopViewSet, basename="workshop")
urlpatterns = [path("api/v1/", include(router.urls)), *real_urlpatterns]
