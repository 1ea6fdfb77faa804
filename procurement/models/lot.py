"""What is bought together: a lot (perceel) and the municipalities that take part in it."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.common.codes import Component, TargetGroup
from backend.common.constraints import ends_after_start, no_overlap
from backend.common.records import Record
from backend.organisations.models import Organisation
from procurement.choices import AllocationKey
from procurement.models.tender import Tender
from procurement.querysets import LotQuerySet


class Lot(Record):
    """A lot of a buying organisation: components and target groups that it covers.

    The buyer is the contracting authority: a municipality, a centre municipality or a region. A
    lot without a tender is one of a contract that was bought before Passend, or privately.
    """

    tender = models.ForeignKey(
        Tender, on_delete=models.PROTECT, null=True, blank=True, related_name="lots"
    )
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="lots")
    code = models.CharField(_("lot code"), max_length=40)
    title = models.CharField(_("title"), max_length=160)
    components = ArrayField(
        models.CharField(max_length=12, choices=Component.choices), verbose_name=_("components")
    )
    target_groups = ArrayField(
        models.CharField(max_length=6, choices=TargetGroup.choices),
        verbose_name=_("target groups"),
    )
    areas = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, verbose_name=_("areas")
    )
    volume_min = models.PositiveIntegerField(_("lowest number a year"), null=True, blank=True)
    volume_max = models.PositiveIntegerField(_("highest number a year"), null=True, blank=True)
    ceiling_amount = models.DecimalField(
        _("ceiling in euros"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    contractors = models.PositiveSmallIntegerField(
        _("number of contractors"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    allocation = models.CharField(
        _("allocation key"), max_length=6, choices=AllocationKey.choices, default=AllocationKey.FIT
    )

    objects = LotQuerySet.as_manager()

    class Meta:
        ordering = ["buyer", "code"]
        constraints = [
            models.UniqueConstraint(fields=["buyer", "code"], name="procurement_lot_code"),
            models.CheckConstraint(
                condition=Q(components__len__gt=0), name="procurement_lot_components_named"
            ),
            models.CheckConstraint(
                condition=Q(volume_min__isnull=True)
                | Q(volume_max__isnull=True)
                | Q(volume_max__gte=F("volume_min")),
                name="procurement_lot_volume_range",
            ),
            models.CheckConstraint(
                condition=Q(ceiling_amount__isnull=True) | Q(ceiling_amount__gte=0),
                name="procurement_lot_ceiling_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class LotMunicipality(models.Model):
    """A municipality may call off from the lot in this period (opt-in per lot).

    `payer` is who pays its call-offs, where that is not the municipality itself: a centre
    municipality or a joint body (domain.md 6.2).
    """

    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="participations")
    municipality = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="lot_participations"
    )
    payer = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="paid_lot_participations",
    )
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["lot", "municipality"]
        constraints = [
            ends_after_start("procurement_lotmunicipality_ends_after_start"),
            no_overlap("procurement_lotmunicipality_no_overlap", "lot", "municipality"),
        ]

    def __str__(self) -> str:
        return f"{self.lot} {self.municipality}"
