"""Sheets of contracts and of claim lines that were checked, and what came of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.common.records import Record
from backend.organisations.models import Organisation
from procurement.models.contract import Contract
from procurement.models.money import Claim
from procurement.money_querysets import ClaimSheetQuerySet
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


class ClaimSheet(Record):
    """An uploaded sheet of claim lines with its report; it becomes one claim, or nothing."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="claim_sheets")
    municipality = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="claim_sheets"
    )
    number = models.CharField(_("claim number"), max_length=40)
    month = models.DateField(_("month"))
    file_name = models.CharField(_("file"), max_length=200)
    # Emptied when the claim has been sent: from then on the claim is the truth.
    content = models.BinaryField(default=bytes)
    report = models.JSONField(default=dict)
    claim = models.OneToOneField(
        Claim, on_delete=models.PROTECT, null=True, blank=True, related_name="sheet"
    )

    objects = ClaimSheetQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name
