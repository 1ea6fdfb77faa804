"""Intake stops: a provider that takes in nobody for a while, with the consent of the buyer."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.common.records import Record
from backend.organisations.models import Organisation
from providers.choices import IMPOSED_GROUNDS, CourseKind, StopGround, StopState
from providers.models.catalogue import Course
from providers.models.provider import Location, Provider
from providers.querysets import IntakeStopQuerySet


class IntakeStop(Record):
    """A period without new placements of one municipality or region at a provider (clientenstop).

    Narrowed to a kind of course, a course or a location where those are named. From `starts_on` it
    blocks matching, whether or not the nightly run has marked it active.
    """

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="intake_stops")
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The municipality or region that decides, and whose placements are stopped.",
    )
    kind = models.CharField(
        _("kind of course"), max_length=13, choices=CourseKind.choices, blank=True
    )
    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    location = models.ForeignKey(
        Location, on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    state = models.CharField(
        _("status"), max_length=9, choices=StopState.choices, default=StopState.REQUESTED
    )
    ground = models.CharField(_("ground"), max_length=12, choices=StopGround.choices)
    reason = models.CharField(_("reason"), max_length=1000)
    alternatives = models.CharField(_("alternatives for participants"), max_length=1000, blank=True)
    is_imposed = models.BooleanField(_("imposed by the municipality"), default=False)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    requested_at = models.DateTimeField(_("requested"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision_note = models.CharField(_("explanation of the decision"), max_length=1000, blank=True)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)

    objects = IntakeStopQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        verbose_name = _("intake stop")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="providers_intakestop_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(is_imposed=False) | Q(ground__in=sorted(IMPOSED_GROUNDS)),
                name="providers_intakestop_imposed_grounds",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[StopState.REQUESTED, StopState.WITHDRAWN])
                | Q(decided_at__isnull=False),
                name="providers_intakestop_decided",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "starts_on"], name="providers_intakestop_state"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.starts_on}"
