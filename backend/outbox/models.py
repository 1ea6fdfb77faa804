"""The table that is the truth of all background work."""

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.common import clock
from backend.outbox.choices import MessageState


class OutboxMessage(models.Model):
    """One piece of work that a committed change asked for: a mail, a notification, a batch run.

    The payload holds ids and codes, no personal data: the handler looks up what it needs.
    """

    topic = models.CharField(max_length=80)
    payload = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    # One piece of work per key for ever: asking twice gives one message.
    key = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001 - absent is not ""
    state = models.CharField(
        max_length=10, choices=MessageState.choices, default=MessageState.PENDING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    # Not before this moment; a running long job moves it ahead, which is its lease.
    available_at = models.DateTimeField(default=clock.now)
    # When Celery was last told of it; absent while nobody was.
    handed_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("background message")
        verbose_name_plural = _("background messages")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="outbox_message_done_has_moment",
                condition=(
                    models.Q(state=MessageState.DONE, done_at__isnull=False)
                    | (~models.Q(state=MessageState.DONE) & models.Q(done_at__isnull=True))
                ),
            )
        ]
        indexes: ClassVar = [
            # Small for ever: done rows leave it.
            models.Index(
                name="outbox_message_waiting",
                fields=["available_at", "id"],
                condition=models.Q(state=MessageState.PENDING),
            ),
            models.Index(
                name="outbox_message_failed",
                fields=["id"],
                condition=models.Q(state=MessageState.FAILED),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.pk}"
