"""Which lessons, attendance, results, rounds and figures an actor sees: one predicate per model.

Delivery of persons is seen by the provider that delivers and by the caseworkers of the person's own
municipality. Figures of a provider are seen by that provider and by public bodies that have a
contract with it or people placed there (docs/decisions, quality visibility).
"""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from backend.accounts.actor import Actor
from backend.organisations.permissions import Permission
from matching.models import Placement
from providers.models import Provider
from quality.choices import ROSTER_STATES, ValueState

# What makes two rows computations of one and the same figure.
# Keys (`_id`): a relation in order_by would sort by the ordering of the other model.
FIGURE = ("indicator_id", "provider_id", "wave_id", "period_start", "period_end")


def roster_of(lesson: Any) -> "models.QuerySet[Any]":
    """Accepted placements whose time in the group includes the day of `lesson`."""
    return (
        Placement.objects.filter(
            intake_moment__group_id=lesson.group_id,
            provider_organisation_id=lesson.provider_organisation_id,
            state__in=ROSTER_STATES,
        )
        .annotate(
            roster_from=Coalesce("start_date", "intake_moment__start_date"),
            roster_to=Coalesce("end_date", "intake_moment__end_date"),
        )
        .filter(roster_from__lte=lesson.date, roster_to__gte=lesson.date)
    )


def providers_with_figures_for(actor: Actor) -> "models.QuerySet[Any]":
    """Providers whose figures the actor may see: itself, or a partner in contract or placement."""
    mine = actor.with_permission(Permission.VIEW_QUALITY)
    # Sub-queries instead of joins: a join would repeat rows.
    contracted = Provider.objects.filter(
        Q(contracts__buyer__in=mine)
        | Q(contracts__contract_lots__lot__participations__municipality__in=mine)
    )
    placed = Placement.objects.filter(municipality__in=mine, state__in=ROSTER_STATES)
    return Provider.objects.filter(
        Q(organisation__in=mine)
        | Q(pk__in=contracted.values("pk"))
        | Q(organisation__in=placed.values("provider_organisation"))
    )


class LessonQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> "LessonQuerySet":
        """Lessons of the own provider, and of groups with clients of the own municipality."""
        mine = actor.with_permission(Permission.VIEW_DELIVERY)
        clients = Placement.objects.filter(
            municipality__in=mine,
            state__in=ROSTER_STATES,
            intake_moment__group=models.OuterRef("group"),
        )
        return self.filter(Q(provider_organisation__in=mine) | models.Exists(clients))

    def recordable_by(self, actor: Actor) -> "LessonQuerySet":
        return self.filter(
            provider_organisation__in=actor.with_permission(Permission.RECORD_DELIVERY)
        )

    def on(self, day: date) -> "LessonQuerySet":
        return self.filter(date=day)

    def with_roster(self) -> "LessonQuerySet":
        """Lessons that count, one row per person on the roster (columns `person`, `placement`)."""
        intake = "group__intake_moments"
        link = f"{intake}__placements"
        # One filter() call: conditions in a second one would be about another placement.
        return self.filter(
            LessThanOrEqual(Coalesce(f"{link}__start_date", f"{intake}__start_date"), F("date")),
            GreaterThanOrEqual(Coalesce(f"{link}__end_date", f"{intake}__end_date"), F("date")),
            is_cancelled=False,
            **{f"{link}__state__in": ROSTER_STATES},
        ).annotate(placement=F(f"{link}__pk"), person=F(f"{link}__participant"))


class PlacementRecordQuerySet(models.QuerySet[Any]):
    """Rows about one placed person: attendance, progress, exam results."""

    def visible_to(self, actor: Actor) -> "PlacementRecordQuerySet":
        mine = actor.with_permission(Permission.VIEW_DELIVERY)
        return self.filter(
            Q(placement__provider_organisation__in=mine) | Q(placement__municipality__in=mine)
        )


class WaveQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> "WaveQuerySet":
        return self.filter(organisation__in=actor.with_permission(Permission.MANAGE_QUALITY))


class IndicatorQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> "IndicatorQuerySet":
        """Definitions are for everybody who works in the chain."""
        if actor.with_permission(Permission.VIEW_QUALITY) or actor.with_permission(
            Permission.VIEW_CATALOGUE
        ):
            return self.all()
        return self.none()

    def current_on(self, day: date) -> "IndicatorQuerySet":
        """The newest version in force of each indicator."""
        newest = (
            self.model.objects.filter(valid_from__lte=day)
            .order_by("code", "-version")
            .distinct("code")
        )
        return self.filter(pk__in=newest.values("pk"))


class IndicatorValueQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> "IndicatorValueQuerySet":
        """Figures of partner providers, and those of all providers together."""
        if not actor.with_permission(Permission.VIEW_QUALITY):
            return self.none()
        return self.filter(
            Q(provider__in=providers_with_figures_for(actor)) | Q(provider__isnull=True)
        )

    def latest(self) -> "IndicatorValueQuerySet":  # type: ignore[override]
        """The newest computation of each figure (a figure is never changed, only computed anew)."""
        newest = self.model.objects.order_by(*FIGURE, "-computed_at", "-pk").distinct(*FIGURE)
        return self.filter(pk__in=newest.values("pk"))

    def shown(self) -> "IndicatorValueQuerySet":
        return self.filter(state=ValueState.SHOWN)
