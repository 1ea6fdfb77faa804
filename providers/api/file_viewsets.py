"""What is on file about providers: recognition, contacts, documents, teachers, intake stops."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.http import HttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from backend.api.files import FileInput, FileOperations
from backend.api.viewsets import CreateOperation, ReadOnlyResource
from backend.organisations.permissions import Permission
from providers.api import filtersets, inputs, serializers
from providers.api.viewsets import REGISTRARS, OwnRows
from providers.models import (
    DeliveryParty,
    IntakeStop,
    ProviderContact,
    ProviderDocument,
    QualityMark,
    Teacher,
    TeacherHours,
)
from providers.querysets import CONTACT_READERS
from providers.services.document_files import document_file_set, require_read_file
from providers.services.files import contact_save, delivery_party_save, document_add
from providers.services.provider import quality_mark_record
from providers.services.stops import (
    StopDraft,
    stop_decide,
    stop_impose,
    stop_lift,
    stop_request,
    stop_withdraw,
)
from providers.services.teachers import teacher_assign, teacher_save

OWN = Permission.MANAGE_CATALOGUE
PARTIES = (OWN, Permission.VIEW_CONTRACTS, Permission.MANAGE_CONTRACTS, Permission.PLACE)


class SavedRows(OwnRows):
    """Rows that one service makes and changes: it takes every field, and the row as `saved_as`."""

    saved_as: ClassVar[str]
    saved_fields: ClassVar[Sequence[str]]

    def perform_update(self: Any, instance: Any, data: dict[str, Any]) -> models.Model:
        known = {name: getattr(instance, name) for name in self.saved_fields}
        return self.perform_create(
            {"provider": instance.provider, self.saved_as: instance, **known, **data}
        )


class QualityMarkViewSet(CreateOperation, ReadOnlyResource):
    """Recognitions over time; recording one ends the period before it (R-KEU-1, R-KEU-2)."""

    model = QualityMark
    serializer_class = serializers.QualityMarkRecord
    filterset_class = filtersets.QualityMarkFilterSet
    sortable = {"validFrom": "valid_from", "provider": "provider__organisation__name"}
    default_order = ("-valid_from",)
    required_permission = Permission.VIEW_CATALOGUE
    action_permissions = {"create": REGISTRARS}
    input_serializers = {"create": inputs.QualityMarkInput}
    create_service = quality_mark_record


class ProviderContactViewSet(SavedRows, ReadOnlyResource):
    """Whom municipalities can reach at a provider."""

    model = ProviderContact
    serializer_class = serializers.ProviderContactSerializer
    filterset_class = filtersets.ProviderContactFilterSet
    sortable = {"role": "role", "provider": "provider__organisation__name"}
    default_order = ("provider__organisation__name", "role")
    required_permission = (OWN, *CONTACT_READERS)
    input_serializers = {"create": inputs.ContactInput, "partial_update": inputs.ContactChange}
    create_service = contact_save
    saved_as = "contact"
    saved_fields = ("name", "role", "email", "phone")


class ProviderDocumentViewSet(FileOperations, CreateOperation, ReadOnlyResource):
    """Documents on file with the day until which they count, and with their file."""

    model = ProviderDocument
    serializer_class = serializers.ProviderDocumentSerializer
    filterset_class = filtersets.ProviderDocumentFilterSet
    sortable = {"issueDate": "issue_date", "validUntil": "valid_until"}
    default_order = ("-issue_date",)
    required_permission = (OWN, Permission.VIEW_CONTRACTS)
    action_permissions = {"create": OWN, "upload_file": OWN}
    input_serializers = {"create": inputs.DocumentInput, "upload_file": FileInput}
    create_service = document_add
    set_file = document_file_set

    def require_file(self, document: Any) -> None:
        """Public bodies read files of providers that they have to do with."""
        require_read_file(self.actor, document)


class DeliveryPartyViewSet(CreateOperation, ReadOnlyResource):
    """Who delivers a course for the provider that holds the contract."""

    model = DeliveryParty
    serializer_class = serializers.DeliveryPartySerializer
    filterset_class = filtersets.DeliveryPartyFilterSet
    sortable = {"name": "name", "validFrom": "valid_from"}
    default_order = ("name",)
    required_permission = Permission.VIEW_CATALOGUE
    action_permissions = {"create": OWN}
    input_serializers = {"create": inputs.DeliveryPartyInput}
    create_service = delivery_party_save


class TeacherViewSet(SavedRows, ReadOnlyResource):
    """Teachers of the own school, under a code."""

    model = Teacher
    serializer_class = serializers.TeacherSerializer
    filterset_class = filtersets.TeacherFilterSet
    sortable = {"code": "code", "hoursPerWeek": "hours_per_week"}
    default_order = ("code",)
    required_permission = OWN
    input_serializers = {"create": inputs.TeacherInput, "partial_update": inputs.TeacherChange}
    create_service = teacher_save
    saved_as = "teacher"
    saved_fields = ("code", "qualification", "hours_per_week", "valid_from", "valid_to")


class TeacherHoursViewSet(CreateOperation, ReadOnlyResource):
    """Weekly hours of teachers for groups; they decide how many seats a group can offer."""

    model = TeacherHours
    serializer_class = serializers.TeacherHoursSerializer
    filterset_class = filtersets.TeacherHoursFilterSet
    sortable = {"validFrom": "valid_from"}
    default_order = ("valid_from",)
    required_permission = OWN
    input_serializers = {"create": inputs.TeacherHoursInput}
    create_service = teacher_assign


class IntakeStopViewSet(CreateOperation, ReadOnlyResource):
    """Intake stops of both parties: asked by the provider, decided or imposed by the buyer."""

    model = IntakeStop
    serializer_class = serializers.IntakeStopSerializer
    filterset_class = filtersets.IntakeStopFilterSet
    sortable = {"startsOn": "starts_on", "state": "state"}
    default_order = ("-starts_on",)
    required_permission = PARTIES
    action_permissions = {
        "create": (OWN, Permission.MANAGE_CONTRACTS),
        "approve": Permission.MANAGE_CONTRACTS,
        "refuse": Permission.MANAGE_CONTRACTS,
        "withdraw": OWN,
        "lift": (OWN, Permission.MANAGE_CONTRACTS),
    }
    input_serializers = {
        "create": inputs.IntakeStopInput,
        "approve": inputs.NoteInput,
        "refuse": inputs.NoteInput,
        "lift": inputs.NoteInput,
    }

    def perform_create(self, data: dict[str, Any]) -> IntakeStop:
        """A request of the provider; from the buyer itself it is imposed at once."""
        draft = StopDraft(**data)
        own = self.actor.may(OWN, draft.provider.organisation_id)
        step: Callable[..., IntakeStop] = stop_request if own else stop_impose
        return step(actor=self.actor, draft=draft)

    def _step(self, request: Request, id: UUID, run: Callable[..., IntakeStop]) -> HttpResponse:
        stop = self.visible_object(id)
        return self.command(request, lambda data: run(actor=self.actor, stop=stop, **data))

    @action(detail=True, methods=["post"])
    def approve(self, request: Request, id: UUID) -> HttpResponse:
        """The buyer consents in writing."""
        return self._step(request, id, lambda **data: stop_decide(approve=True, **data))

    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, id: UUID) -> HttpResponse:
        """The buyer refuses and says why."""
        return self._step(request, id, lambda **data: stop_decide(approve=False, **data))

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, id: UUID) -> HttpResponse:
        """The provider takes its request back."""
        return self._step(request, id, stop_withdraw)

    @action(detail=True, methods=["post"])
    def lift(self, request: Request, id: UUID) -> HttpResponse:
        """New placements are possible again."""
        return self._step(request, id, stop_lift)
