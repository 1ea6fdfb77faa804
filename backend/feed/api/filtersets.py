"""Query keys of the feed and its webhooks."""

from typing import Any

from django.db import models

from backend.api.filters import (
    RECORD_FIELDS,
    CodeFilter,
    DayFilter,
    IntegerFilter,
    PassendFilterSet,
    ReferenceFilter,
    TextFilter,
)
from backend.feed.choices import DeliveryError, DeliveryState, EventKind, Resource
from backend.feed.choices import SubscriptionState as State
from backend.feed.errors import CursorExpiredError
from backend.feed.models import FeedEvent, WebhookDelivery, WebhookSubscription
from backend.feed.services.events import oldest_sequence


class CursorFilter(IntegerFilter):
    """Everything after a number; a number whose followers may be gone is refused, not ignored."""

    form_options = {"min_value": 0, "max_value": 2**63 - 1}
    schema = {"type": "integer", "format": "int64", "minimum": 0}

    def filter(self, qs: models.QuerySet[Any], value: Any) -> models.QuerySet[Any]:
        if 0 < value < oldest_sequence():
            raise CursorExpiredError
        return qs.filter(pk__gt=value)


class FeedEventFilterSet(PassendFilterSet):
    sequence_after = CursorFilter("pk")
    kind = CodeFilter(choices=EventKind.choices)
    organisation = ReferenceFilter("organisation__uuid")
    resource = CodeFilter(choices=Resource.choices)
    subject_id = ReferenceFilter("subject_id")
    occurred_from = DayFilter("occurred_at", "date__gte")
    occurred_to = DayFilter("occurred_at", "date__lte")

    class Meta:
        model = FeedEvent

    unfiltered = {**RECORD_FIELDS, "permission": "decides who sees the event"}


class SubscriptionFilterSet(PassendFilterSet):
    organisation = ReferenceFilter("organisation__uuid")
    search = TextFilter("url")
    state = CodeFilter(choices=State.choices)

    class Meta:
        model = WebhookSubscription

    unfiltered = {
        **RECORD_FIELDS,
        "kinds": "few subscriptions; read them",
        "sealed_secret": "internal",
        "failures": "sort by it",
        "retry_at": "internal",
        "paused_at": "filter by state",
    }


class DeliveryFilterSet(PassendFilterSet):
    subscription = ReferenceFilter("subscription__uuid")
    event = ReferenceFilter("event__uuid")
    kind = CodeFilter("event__kind", choices=EventKind.choices)
    state = CodeFilter(choices=DeliveryState.choices)
    error = CodeFilter(choices=DeliveryError.choices)

    class Meta:
        model = WebhookDelivery

    unfiltered = {
        **RECORD_FIELDS,
        "attempts": "read with the delivery",
        "next_attempt_at": "sort by it",
        "last_attempt_at": "sort by it",
        "delivered_at": "filter by state",
        "answer_status": "read with the delivery",
    }
