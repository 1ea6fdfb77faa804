"""What a contract said when, and since when that was known: versions, options, documents."""

from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from backend.common import clock
from backend.common.constraints import no_overlap
from backend.common.records import Record
from backend.common.stored_files import WithFile
from procurement.choices import DocumentKind, OptionStatus, VersionKind
from procurement.models.contract import Contract, ContractLot
from procurement.querysets import (
    ContractDocumentQuerySet,
    ContractVersionQuerySet,
    ExtensionOptionQuerySet,
    KpiAgreementQuerySet,
)


class ContractVersion(Record):
    """The text of a contract as agreed once; after `agreed_at` only a new version changes it."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    kind = models.CharField(
        max_length=10, choices=VersionKind.choices, default=VersionKind.ORIGINAL
    )
    reason = models.TextField(_("reason"), blank=True, max_length=2000)
    title = models.CharField(_("title"), max_length=160)
    effective_date = models.DateField(_("takes effect on"))
    end_date = models.DateField(_("end date of the contract"))
    notice_months = models.PositiveSmallIntegerField(
        _("notice period in months"), default=6, validators=[MaxValueValidator(36)]
    )
    payment_days = models.PositiveSmallIntegerField(
        _("payment term in days"), default=30, validators=[MaxValueValidator(120)]
    )
    # The version that a correction takes the place of, for the days of that version.
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    agreed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When title and ceilings were taken over: on the first day of the version.
    applied_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ContractVersionQuerySet.as_manager()

    class Meta:
        ordering = ["contract", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "number"], name="procurement_contractversion_number"
            ),
            models.UniqueConstraint(
                fields=["contract"],
                condition=Q(agreed_at__isnull=True),
                name="procurement_contractversion_one_draft",
            ),
            models.CheckConstraint(
                condition=Q(end_date__gte=F("effective_date")),
                name="procurement_contractversion_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract.number} v{self.number}"


class VersionPeriod(models.Model):
    """In this period the version holds, as far as was known from `known_from` to `known_to`.

    A later amendment or correction never changes a row: it ends what was known and adds what is
    known now, so that any day can be asked what was thought to be true on any other day.
    """

    version = models.ForeignKey(ContractVersion, on_delete=models.CASCADE, related_name="periods")
    # Repeated from the version: the constraint below needs it in this row.
    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField()
    known_from = models.DateTimeField(default=clock.now)
    known_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["contract", "valid_from", "known_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")),
                name="procurement_versionperiod_ends_after_start",
            ),
            no_overlap(
                "procurement_versionperiod_no_overlap",
                "contract",
                also=(
                    (
                        Func(
                            F("known_from"),
                            F("known_to"),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.valid_from} - {self.valid_to}"


class VersionLot(models.Model):
    """What a version agrees for one lot of the contract: the ceiling from its first day on."""

    version = models.ForeignKey(ContractVersion, on_delete=models.CASCADE, related_name="lots")
    contract_lot = models.ForeignKey(
        ContractLot, on_delete=models.CASCADE, related_name="version_lots"
    )
    ceiling_places = models.PositiveIntegerField(_("places"), null=True, blank=True)
    ceiling_amount = models.DecimalField(
        _("amount"), max_digits=12, decimal_places=2, null=True, blank=True
    )

    class Meta:
        ordering = ["version", "contract_lot"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "contract_lot"], name="procurement_versionlot_once"
            ),
            models.CheckConstraint(
                condition=Q(ceiling_amount__isnull=True) | Q(ceiling_amount__gte=0),
                name="procurement_versionlot_amount_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.contract_lot}"


class ExtensionOption(Record):
    """The right of the buyer to extend the contract; decided on or before `notice_date`."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="options")
    number = models.PositiveSmallIntegerField(_("option"))
    start_date = models.DateField(_("start date"))
    end_date = models.DateField(_("end date"))
    notice_date = models.DateField(_("decide before or on"))
    status = models.CharField(
        _("status"), max_length=9, choices=OptionStatus.choices, default=OptionStatus.OPEN
    )
    decided_date = models.DateField(null=True, blank=True, editable=False)
    reason = models.TextField(_("reason"), blank=True, max_length=2000)
    version = models.OneToOneField(
        ContractVersion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="option",
    )

    objects = ExtensionOptionQuerySet.as_manager()

    class Meta:
        ordering = ["contract", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "number"], name="procurement_option_number"
            ),
            models.CheckConstraint(
                condition=Q(end_date__gte=F("start_date")),
                name="procurement_option_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(notice_date__lt=F("start_date")),
                name="procurement_option_notice_before_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract.number} / {self.number}"


class KpiAgreement(Record):
    """What a version agrees about one indicator: norm, weight and the smallest number that counts.

    The indicator is named by its code only; what it means is defined in `quality` (kpi_codes).
    """

    version = models.ForeignKey(
        ContractVersion, on_delete=models.CASCADE, related_name="kpi_agreements"
    )
    indicator = models.CharField(_("indicator"), max_length=8)
    norm = models.DecimalField(_("norm"), max_digits=8, decimal_places=2)
    weight = models.DecimalField(
        _("weight"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    minimum_n = models.PositiveSmallIntegerField(
        _("smallest number"), default=10, validators=[MinValueValidator(5)]
    )

    objects = KpiAgreementQuerySet.as_manager()

    class Meta:
        ordering = ["version", "indicator"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "indicator"], name="procurement_kpiagreement_once"
            ),
            models.CheckConstraint(
                condition=Q(weight__gt=0, weight__lte=100),
                name="procurement_kpiagreement_weight_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.indicator}"


class ContractDocument(WithFile, Record):
    """A document that belongs to the contract, with its file or where the buyer keeps it."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(_("kind"), max_length=15, choices=DocumentKind.choices)
    title = models.CharField(_("title"), max_length=160)
    location = models.CharField(_("where it is kept"), max_length=300, blank=True)
    issued_date = models.DateField(_("date of the document"), null=True, blank=True)
    # How old it may be on the first day and at every check afterwards; empty: it does not age.
    maximum_age_months = models.PositiveSmallIntegerField(
        _("may be this many months old"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    required = models.BooleanField(_("required"), default=True)

    objects = ContractDocumentQuerySet.as_manager()

    class Meta:
        ordering = ["contract", "kind", "pk"]

    def __str__(self) -> str:
        return self.title
