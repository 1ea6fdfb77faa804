"""Placements: held and offered by the municipality, answered and reported by the provider."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from backend.accounts.public import Actor
from backend.api.viewsets import CreateOperation, ReadOnlyResource, UpdateOperation
from backend.organisations.permissions import Permission
from matching.api import filtersets, inputs, serializers
from matching.models import Placement
from matching.services.placement_steps import (
    placement_accept,
    placement_refuse,
    placement_start,
    placement_stop,
    placement_withdraw,
)
from matching.services.placements import (
    Choice,
    placement_create,
    placement_motivate,
    placement_offer,
)
from matching.services.transfers import Move, Terms, placement_transfer

PROVIDER_SIDE = (Permission.ANSWER_PLACEMENTS, Permission.RECORD_DELIVERY)


class PlacementViewSet(CreateOperation, UpdateOperation, ReadOnlyResource):
    """Placements with their events; the municipality and the provider see different columns."""

    model = Placement
    serializer_class = serializers.PlacementSerializer
    audiences = {
        "municipality": serializers.PlacementSerializer,
        "provider": serializers.PlacementForProvider,
    }
    filterset_class = filtersets.PlacementFilterSet
    sortable = {
        "createdAt": "created_at",
        "offeredAt": "offered_at",
        "answerDueAt": "answer_due_at",
        "startDate": "intake_moment__start_date",
    }
    default_order = ("-created_at",)
    visible_by_rights = True
    required_permission = (Permission.VIEW_PARTICIPANTS, Permission.VIEW_DELIVERY)
    action_permissions = {
        "create": Permission.PLACE,
        "partial_update": Permission.PLACE,
        "offer": Permission.PLACE,
        "withdraw": Permission.PLACE,
        "transfer": Permission.PLACE,
        "accept": Permission.ANSWER_PLACEMENTS,
        "refuse": Permission.ANSWER_PLACEMENTS,
        "start": Permission.RECORD_DELIVERY,
        "stop": Permission.RECORD_DELIVERY,
    }
    input_serializers = {
        "create": inputs.PlacementInput,
        "partial_update": inputs.MotivationInput,
        "offer": inputs.OfferInput,
        "accept": inputs.StepInput,
        "refuse": inputs.RefuseInput,
        "withdraw": inputs.WithdrawInput,
        "transfer": inputs.TransferInput,
        "start": inputs.StartInput,
        "stop": inputs.StopInput,
    }

    created_actions = ("create", "transfer")

    def audience_of(self, actor: Actor) -> str:
        """Whoever works for a provider anywhere gets the narrower view, also in two roles."""
        at_provider = any(actor.with_permission(one) for one in PROVIDER_SIDE)
        return "provider" if at_provider else "municipality"

    def perform_create(self, data: dict[str, Any]) -> Placement:
        offer, message_id = data.pop("offer", False), data.pop("message_id", None)
        return placement_create(
            actor=self.actor, choice=Choice(**data), offer=offer, message_id=message_id
        )

    def perform_update(self, instance: Placement, data: dict[str, Any]) -> Placement:
        return placement_motivate(actor=self.actor, placement=instance, **data)

    def _step(
        self, request: Request, uuid: UUID, service: Callable[..., Placement]
    ) -> HttpResponse:
        placement = self.visible_object(uuid)
        return self.command(
            request, lambda data: service(actor=self.actor, placement=placement, **data)
        )

    @action(detail=True, methods=["post"])
    def offer(self, request: Request, id: UUID) -> HttpResponse:
        """Asks the provider; it has the policy's working days to answer."""
        return self._step(request, id, placement_offer)

    @action(detail=True, methods=["post"])
    def accept(self, request: Request, id: UUID) -> HttpResponse:
        """The provider takes the person: the seat is taken and the call-off opened."""
        return self._step(request, id, placement_accept)

    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, id: UUID) -> HttpResponse:
        """The provider refuses on one of the lawful grounds; the person waits again."""
        return self._step(request, id, placement_refuse)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, id: UUID) -> HttpResponse:
        """The municipality takes the place back; seat and call-off are freed."""
        return self._step(request, id, placement_withdraw)

    @action(detail=True, methods=["post"])
    def transfer(self, request: Request, id: UUID) -> HttpResponse:
        """Ends this place and offers another one, in one act; answers the new placement."""
        placement = self.visible_object(id)

        def run(data: dict[str, Any]) -> Placement:
            move = Move(placement, data.pop("intake_moment"))
            return placement_transfer(actor=self.actor, move=move, terms=Terms(**data))

        return self.command(request, run, status=201)

    @action(detail=True, methods=["post"])
    def start(self, request: Request, id: UUID) -> HttpResponse:
        """The provider reports the first lesson."""
        return self._step(request, id, placement_start)

    @action(detail=True, methods=["post"])
    def stop(self, request: Request, id: UUID) -> HttpResponse:
        """The provider reports the last lesson, with the reason."""
        return self._step(request, id, placement_stop)
