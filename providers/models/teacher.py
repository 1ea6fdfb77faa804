"""Teachers and the hours they give to groups: the layer of capacity that runs out first."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.common.constraints import ends_after_start
from backend.common.records import Record
from providers.choices import TeacherQualification
from providers.models.catalogue import CourseGroup
from providers.models.provider import Provider
from providers.querysets import OwnQuerySet, TeacherHoursQuerySet

ABOVE_ZERO = MinValueValidator(Decimal("0.5"))


class Teacher(Record):
    """A teacher of a provider, under a code; no name, for planning needs none."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="teachers")
    code = models.CharField(_("teacher code"), max_length=40)
    qualification = models.CharField(
        _("qualification"), max_length=11, choices=TeacherQualification.choices
    )
    hours_per_week = models.DecimalField(
        _("hours per week"), max_digits=4, decimal_places=1, validators=[ABOVE_ZERO]
    )
    valid_from = models.DateField(_("works from"))
    valid_to = models.DateField(_("works until"), null=True, blank=True)

    objects = OwnQuerySet.as_manager()

    class Meta:
        ordering = ["provider", "code"]
        verbose_name = _("teacher")
        constraints = [
            models.UniqueConstraint(fields=["provider", "code"], name="providers_teacher_code"),
            models.CheckConstraint(
                condition=Q(hours_per_week__gt=0), name="providers_teacher_hours_positive"
            ),
            ends_after_start("providers_teacher_ends_after_start"),
        ]

    def __str__(self) -> str:
        return self.code


class TeacherHours(Record):
    """Weekly hours that a teacher gives to a group in a period."""

    teacher = models.ForeignKey(Teacher, on_delete=models.CASCADE, related_name="assignments")
    group = models.ForeignKey(CourseGroup, on_delete=models.CASCADE, related_name="teacher_hours")
    hours_per_week = models.DecimalField(
        _("hours per week"), max_digits=4, decimal_places=1, validators=[ABOVE_ZERO]
    )
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)

    objects = TeacherHoursQuerySet.as_manager()

    class Meta:
        ordering = ["group", "teacher", "valid_from"]
        verbose_name = _("teacher hours")
        constraints = [
            models.CheckConstraint(
                condition=Q(hours_per_week__gt=0), name="providers_teacherhours_positive"
            ),
            ends_after_start("providers_teacherhours_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.teacher} {self.group}"
