"""The feed of events, and webhooks that push it."""

from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from backend.api.serializers import ReferenceField
from backend.api.viewsets import (
    CreateOperation,
    DeleteOperation,
    ReadOnlyResource,
    UpdateOperation,
)
from backend.common.errors import InvalidError, Violation
from backend.feed.api import filtersets, serializers
from backend.feed.choices import EVENT_PERMISSIONS
from backend.feed.models import FeedEvent, WebhookDelivery, WebhookSubscription
from backend.feed.querysets import managed_organisations
from backend.feed.services.deliveries import delivery_resend
from backend.feed.services.subscriptions import (
    SubscriptionData,
    secret_of,
    subscription_change,
    subscription_create,
    subscription_ping,
    subscription_remove,
    subscription_renew_secret,
)
from backend.organisations.public import Organisation, Permission

MANAGERS = (Permission.MANAGE_ACCOUNTS, *EVENT_PERMISSIONS)


class FeedEventViewSet(ReadOnlyResource):
    """What happened, in the order in which it was recorded, kept for 90 days.

    Ask with `sequenceAfter` for what comes after the last number you dealt with. An event comes at
    least once and in no promised order of `occurredAt`; tell them apart by `id`.
    """

    model = FeedEvent
    serializer_class = serializers.FeedEventSerializer
    filterset_class = filtersets.FeedEventFilterSet
    sortable = {"sequence": "pk", "occurredAt": "occurred_at"}
    default_order = ("pk",)
    required_permission = (*EVENT_PERMISSIONS, Permission.VIEW_CATALOGUE)


class WebhookSubscriptionViewSet(
    CreateOperation, UpdateOperation, DeleteOperation, ReadOnlyResource
):
    """Addresses to which events are pushed as CloudEvents, signed as in Standard Webhooks."""

    model = WebhookSubscription
    serializer_class = serializers.SubscriptionSerializer
    filterset_class = filtersets.SubscriptionFilterSet
    sortable = {"url": "url", "failures": "failures", "createdAt": "created_at"}
    default_order = ("-created_at",)
    required_permission = MANAGERS
    input_serializers = {
        "create": serializers.SubscriptionInput,
        "partial_update": serializers.SubscriptionChangeInput,
    }

    def perform_create(self, data: dict[str, Any]) -> WebhookSubscription:
        organisation = self._organisation(data.pop("organisation", None))
        return subscription_create(
            actor=self.actor, organisation=organisation, data=SubscriptionData(**data)
        )

    def perform_update(
        self, instance: WebhookSubscription, data: dict[str, Any]
    ) -> WebhookSubscription:
        return subscription_change(actor=self.actor, subscription=instance, changes=data)

    def perform_delete(self, instance: WebhookSubscription) -> None:
        subscription_remove(actor=self.actor, subscription=instance)

    @extend_schema(responses={201: serializers.SubscriptionWithSecretSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Subscribes; the answer is the only one that shows the secret."""
        return self._with_secret(super().create(request, *args, **kwargs))

    @extend_schema(responses={200: serializers.SubscriptionWithSecretSerializer})
    @action(detail=True, methods=["post"], url_path="renew-secret")
    def renew_secret(self, request: Request, id: UUID) -> HttpResponse:
        """Makes a new secret, for all attempts from now on; the answer shows it."""
        one = self.visible_object(id)
        return self._with_secret(
            self.command(
                request, lambda _data: subscription_renew_secret(actor=self.actor, subscription=one)
            )
        )

    @action(detail=True, methods=["post"])
    def ping(self, request: Request, id: UUID) -> HttpResponse:
        """Sends a test message (kind `ping`); its delivery says what became of it."""
        one = self.visible_object(id)

        def run(_data: dict[str, Any]) -> WebhookSubscription:
            subscription_ping(actor=self.actor, subscription=one)
            return one

        return self.command(request, run)

    def _with_secret(self, answer: HttpResponse) -> HttpResponse:
        """The answer with the secret: not part of what is stored for a replay."""
        body = orjson.loads(answer.content)
        secret = secret_of(self.visible_object(body["id"]))
        answer.content = orjson.dumps({**body, "secret": secret})
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _organisation(self, uuid: UUID | None) -> Organisation | None:
        if uuid is None:
            return None
        managed = Organisation.objects.of(managed_organisations(self.actor))
        found = managed.filter(uuid=uuid).first()
        if found is None:
            raise InvalidError(
                violations=[
                    Violation(
                        "organisation",
                        "unknown_reference",
                        ReferenceField.default_error_messages["unknown_reference"],
                    )
                ]
            )
        return found


class WebhookDeliveryViewSet(ReadOnlyResource):
    """What became of each event for each subscription; delivered ones are kept for 30 days."""

    model = WebhookDelivery
    serializer_class = serializers.DeliverySerializer
    filterset_class = filtersets.DeliveryFilterSet
    sortable = {
        "createdAt": "created_at",
        "nextAttemptAt": "next_attempt_at",
        "lastAttemptAt": "last_attempt_at",
    }
    default_order = ("-created_at",)
    required_permission = MANAGERS

    @action(detail=True, methods=["post"])
    def resend(self, request: Request, id: UUID) -> HttpResponse:
        """Sends once more what was delivered or given up, under the same id."""
        delivery = self.visible_object(id)
        return self.command(
            request, lambda _data: delivery_resend(actor=self.actor, delivery=delivery)
        )
