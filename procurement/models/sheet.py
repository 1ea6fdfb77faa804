"""A sheet of contracts that was checked, and what came of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.common.records import Record
from backend.organisations.models import Organisation
from procurement.querysets import ContractSheetQuerySet


class ContractSheet(Record):
    """An uploaded sheet of contracts with its report; the report stays, whatever happens next."""

    buyer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="contract_sheets"
    )
    file_name = models.CharField(_("file"), max_length=200)
    # Emptied when the sheet has been taken over: from then on the contracts are the truth.
    content = models.BinaryField(default=bytes)
    report = models.JSONField(default=dict)
    committed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ContractSheetQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name
