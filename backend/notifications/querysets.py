"""Who sees which notification."""

from typing import Self, TypeVar

from django.db import models

from backend.accounts.actor import Actor
from backend.organisations.permissions import Permission

Row = TypeVar("Row", bound=models.Model)


class NotificationQuerySet(models.QuerySet[Row]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the organisations on which the actor holds the permission they ask for."""
        seen = models.Q(pk__in=[])
        for permission in Permission:
            organisations = actor.with_permission(permission)
            if organisations:
                seen |= models.Q(permission=permission, organisation_id__in=organisations)
        return self.filter(seen)

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)
