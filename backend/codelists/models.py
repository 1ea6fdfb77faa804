"""Versions of code lists after the one that is delivered with the program."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.common.records import Record

CODE_FORM = r"^[a-z0-9][a-z0-9_]{0,39}$"


class CodeListVersion(Record):
    """All codes of a list from one day on. A version that has begun is never changed."""

    code_list = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    valid_from = models.DateField(_("first day"))
    reason = models.CharField(_("reason"), max_length=200)
    actor_label = models.CharField(max_length=200)

    class Meta:
        default_permissions = ()
        ordering = ["code_list", "version"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["code_list", "version"], name="codelists_version_number"
            ),
            models.UniqueConstraint(
                fields=["code_list", "valid_from"], name="codelists_version_first_day"
            ),
            models.CheckConstraint(condition=Q(version__gt=1), name="codelists_version_not_first"),
        ]

    def __str__(self) -> str:
        return f"{self.code_list} {self.version}"


class CodeListEntry(models.Model):
    """One code of a version with its two labels."""

    version = models.ForeignKey(CodeListVersion, on_delete=models.CASCADE, related_name="entries")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40)
    label_nl = models.CharField(max_length=100)
    label_en = models.CharField(max_length=100)
    counts_as = models.CharField(max_length=40, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["version", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "code"], name="codelists_entry_code"),
        ]

    def __str__(self) -> str:
        return self.code
