"""What was proposed for all components of one person together."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.common.records import Record
from backend.organisations.permissions import Permission
from matching.models.pip import Pip
from matching.models.policy import MatchingPolicy


class BundleQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(
            pip__participant__municipality__in=actor.with_permission(Permission.VIEW_PARTICIPANTS)
        )


class MatchBundle(Record):
    """Ranked combinations of places for everything that one PIP still waits for.

    Immutable: the database refuses changes. Each part names the match record of its need, where
    the caseworker chooses; a bundle as a whole is never taken over.
    """

    pip = models.ForeignKey(Pip, on_delete=models.PROTECT, related_name="bundles")
    actor_key = models.CharField(max_length=100)
    actor_label = models.CharField(max_length=200)
    as_of = models.DateField()
    policy = models.ForeignKey(MatchingPolicy, on_delete=models.PROTECT, related_name="+")
    result = models.JSONField(_("ranked combinations, and what stays open"))

    objects = BundleQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["pip", "-created_at"], name="matching_bundle_latest")]

    def __str__(self) -> str:
        return f"{self.pip} {self.created_at:%Y-%m-%d}"
