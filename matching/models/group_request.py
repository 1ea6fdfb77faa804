"""Supply that is asked for: what the unmet demand says, a request for a group, and the bids."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.common.codes import Component, Level, Literacy
from backend.common.records import Record
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from matching.choices import RunState
from matching.models.policy import MatchingPolicy
from matching.waiting_choices import GroupBidState, GroupRequestState
from procurement.models import Lot
from providers.models import Course, IntakeMoment, Location, Provider


class SupplyAdviceQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(organisation__in=actor.with_permission(Permission.VIEW_PARTICIPANTS))


class SupplyAdvice(Record):
    """Where one more place, evening or group would help most on a day, as it was computed then."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="supply_advices"
    )
    requested_by_label = models.CharField(max_length=200)
    as_of = models.DateField()
    policy = models.ForeignKey(MatchingPolicy, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=7, choices=RunState, default=RunState.QUEUED)
    result = models.JSONField(default=dict, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = SupplyAdviceQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.organisation} {self.as_of}"


class GroupRequestQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of one's own municipality or region, and those that one's school was asked for."""
        asked = self.model.providers.through.objects.filter(
            grouprequest=models.OuterRef("pk"),
            provider__organisation__in=actor.with_permission(Permission.ANSWER_PLACEMENTS),
        )
        mine = actor.with_permission(Permission.VIEW_PARTICIPANTS)
        return self.filter(Q(organisation__in=mine) | models.Exists(asked))


class GroupRequest(Record):
    """A group that the contracted providers of a lot are asked to bid for, until a deadline.

    It says what the group must be like and how many people wait for it, never who they are.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="group_requests"
    )
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="group_requests")
    providers = models.ManyToManyField(Provider, related_name="group_requests")
    component = models.CharField(_("component"), max_length=3, choices=Component)
    entry_level = models.CharField(_("entry level"), max_length=2, choices=Level)
    target_level = models.CharField(_("target level"), max_length=2, choices=Level)
    literacy = models.CharField(_("literacy training"), max_length=3, choices=Literacy)
    place = models.CharField(_("near"), max_length=80)
    slots = ArrayField(models.CharField(max_length=3), verbose_name=_("lessons on"))
    hours_per_week = models.PositiveSmallIntegerField(_("hours per week"))
    seats = models.PositiveSmallIntegerField(_("seats"))
    min_size = models.PositiveSmallIntegerField(_("smallest group"))
    earliest_start_date = models.DateField(_("earliest start"))
    latest_start_date = models.DateField(_("latest start"))
    answer_due_at = models.DateTimeField(_("answer before"))
    note = models.CharField(_("explanation"), max_length=400, blank=True)
    # What the advice said when it was asked: people, extra places, the day and the policy.
    evidence = models.JSONField(default=dict, blank=True)
    state = models.CharField(
        _("status"), max_length=9, choices=GroupRequestState, default=GroupRequestState.OPEN
    )
    requested_by_label = models.CharField(_("requested by"), max_length=200)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_reason = models.CharField(_("reason"), max_length=400, blank=True)

    objects = GroupRequestQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(latest_start_date__gte=F("earliest_start_date")),
                name="matching_grouprequest_window",
            ),
            models.CheckConstraint(
                condition=Q(seats__gt=0, min_size__gt=0, seats__gte=F("min_size")),
                name="matching_grouprequest_sizes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_component_display()}, {self.place}"


class GroupBidQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Whoever asked sees every bid; a provider its own, never those of others."""
        return self.filter(
            Q(group_request__organisation__in=actor.with_permission(Permission.VIEW_PARTICIPANTS))
            | Q(provider__organisation__in=actor.with_permission(Permission.ANSWER_PLACEMENTS))
        )


class GroupBid(Record):
    """What a provider offers for a request: course, dates, lessons, location, seats, teacher."""

    group_request = models.ForeignKey(GroupRequest, on_delete=models.PROTECT, related_name="bids")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="group_bids")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    start_date = models.DateField(_("start date"))
    end_date = models.DateField(_("end date"))
    # [{"weekday": 1, "start": "09:00", "end": "12:00"}]
    lessons = models.JSONField(_("lessons"))
    seats = models.PositiveSmallIntegerField(_("seats"))
    min_size = models.PositiveSmallIntegerField(_("smallest group"))
    teacher = models.CharField(_("qualified teacher"), max_length=120)
    note = models.CharField(_("explanation"), max_length=400, blank=True)
    state = models.CharField(
        _("status"), max_length=10, choices=GroupBidState, default=GroupBidState.SUBMITTED
    )
    submitted_by_label = models.CharField(_("submitted by"), max_length=200)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    intake_moment = models.OneToOneField(
        IntakeMoment, on_delete=models.PROTECT, related_name="group_bid", null=True, blank=True
    )

    objects = GroupBidQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["group_request", "start_date", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group_request"],
                condition=Q(state="awarded"),
                name="matching_groupbid_one_awarded",
            ),
            models.CheckConstraint(
                condition=Q(end_date__gt=F("start_date")), name="matching_groupbid_dates"
            ),
            models.CheckConstraint(
                condition=Q(seats__gt=0, min_size__gt=0, seats__gte=F("min_size")),
                name="matching_groupbid_sizes",
            ),
            models.CheckConstraint(
                condition=Q(state="awarded", intake_moment__isnull=False)
                | (~Q(state="awarded") & Q(intake_moment__isnull=True)),
                name="matching_groupbid_awarded_has_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.start_date}"
