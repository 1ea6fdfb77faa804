"""Who sees which event, subscription and delivery."""

from typing import Self, TypeVar

from django.db import models
from django.db.models import Q

from backend.accounts.actor import Actor
from backend.feed.choices import EVENT_PERMISSIONS, SubscriptionState
from backend.organisations.permissions import Permission

Row = TypeVar("Row", bound=models.Model)


def managed_organisations(actor: Actor) -> frozenset[int]:
    """Whose subscriptions the actor manages.

    An administrator those of the own organisations; a system those of the organisations whose
    objects it sees anyway, for a subscription tells it nothing that the feed does not.
    """
    managed = actor.with_permission(Permission.MANAGE_ACCOUNTS)
    if actor.kind == "client":
        managed = managed.union(*(actor.with_permission(one) for one in EVENT_PERMISSIONS))
    return managed


class FeedEventQuerySet(models.QuerySet[Row]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the organisations on which the actor may see what they are about."""
        seen = Q(pk__in=[])
        for permission in Permission:
            organisations = actor.with_permission(permission)
            if organisations:
                seen |= Q(permission=permission, organisation_id__in=organisations)
        return self.filter(seen)


class SubscriptionQuerySet(models.QuerySet[Row]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(organisation_id__in=managed_organisations(actor))

    def active(self) -> Self:
        return self.filter(state=SubscriptionState.ACTIVE)


class DeliveryQuerySet(models.QuerySet[Row]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(subscription__organisation_id__in=managed_organisations(actor))
