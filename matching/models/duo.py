"""What DUO says about a person, message by message, without BSN."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.common.records import Record
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from matching.duo_choices import DuoMessageKind, DuoMessageState, DuoTask
from matching.models.participant import Participant


class DuoMessageQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(municipality__in=actor.with_permission(Permission.VIEW_PARTICIPANTS))

    def to_handle(self) -> Self:
        return self.filter(state=DuoMessageState.TO_HANDLE)


class DuoMessage(Record):
    """One message, kept as delivered. The newest of a kind is what DUO says now.

    `reference` is the municipality's own number of the person, who may not be known yet.
    """

    municipality = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="duo_messages"
    )
    message_id = models.UUIDField(_("message number"))
    kind = models.CharField(_("kind"), max_length=27, choices=DuoMessageKind.choices)
    reference = models.CharField(_("reference of the municipality"), max_length=40)
    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="duo_messages", null=True, blank=True
    )
    # The sender's moment: what arrives late and was sent earlier changes nothing (OP080).
    sent_at = models.DateTimeField(_("sent"))
    body = models.JSONField(_("content"))
    event_code = models.CharField(_("event"), max_length=6, blank=True)
    state = models.CharField(_("status"), max_length=9, choices=DuoMessageState.choices)
    task = models.CharField(_("task"), max_length=16, choices=DuoTask.choices, blank=True)
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    handled_by_label = models.CharField(_("handled by"), max_length=200, blank=True)

    objects = DuoMessageQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "message_id"], name="matching_duomessage_once"
            ),
            models.CheckConstraint(
                condition=~Q(state=DuoMessageState.TO_HANDLE) | ~Q(task=""),
                name="matching_duomessage_task",
            ),
        ]
        indexes = [
            models.Index(
                fields=["participant", "kind", "-sent_at"], name="matching_duomessage_newest"
            ),
            models.Index(
                fields=["municipality", "reference"],
                condition=Q(participant__isnull=True),
                name="matching_duomessage_unknown",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"
