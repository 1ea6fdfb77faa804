"""What the API shows of events, subscriptions and deliveries."""

from rest_framework import serializers

from backend.api.serializers import PassendModelSerializer, PassendSerializer
from backend.feed.choices import EventKind, SubscriptionState
from backend.feed.models import FeedEvent, WebhookDelivery, WebhookSubscription
from backend.organisations.models import Organisation

MOST_KINDS = len(EventKind)


class FeedOrganisationReference(PassendModelSerializer):
    class Meta:
        model = Organisation
        fields = ("id", "code", "name")


class FeedEventSerializer(PassendModelSerializer):
    """Read the object itself at `/{resource}/{subjectId}`."""

    sequence = serializers.IntegerField(source="pk", read_only=True)
    organisation = FeedOrganisationReference(read_only=True)
    recorded_at = serializers.DateTimeField(source="created_at", read_only=True)

    class Meta:
        model = FeedEvent
        fields = (
            "id",
            "sequence",
            "kind",
            "organisation",
            "resource",
            "subject_id",
            "occurred_at",
            "recorded_at",
        )


class SubscriptionSerializer(PassendModelSerializer):
    organisation = FeedOrganisationReference(read_only=True)
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=EventKind.choices))

    class Meta:
        model = WebhookSubscription
        fields = (
            "id",
            "organisation",
            "url",
            "kinds",
            "state",
            "failures",
            "paused_at",
            "created_at",
        )


class SubscriptionWithSecretSerializer(SubscriptionSerializer):
    """The one answer that shows the secret with which messages are signed."""

    secret = serializers.CharField(read_only=True)

    class Meta:
        model = WebhookSubscription
        fields = (*SubscriptionSerializer.Meta.fields, "secret")


class DeliveryEventSerializer(PassendModelSerializer):
    sequence = serializers.IntegerField(source="pk", read_only=True)

    class Meta:
        model = FeedEvent
        fields = ("id", "sequence", "kind", "resource", "subject_id")


class DeliverySerializer(PassendModelSerializer):
    subscription = serializers.UUIDField(source="subscription.uuid", read_only=True)
    event = DeliveryEventSerializer(read_only=True)

    class Meta:
        model = WebhookDelivery
        fields = (
            "id",
            "subscription",
            "event",
            "state",
            "attempts",
            "next_attempt_at",
            "last_attempt_at",
            "delivered_at",
            "answer_status",
            "error",
            "created_at",
        )


class SubscriptionInput(PassendSerializer):
    organisation = serializers.UUIDField(
        required=False, help_text="Left out: the only organisation for which you may subscribe."
    )
    url = serializers.CharField(max_length=500)
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=EventKind.choices),
        min_length=1,
        max_length=MOST_KINDS,
    )


class SubscriptionChangeInput(PassendSerializer):
    url = serializers.CharField(max_length=500, required=False)
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=EventKind.choices),
        min_length=1,
        max_length=MOST_KINDS,
        required=False,
    )
    state = serializers.ChoiceField(choices=SubscriptionState.choices, required=False)
