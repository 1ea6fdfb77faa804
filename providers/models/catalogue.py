"""What is offered: course, group with weekly lessons, intake moment."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from backend.common.codes import WEEKDAY_CODES, Component, Level, Literacy, Weekday
from backend.common.constraints import ends_after_start
from backend.common.records import Record
from providers.choices import (
    COMPONENT_KINDS,
    LITERACY_COMPONENTS,
    CourseKind,
    DeliveryMode,
    DeliveryRole,
    Frequency,
    IntakeStatus,
    SupportLanguage,
)
from providers.models.provider import Location, Provider
from providers.querysets import (
    CourseGroupQuerySet,
    CourseQuerySet,
    IntakeMomentQuerySet,
    IntakeSeriesQuerySet,
)

NOON = "12:00"
# Lessons that begin at 17:00 or later count as evening lessons.
EVENING = "17:00"


class Course(Record):
    """A course as a provider describes it, whether or not a region has contracted it."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="courses")
    code = models.CharField(_("course code"), max_length=40)
    name = models.CharField(_("name"), max_length=160)
    kind = models.CharField(_("kind of course"), max_length=13, choices=CourseKind.choices)
    # What matching places on this course; empty for kinds that are no component of a PIP.
    component = models.CharField(
        _("component"), max_length=3, choices=Component.choices, blank=True
    )
    level_from = models.CharField(_("lowest entry level"), max_length=2, choices=Level.choices)
    level_to = models.CharField(_("highest entry level"), max_length=2, choices=Level.choices)
    target_level = models.CharField(_("target level"), max_length=2, choices=Level.choices)
    literacy = ArrayField(
        models.CharField(max_length=3, choices=Literacy.choices), verbose_name=_("literacy groups")
    )
    hours_per_week = models.DecimalField(_("hours per week"), max_digits=4, decimal_places=1)
    total_hours = models.PositiveIntegerField(_("total hours"))
    mode = models.CharField(_("form of teaching"), max_length=6, choices=DeliveryMode.choices)
    age_from = models.PositiveSmallIntegerField(_("from age"), null=True, blank=True)
    age_to = models.PositiveSmallIntegerField(_("to age"), null=True, blank=True)
    special_groups = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("made for"),
        default=list,
        blank=True,
    )
    support_languages = ArrayField(
        models.CharField(max_length=2, choices=SupportLanguage.choices),
        verbose_name=_("languages for explanation"),
        default=list,
        blank=True,
    )
    description = models.TextField(_("description"), blank=True)
    is_active = models.BooleanField(_("offered"), default=True)

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["provider", "code"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "code"], name="providers_course_code"),
            models.CheckConstraint(
                condition=Q(level_from__lte=F("level_to")), name="providers_course_entry_levels"
            ),
            models.CheckConstraint(
                condition=Q(hours_per_week__gt=0), name="providers_course_hours_positive"
            ),
            models.CheckConstraint(
                condition=Q(literacy__len__gt=0), name="providers_course_literacy_named"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=sorted(COMPONENT_KINDS), component=F("kind"))
                | Q(kind=CourseKind.LITERACY, component__in=["", *sorted(LITERACY_COMPONENTS)])
                | Q(
                    kind__in=[
                        CourseKind.PARTICIPATION,
                        CourseKind.GUIDANCE,
                        CourseKind.FINANCIAL,
                    ],
                    component="",
                ),
                name="providers_course_kind_component",
            ),
            models.CheckConstraint(
                condition=Q(age_from__isnull=True)
                | Q(age_to__isnull=True)
                | Q(age_from__lte=F("age_to")),
                name="providers_course_ages",
            ),
        ]
        indexes = [models.Index(fields=["name", "id"], name="providers_course_order")]

    def __str__(self) -> str:
        return self.name


class DeliveryParty(Record):
    """Who delivers a course, or part of it, for the provider that holds the contract.

    Main contractor and subcontractor are different parties, and the consent of the contracting
    authority is dated (VNG model contract, clause 3.9).
    """

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="delivery_parties")
    # A party that is a provider itself; otherwise only its name and KvK number are known.
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    name = models.CharField(_("name"), max_length=160)
    kvk_number = models.CharField(_("KvK number"), max_length=8, blank=True)
    role = models.CharField(_("role"), max_length=8, choices=DeliveryRole.choices)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    consent_date = models.DateField(_("consent given"), null=True, blank=True)

    objects = CourseGroupQuerySet.as_manager()

    class Meta:
        ordering = ["course", "role", "name", "pk"]
        verbose_name = _("delivery party")
        constraints = [
            ends_after_start("providers_deliveryparty_ends_after_start"),
            models.CheckConstraint(
                condition=Q(kvk_number="") | Q(kvk_number__regex=r"^[0-9]{8}$"),
                name="providers_deliveryparty_kvk_number_form",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CourseGroup(Record):
    """A class (groep) of a course at a location, with its weekly lessons."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="groups")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="groups")
    code = models.CharField(_("group code"), max_length=40)
    min_size = models.PositiveSmallIntegerField(_("smallest group"), default=1)
    max_size = models.PositiveSmallIntegerField(_("largest group"))
    room_seats = models.PositiveSmallIntegerField(_("seats in the room"), null=True, blank=True)

    objects = CourseGroupQuerySet.as_manager()

    class Meta:
        ordering = ["course", "code"]
        constraints = [
            models.UniqueConstraint(fields=["course", "code"], name="providers_coursegroup_code"),
            models.CheckConstraint(
                condition=Q(min_size__lte=F("max_size")), name="providers_coursegroup_sizes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course} ({self.code})"


class WeeklySlot(models.Model):
    """A weekly lesson of a group; `slot` is its weekday and day-part, for example MO1."""

    group = models.ForeignKey(CourseGroup, on_delete=models.CASCADE, related_name="weekly_slots")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    start_time = models.TimeField()
    end_time = models.TimeField()
    slot = models.GeneratedField(
        expression=Concat(
            Case(
                *[
                    When(weekday=number, then=Value(code))
                    for number, code in enumerate(WEEKDAY_CODES, start=1)
                ],
                output_field=models.CharField(),
            ),
            Case(
                When(start_time__lt=NOON, then=Value("1")),
                When(start_time__lt=EVENING, then=Value("2")),
                default=Value("3"),
                output_field=models.CharField(),
            ),
            output_field=models.CharField(max_length=3),
        ),
        output_field=models.CharField(max_length=3),
        db_persist=True,
    )

    class Meta:
        ordering = ["group", "weekday", "start_time"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "weekday", "start_time"], name="providers_weeklyslot_once"
            ),
            models.CheckConstraint(
                condition=Q(end_time__gt=F("start_time")), name="providers_weeklyslot_times"
            ),
            models.CheckConstraint(
                condition=Q(weekday__range=(1, 7)), name="providers_weeklyslot_weekday"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.start_time:%H:%M}"


class IntakeSeries(Record):
    """Recurring intake moments of a group, as they were planned together."""

    group = models.ForeignKey(CourseGroup, on_delete=models.PROTECT, related_name="series")
    frequency = models.CharField(_("how often"), max_length=6, choices=Frequency.choices)
    step = models.PositiveSmallIntegerField(_("number of weeks or months"), default=1)
    first_date = models.DateField(_("first start"))
    last_date = models.DateField(_("last start"))

    objects = IntakeSeriesQuerySet.as_manager()

    class Meta:
        ordering = ["group", "first_date"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_date__gte=F("first_date")), name="providers_intakeseries_dates"
            ),
            models.CheckConstraint(
                condition=Q(step__gt=0), name="providers_intakeseries_step_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.first_date}"


class IntakeMoment(Record):
    """A date on which participants can start in a group (instroommoment), with its seats.

    Seats are rows: see `SeatClaim`. There is no counter beside them.
    """

    group = models.ForeignKey(CourseGroup, on_delete=models.PROTECT, related_name="intake_moments")
    start_date = models.DateField(_("start date"))
    end_date = models.DateField(_("end date"))
    seats_total = models.PositiveSmallIntegerField(_("seats"))
    status = models.CharField(
        _("status"), max_length=9, choices=IntakeStatus.choices, default=IntakeStatus.PUBLISHED
    )
    # Why it was closed or cancelled, in the provider's words.
    status_reason = models.CharField(_("reason"), max_length=400, blank=True)
    status_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    series = models.ForeignKey(
        IntakeSeries,
        on_delete=models.SET_NULL,
        related_name="intake_moments",
        null=True,
        blank=True,
    )

    objects = IntakeMomentQuerySet.as_manager()

    class Meta:
        ordering = ["start_date", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "start_date"], name="providers_intakemoment_once"
            ),
            models.CheckConstraint(
                condition=Q(end_date__gt=F("start_date")), name="providers_intakemoment_dates"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "start_date"], name="providers_intake_open"),
            # The order of the list, forwards and backwards.
            models.Index(fields=["start_date", "id"], name="providers_intake_order"),
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.start_date}"
