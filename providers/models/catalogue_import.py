"""What became of each file with which a provider keeps its catalogue."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.common.records import Record
from providers.choices import ImportState
from providers.models.provider import Provider
from providers.querysets import OwnQuerySet


class CatalogueImport(Record):
    """One uploaded file: who, when, what was wrong or what would change, and what was published.

    Kept for good; the file itself is not. `changes` holds the rows to write as JSON bytes, and
    `preview` the first of them to show.
    """

    provider = models.ForeignKey(
        Provider, on_delete=models.CASCADE, related_name="catalogue_imports"
    )
    state = models.CharField(_("status"), max_length=9, choices=ImportState.choices)
    file_name = models.CharField(_("file"), max_length=200)
    file_hash = models.CharField(max_length=64)
    file_bytes = models.PositiveIntegerField()
    file_format = models.CharField(max_length=4, blank=True)
    # Labels of people, not keys: a report outlives an account.
    checked_by = models.CharField(_("checked by"), max_length=200)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    published_by = models.CharField(_("published by"), max_length=200, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    # Intake moments from this day on were compared. The fingerprint is of the catalogue at the
    # check; once published, of the catalogue as it was left.
    since = models.DateField(null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    # Percentage of the rows of a waiting file that has been checked, or of the changes written.
    progress = models.PositiveSmallIntegerField(_("progress"), default=0)
    # Why publishing in the background was refused, until it is tried again.
    refusal = models.CharField(_("refused because"), max_length=500, blank=True)
    counts = models.JSONField(default=dict)
    faults = models.JSONField(default=list)
    preview = models.JSONField(default=list)
    skipped = models.JSONField(default=list)
    changes = models.BinaryField(default=b"")

    objects = OwnQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("catalogue import")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=ImportState.PUBLISHED) | Q(published_at__isnull=False),
                name="providers_catalogueimport_published_at",
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "-created_at"], name="providers_import_order"),
        ]

    def __str__(self) -> str:
        return self.file_name


class CatalogueImportFile(models.Model):
    """A large file until it has been read in the background; then the row is removed."""

    catalogue_import = models.OneToOneField(
        CatalogueImport, on_delete=models.CASCADE, related_name="waiting_file"
    )
    content = models.BinaryField()

    def __str__(self) -> str:
        return str(self.catalogue_import_id)
