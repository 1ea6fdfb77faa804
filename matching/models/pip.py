"""The Personal Integration and Participation Plan (PIP) and the needs that follow from it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.common.codes import Component, LearningRoute, Level, Literacy
from backend.common.records import Record
from matching.choices import NeedState, PipLevel
from matching.models.participant import Participant
from matching.querysets import NeedQuerySet, PipQuerySet


class Pip(Record):
    """One version of a person's plan, a formal decision (Wet inburgering 2021, art. 15)."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="pips")
    version = models.PositiveSmallIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    decision_date = models.DateField(_("date of decision"))
    route = models.CharField(_("learning route"), max_length=1, choices=LearningRoute.choices)
    level = models.CharField(_("target level"), max_length=2, choices=PipLevel.choices)
    literacy = models.CharField(_("literacy training"), max_length=3, choices=Literacy.choices)
    estimated_hours = models.PositiveSmallIntegerField(
        _("estimated hours in the B1 route"), null=True, blank=True
    )
    downscale_hours = models.PositiveSmallIntegerField(
        _("course hours followed when scaled down"), null=True, blank=True
    )
    may_finish_education = models.BooleanField(
        _("may finish the current education first"), default=False
    )
    entry_level = models.CharField(_("current level"), max_length=2, choices=Level.choices)
    hours_per_week = models.PositiveSmallIntegerField(_("hours per week"))
    availability = ArrayField(models.CharField(max_length=3), verbose_name=_("available day-parts"))
    postcode4 = models.CharField(_("first four digits of the postcode"), max_length=4, blank=True)
    latitude = models.FloatField()
    longitude = models.FloatField()
    max_travel_km = models.PositiveSmallIntegerField(_("travel limit in km"), null=True, blank=True)
    accepts_online = models.BooleanField(_("online lessons are possible"), default=False)
    needs_childcare = models.BooleanField(_("needs childcare"), default=False)
    needs_wheelchair_access = models.BooleanField(_("needs wheelchair access"), default=False)
    earliest_start_date = models.DateField(_("earliest start"))
    latest_start_date = models.DateField(_("latest start"))

    objects = PipQuerySet.as_manager()

    class Meta:
        ordering = ["participant", "version"]
        constraints = [
            models.UniqueConstraint(fields=["participant", "version"], name="matching_pip_version"),
            models.UniqueConstraint(
                fields=["participant"],
                condition=Q(is_current=True),
                name="matching_pip_one_current",
            ),
            models.CheckConstraint(
                condition=~Q(route=LearningRoute.EDUCATION_ROUTE, level__in=["A1", "A2"]),
                name="matching_pip_education_route_level",
            ),
            models.CheckConstraint(
                condition=~Q(route=LearningRoute.Z_ROUTE, level__in=["B1", "B2"]),
                name="matching_pip_z_route_level",
            ),
            models.CheckConstraint(
                condition=Q(estimated_hours__isnull=True)
                | Q(route=LearningRoute.B1_ROUTE, estimated_hours__range=(1, 9999)),
                name="matching_pip_estimated_hours",
            ),
            models.CheckConstraint(
                condition=Q(latest_start_date__gte=models.F("earliest_start_date")),
                name="matching_pip_start_window",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant} v{self.version}"


class Need(Record):
    """A PIP and the component it waits for: an entry of the one waiting list.

    The list waits for a need, never for one course or one provider.
    """

    pip = models.ForeignKey(Pip, on_delete=models.PROTECT, related_name="needs")
    # Repeated from the PIP so that the list, the batch and the tenancy filter need no join.
    municipality = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="needs"
    )
    component = models.CharField(_("component"), max_length=3, choices=Component.choices)
    state = models.CharField(max_length=7, choices=NeedState.choices, default=NeedState.WAITING)
    waiting_since = models.DateField(_("waiting since"))
    deadline = models.DateField(_("statutory deadline"), null=True, blank=True)
    closed_reason = models.CharField(max_length=200, blank=True)

    objects = NeedQuerySet.as_manager()

    class Meta:
        ordering = ["waiting_since", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["pip", "component"],
                condition=~Q(state=NeedState.CLOSED),
                name="matching_need_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["municipality", "state", "waiting_since"], name="matching_need_list"
            )
        ]

    def __str__(self) -> str:
        return f"{self.pip.participant} {self.component}"

    @property
    def is_searched(self) -> bool:
        """Whether a place is looked for today, as `NeedQuerySet.waiting` has it."""
        waits = self.state == NeedState.WAITING and self.pip.is_current
        return waits and not self.pip.participant.is_exempt
