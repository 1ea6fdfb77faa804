"""Events in the order in which they were recorded, who wants them, and what became of each."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.common import clock
from backend.common.records import Record
from backend.feed.choices import (
    DeliveryError,
    DeliveryState,
    EventKind,
    Resource,
    SubscriptionState,
)
from backend.feed.querysets import DeliveryQuerySet, FeedEventQuerySet, SubscriptionQuerySet
from backend.organisations.models import Organisation


class FeedEvent(Record):
    """One fact for one organisation, in ids only; append-only but for its retention.

    The key is the sequence number of the feed: rows are written one transaction at a time, so that
    whoever has read up to a number has missed nothing below it.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    # A codename of Permission: what shows the object on the organisation shows the event.
    permission = models.CharField(max_length=40)
    kind = models.CharField(_("What happened"), max_length=40, choices=EventKind.choices)
    resource = models.CharField(max_length=30, choices=Resource.choices)
    subject_id = models.UUIDField()
    occurred_at = models.DateTimeField()

    objects = FeedEventQuerySet["FeedEvent"].as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["pk"]
        indexes: ClassVar = [
            models.Index(name="feed_event_of_organisation", fields=["organisation", "id"]),
            models.Index(name="feed_event_retention", fields=["created_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class WebhookSubscription(Record):
    """A system that is told of events of its organisation, at one address, with one secret."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="webhook_subscriptions"
    )
    url = models.CharField(_("Address"), max_length=500)
    kinds = ArrayField(
        models.CharField(max_length=40, choices=EventKind.choices), verbose_name=_("Events")
    )
    # The secret, encrypted with a key of the installation: signing needs the secret itself.
    sealed_secret = models.TextField()
    state = models.CharField(
        _("Status"),
        max_length=6,
        choices=SubscriptionState.choices,
        default=SubscriptionState.ACTIVE,
    )
    # Failed attempts since the last success, and before when no new one is made.
    failures = models.PositiveSmallIntegerField(_("Failures in a row"), default=0)
    retry_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(_("Paused since"), null=True)

    objects = SubscriptionQuerySet["WebhookSubscription"].as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["organisation", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="feed_subscription_paused_has_moment",
                condition=Q(state=SubscriptionState.PAUSED, paused_at__isnull=False)
                | (~Q(state=SubscriptionState.PAUSED) & Q(paused_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="feed_subscription_has_kind", condition=Q(kinds__len__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.url


class WebhookDelivery(Record):
    """One event for one subscription: at least once there, and the same id every time."""

    subscription = models.ForeignKey(
        WebhookSubscription, on_delete=models.CASCADE, related_name="deliveries"
    )
    event = models.ForeignKey(FeedEvent, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(
        _("Status"), max_length=9, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(_("Attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("Next attempt"), null=True, default=clock.now)
    last_attempt_at = models.DateTimeField(_("Last attempt"), null=True)
    delivered_at = models.DateTimeField(_("Delivered"), null=True)
    answer_status = models.PositiveSmallIntegerField(_("Answer"), null=True)
    error = models.CharField(
        _("Fault"), max_length=20, choices=DeliveryError.choices, blank=True, default=""
    )

    objects = DeliveryQuerySet["WebhookDelivery"].as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subscription", "event"], name="feed_delivery_once_per_event"
            ),
            models.CheckConstraint(
                name="feed_delivery_delivered_has_moment",
                condition=Q(state=DeliveryState.DELIVERED, delivered_at__isnull=False)
                | (~Q(state=DeliveryState.DELIVERED) & Q(delivered_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} > {self.subscription_id}"
