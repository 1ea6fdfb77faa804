"""What the API itself remembers: answers, so that a repeated command is not done twice."""

from typing import ClassVar

from django.db import models

from backend.common import clock


class IdempotencyRecord(models.Model):
    """The answer to one command of one principal, kept for at least 24 hours.

    Written in the transaction of the command: no answer without the rows, no rows without it. It
    holds what the answer held, so it is removed on expiry.
    """

    ONCE: ClassVar = "api_idempotencyrecord_once"

    scope = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    request_digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="api_idempotencyrecord_once"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
