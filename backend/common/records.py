"""The abstract base of business records: integer key inside, UUID towards the outside."""

import uuid

from django.db import models

from backend.common import clock


class Record(models.Model):
    """A row that the API names by `uuid` and never by its key."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True
