"""Messages about people: PIPs with the intake beside them, and what DUO says. Never with a BSN."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from backend.api.answers import Answer, object_answer
from backend.api.filters import (
    RECORD_FIELDS,
    CodeFilter,
    DayFilter,
    ExactFilter,
    PassendFilterSet,
    ReferenceFilter,
)
from backend.api.serializers import PassendModelSerializer, PassendSerializer
from backend.api.viewsets import PassendViewSet, ReadOnlyResource
from backend.common.errors import Violation
from backend.organisations.permissions import Permission
from matching.api.serializers import OrganisationReference, ParticipantReference
from matching.duo_choices import DuoMessageKind, DuoMessageState, DuoTask
from matching.models import DuoMessage, Pip
from matching.services.duo_message_import import pip_messages_check, pip_messages_import
from matching.services.duo_receive import (
    MOST_MESSAGES,
    Outcome,
    duo_message_handle,
    duo_messages_receive,
)

MOST_BYTES = 8 * 1024 * 1024
ANY_OBJECT = {"type": "object", "additionalProperties": True}


@extend_schema_field(ANY_OBJECT)
class MessageField(serializers.JSONField):
    """A message as delivered; its own rules name every fault with its path."""


class PipMessagesInput(PassendSerializer):
    """`checkOnly` tells what the import would do and writes nothing."""

    messages = serializers.ListField(
        child=MessageField(),
        allow_empty=False,
        max_length=MOST_MESSAGES,
        help_text="In the form of docs/pip-messages.md; the key is municipality and reference.",
    )
    check_only = serializers.BooleanField(required=False, default=False)


class ChangedRowSerializer(PassendSerializer):
    key = serializers.CharField()
    fields_changed = serializers.ListField(child=serializers.CharField())


class PipMessagesResultSerializer(PassendSerializer):
    """What the import did, or would do."""

    new = serializers.ListField(child=serializers.CharField())
    changed = ChangedRowSerializer(many=True)
    unchanged = serializers.IntegerField()


class PipMessagesViewSet(PassendViewSet):
    """People with their PIP, up to 2,000 at once: all of them or none, with every fault named."""

    model = Pip
    serializer_class = PipMessagesResultSerializer
    required_permission = Permission.MANAGE_PIPS
    input_serializers = {"create": PipMessagesInput}
    created_actions = ()
    max_body_bytes = MOST_BYTES

    def create(self, request: Request) -> HttpResponse:
        """The same messages again change nothing."""

        def work() -> Answer:
            data = self.validated(request)
            step = pip_messages_check if data["check_only"] else pip_messages_import
            found = step(actor=self.actor, document=data["messages"])
            found.raise_faults()
            return object_answer(
                {
                    "new": list(found.new),
                    "changed": [
                        {"key": one.key, "fieldsChanged": list(one.fields)} for one in found.changed
                    ],
                    "unchanged": found.unchanged,
                }
            )

        return self.run_once(request, work)


class DuoMessageSerializer(PassendModelSerializer):
    municipality = OrganisationReference(read_only=True)
    participant = ParticipantReference(read_only=True)
    body = MessageField(read_only=True)

    class Meta:
        model = DuoMessage
        fields = (
            "id",
            "municipality",
            "message_id",
            "kind",
            "reference",
            "participant",
            "sent_at",
            "created_at",
            "event_code",
            "state",
            "task",
            "handled_at",
            "body",
        )


class DuoMessageFilterSet(PassendFilterSet):
    municipality = ReferenceFilter("municipality__uuid")
    participant = ReferenceFilter("participant__uuid")
    reference = ExactFilter()
    message_id = ExactFilter()
    kind = CodeFilter(choices=DuoMessageKind.choices)
    state = CodeFilter(choices=DuoMessageState.choices)
    task = CodeFilter(choices=DuoTask.choices)
    event_code = ExactFilter()
    sent_from = DayFilter("sent_at__date", "gte")
    sent_to = DayFilter("sent_at__date", "lte")

    class Meta:
        model = DuoMessage

    unfiltered = {
        **RECORD_FIELDS,
        "body": "read with the message",
        "handled_at": "filter on the status",
        "handled_by_label": "read in the history",
    }


class DuoMessagesInput(PassendSerializer):
    messages = serializers.ListField(
        child=MessageField(),
        allow_empty=False,
        max_length=MOST_MESSAGES,
        help_text="In the form of docs/duo-messages.md, in any order.",
    )


class MessageFaultSerializer(PassendSerializer):
    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class MessageOutcomeSerializer(PassendSerializer):
    """What became of one message; `refused` comes with all its faults and writes nothing."""

    position = serializers.IntegerField()
    result = serializers.ChoiceField(choices=[*DuoMessageState.values, "refused"])
    is_replay = serializers.BooleanField()
    duo_message = serializers.UUIDField(allow_null=True)
    faults = MessageFaultSerializer(many=True)


class DuoMessagesResultSerializer(PassendSerializer):
    items = MessageOutcomeSerializer(many=True)


class DuoMessageViewSet(ReadOnlyResource):
    """What DUO said about people, and what it asks somebody to do."""

    model = DuoMessage
    serializer_class = DuoMessageSerializer
    filterset_class = DuoMessageFilterSet
    sortable = {"sentAt": "sent_at", "createdAt": "created_at", "reference": "reference"}
    default_order = ("-sent_at",)
    required_permission = Permission.VIEW_PARTICIPANTS
    action_permissions = {"handle": Permission.MANAGE_PIPS}

    @action(detail=True, methods=["post"])
    def handle(self, request: Request, id: UUID) -> HttpResponse:
        """Somebody has done what the message asked."""
        message = self.visible_object(id)
        return self.command(
            request, lambda _data: duo_message_handle(actor=self.actor, message=message)
        )


class DuoMessageBatchViewSet(PassendViewSet):
    """Delivers what DUO said: every message once, in any order; a wrong one stops no other."""

    model = DuoMessage
    serializer_class = DuoMessagesResultSerializer
    required_permission = Permission.MANAGE_PIPS
    input_serializers = {"create": DuoMessagesInput}
    created_actions = ()
    max_body_bytes = MOST_BYTES

    def create(self, request: Request) -> HttpResponse:
        """One outcome per message, in the order of the list."""

        def work() -> Answer:
            messages = self.validated(request)["messages"]
            found = duo_messages_receive(actor=self.actor, document=messages)
            return object_answer({"items": [_outcome(one) for one in found]})

        return self.run_once(request, work)


def _outcome(one: Outcome) -> dict[str, Any]:
    return {
        "position": one.position,
        "result": one.message.state if one.message else "refused",
        "isReplay": one.is_replay,
        "duoMessage": str(one.message.uuid) if one.message else None,
        "faults": [_fault(fault) for fault in one.faults],
    }


def _fault(one: Violation) -> dict[str, str]:
    return {"field": one.field, "code": one.code, "detail": str(one.message)}
