"""Tenders (aanbestedingen) and to whom their lots were awarded."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.common.records import Record
from backend.organisations.models import Organisation
from procurement.choices import TenderProcedure, TenderStatus
from procurement.querysets import AwardQuerySet, TenderQuerySet
from providers.models import Provider

# Eight digits of CPV 2008; notices also write the check digit behind a hyphen, which adds nothing.
CPV_PATTERN = r"^\d{8}$"


class Tender(Record):
    """A tender of a buying organisation: what was asked for, how, and by when."""

    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="tenders")
    reference = models.CharField(_("reference"), max_length=40)
    title = models.CharField(_("title"), max_length=160)
    description = models.TextField(_("description"), blank=True, max_length=4000)
    procedure = models.CharField(
        _("procedure"),
        max_length=13,
        choices=TenderProcedure.choices,
        default=TenderProcedure.SAS,
    )
    cpv_codes = ArrayField(
        models.CharField(
            max_length=8,
            validators=[
                RegexValidator(CPV_PATTERN, _("A CPV code has eight digits, such as 80000000."))
            ],
        ),
        default=list,
        blank=True,
        verbose_name=_("CPV codes"),
    )
    publication_reference = models.CharField(_("publication number"), max_length=60, blank=True)
    publication_date = models.DateField(_("publication date"), null=True, blank=True)
    closing_date = models.DateField(_("last day for tenders"), null=True, blank=True)
    award_date = models.DateField(_("award date"), null=True, blank=True)
    standstill_until = models.DateField(_("end of the standstill period"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=9, choices=TenderStatus.choices, default=TenderStatus.DRAFT
    )

    objects = TenderQuerySet.as_manager()

    class Meta:
        ordering = ["buyer", "reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["buyer", "reference"], name="procurement_tender_reference"
            ),
            models.CheckConstraint(
                condition=Q(publication_date__isnull=True)
                | Q(closing_date__isnull=True)
                | Q(closing_date__gte=F("publication_date")),
                name="procurement_tender_closes_after_publication",
            ),
            models.CheckConstraint(
                condition=Q(award_date__isnull=True)
                | Q(standstill_until__isnull=True)
                | Q(standstill_until__gte=F("award_date")),
                name="procurement_tender_standstill_after_award",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"


class Award(Record):
    """A lot is awarded to a provider, with its place in the ranking or its share of the volume."""

    lot = models.ForeignKey("procurement.Lot", on_delete=models.CASCADE, related_name="awards")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="awards")
    rank = models.PositiveSmallIntegerField(
        _("place in the ranking"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    share = models.DecimalField(
        _("share in percent"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )

    objects = AwardQuerySet.as_manager()

    class Meta:
        ordering = ["lot", F("rank").asc(nulls_last=True), "pk"]
        constraints = [
            models.UniqueConstraint(fields=["lot", "provider"], name="procurement_award_once"),
            models.UniqueConstraint(
                fields=["lot", "rank"],
                condition=Q(rank__isnull=False),
                name="procurement_award_rank_once",
            ),
            models.CheckConstraint(
                condition=Q(share__isnull=True) | Q(share__gte=0, share__lte=100),
                name="procurement_award_share_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot}: {self.provider}"
