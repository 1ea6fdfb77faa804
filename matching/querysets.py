"""Which participants, PIPs, needs and placements an actor sees: one predicate per model.

The municipality sees its own people. A provider sees the placements that were offered to it, and
an identity only once it has accepted; a held seat (draft) is the caseworker's own business.
"""

from datetime import date
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from backend.accounts.actor import Actor
from backend.common import clock
from backend.organisations.permissions import Permission
from matching.choices import ACCEPTED_STATES, NeedState


class ParticipantQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(municipality__in=actor.with_permission(Permission.VIEW_PARTICIPANTS))


class IdentityQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        delivered = PlacementQuerySet(apps.get_model("matching", "Placement")).filter(
            provider_organisation__in=actor.with_permission(Permission.VIEW_DELIVERY),
            state__in=ACCEPTED_STATES,
        )
        return self.filter(
            Q(participant__municipality__in=actor.with_permission(Permission.VIEW_IDENTITY))
            | Q(participant__in=delivered.values("participant"))
        )


class PipQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(
            participant__municipality__in=actor.with_permission(Permission.VIEW_PARTICIPANTS)
        )


class NeedQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(municipality__in=actor.with_permission(Permission.VIEW_PARTICIPANTS))

    def searchable(self, on: date) -> Self:
        """Needs of a PIP in force; nobody looks for a place during an exemption (Wet art. 4)."""
        return self.filter(
            Q(pip__participant__exempt_until__isnull=True)
            | Q(pip__participant__exempt_until__lt=on),
            pip__is_current=True,
        )

    def waiting(self, on: date | None = None) -> Self:
        """Needs for which a place is looked for today, or on another day."""
        return self.searchable(on or clock.today()).filter(state=NeedState.WAITING)


class PlacementQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        providers = actor.with_permission(Permission.ANSWER_PLACEMENTS) | actor.with_permission(
            Permission.VIEW_DELIVERY
        )
        return self.filter(
            Q(municipality__in=actor.with_permission(Permission.VIEW_PARTICIPANTS))
            | Q(provider_organisation__in=providers, offered_at__isnull=False)
        )


class MatchRecordQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(
            need__municipality__in=actor.with_permission(Permission.VIEW_PARTICIPANTS)
        )


class MatchRunQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Runs of one's municipality, and of the regions whose run it took part in that day."""
        mine = actor.with_permission(Permission.VIEW_PARTICIPANTS)
        took_part = apps.get_model("organisations", "RegionMembership").objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=OuterRef("as_of")),
            region=OuterRef("organisation"),
            municipality__in=mine,
            valid_from__lte=OuterRef("as_of"),
        )
        return self.filter(Q(organisation__in=mine) | Exists(took_part))


class ProposalQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(
            need__municipality__in=actor.with_permission(Permission.VIEW_PARTICIPANTS)
        )

    def reserved(self) -> Self:
        """Proposals that still keep a seat: undecided, in time, and the last word on their need.

        A later run takes the place of an earlier one, need by need.
        """
        later = self.model._default_manager.filter(need=OuterRef("need"), pk__gt=OuterRef("pk"))
        return self.filter(
            ~Exists(later),
            intake_moment__isnull=False,
            decision__isnull=True,
            run__expires_at__gt=clock.now(),
            need__state=NeedState.WAITING,
        )


class PolicyQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """The versions of one's own organisations, and the default that holds for all others."""
        mine = actor.with_permission(Permission.VIEW_PARTICIPANTS) | actor.with_permission(
            Permission.MANAGE_POLICY
        )
        return self.filter(Q(organisation__in=mine) | Q(organisation__isnull=True))

    def in_force_on(self, day: date, organisation_id: int | None) -> Self:
        """Versions valid on `day` for the organisation, newest first; the default comes last."""
        return self.filter(
            Q(organisation=organisation_id) | Q(organisation__isnull=True), valid_from__lte=day
        ).order_by(models.F("organisation").asc(nulls_last=True), "-version")
