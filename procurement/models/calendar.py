"""The secret personal address of a contract calendar."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.common.records import Record


class CalendarFeed(Record):
    """Whoever holds the address reads the deadlines of its owner; only a hash of it is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feeds"
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(revoked_at__isnull=True),
                name="procurement_calendarfeed_one_open",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
