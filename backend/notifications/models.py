"""Notifications of an organisation."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.common.records import Record
from backend.notifications.kinds import kind_of
from backend.notifications.querysets import NotificationQuerySet
from backend.organisations.models import Organisation


class Notification(Record):
    """A fact that somebody at an organisation should act on: "a place was refused".

    One per organisation, read once for the whole team. The parameters hold codes, days and
    numbers, no personal data; who is meant stands on the page that `path` leads to.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="notifications"
    )
    # A codename of Permission: only those who hold it on the organisation see this row.
    permission = models.CharField(max_length=40)
    kind = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    path = models.CharField(max_length=300)
    # The fact it tells of; the same fact is told once.
    key = models.CharField(max_length=200, unique=True)
    read_at = models.DateTimeField(null=True)
    read_by = models.CharField(max_length=100, blank=True, default="")

    objects = NotificationQuerySet["Notification"].as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-created_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="notifications_notification_path_local",
                condition=models.Q(path__startswith="/") & ~models.Q(path__startswith="//"),
            ),
            models.CheckConstraint(
                name="notifications_notification_read_has_reader",
                condition=models.Q(read_at__isnull=True, read_by="")
                | (models.Q(read_at__isnull=False) & ~models.Q(read_by="")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                name="notifications_by_organisation",
                fields=["organisation", "permission", "-created_at"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"

    @property
    def title(self) -> str:
        return _filled(str(kind_of(self.kind).title), self.params)

    @property
    def body(self) -> str:
        return _filled(str(kind_of(self.kind).body), self.params)


def _filled(text: str, params: dict[str, str | int]) -> str:
    """`text` with its places filled; one that changed since then shows its places, unfilled."""
    try:
        return text % params
    except (KeyError, ValueError, TypeError):
        return text
