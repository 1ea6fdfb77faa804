"""Framework contracts: who delivers what from a lot, at which price, up to which ceiling."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.common.codes import Component
from backend.common.constraints import ends_after_start, no_overlap
from backend.common.records import Record
from backend.organisations.models import Organisation
from procurement.choices import ContractStatus, ExecutionVariant, TariffUnit
from procurement.models.lot import Lot
from procurement.models.tender import Tender
from procurement.querysets import ContractLotQuerySet, ContractQuerySet, TariffQuerySet
from providers.models import Course, Provider


class Contract(Record):
    """A framework contract (raamovereenkomst) between a buyer and a provider.

    `title`, `start_date` and `end_date` are those of the newest version that was agreed; what was
    true when, and since when that was known, is in ContractVersion and VersionPeriod.
    """

    tender = models.ForeignKey(
        Tender, on_delete=models.PROTECT, null=True, blank=True, related_name="contracts"
    )
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="contracts")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="contracts")
    number = models.CharField(_("contract number"), max_length=40)
    title = models.CharField(_("title"), max_length=160)
    start_date = models.DateField(_("start date"))
    end_date = models.DateField(_("end date"))
    status = models.CharField(
        _("status"), max_length=9, choices=ContractStatus.choices, default=ContractStatus.DRAFT
    )

    objects = ContractQuerySet.as_manager()

    class Meta:
        ordering = ["buyer", "number"]
        constraints = [
            models.UniqueConstraint(fields=["buyer", "number"], name="procurement_contract_number"),
            models.CheckConstraint(
                condition=Q(end_date__gte=F("start_date")),
                name="procurement_contract_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class ContractLot(Record):
    """The part of a contract that delivers one lot."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="contract_lots")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="contract_lots")
    execution = models.CharField(
        _("execution variant"),
        max_length=6,
        choices=ExecutionVariant.choices,
        default=ExecutionVariant.EFFORT,
    )

    objects = ContractLotQuerySet.as_manager()

    class Meta:
        ordering = ["contract", "lot"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "lot"], name="procurement_contractlot_once")
        ]

    def __str__(self) -> str:
        return f"{self.contract.number} / {self.lot.code}"


class Ceiling(Record):
    """At most so many places and so much money may be called off from a contract lot.

    The row that is locked first when a placement draws on it (design.md, lock order).
    """

    contract_lot = models.OneToOneField(
        ContractLot, on_delete=models.CASCADE, related_name="ceiling"
    )
    places = models.PositiveIntegerField(_("places"), null=True, blank=True)
    amount = models.DecimalField(
        _("amount"), max_digits=12, decimal_places=2, null=True, blank=True
    )

    def __str__(self) -> str:
        return f"{self.contract_lot}: {self.places} / {self.amount}"


class ContractCourse(models.Model):
    """A course that may be called off from the contract lot."""

    contract_lot = models.ForeignKey(
        ContractLot, on_delete=models.CASCADE, related_name="contract_courses"
    )
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="contract_courses")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contract_lot", "course"], name="procurement_contractcourse_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.contract_lot}: {self.course}"


class Tariff(Record):
    """A price for a component in a period, excluding VAT; periods of one price never overlap."""

    contract_lot = models.ForeignKey(ContractLot, on_delete=models.CASCADE, related_name="tariffs")
    component = models.CharField(max_length=12, choices=Component.choices)
    unit = models.CharField(_("unit"), max_length=12, choices=TariffUnit.choices)
    # Which module, phase or result: several prices of one unit may hold at once.
    detail = models.CharField(_("what for"), max_length=60, blank=True)
    amount = models.DecimalField(_("amount in euros"), max_digits=10, decimal_places=2)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    # The run that made this price out of the one before it.
    indexation = models.ForeignKey(
        "procurement.Indexation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tariffs",
    )

    objects = TariffQuerySet.as_manager()

    class Meta:
        ordering = ["contract_lot", "component", "valid_from"]
        constraints = [
            ends_after_start("procurement_tariff_ends_after_start"),
            models.CheckConstraint(
                condition=Q(amount__gte=0), name="procurement_tariff_amount_not_negative"
            ),
            no_overlap(
                "procurement_tariff_no_overlap", "contract_lot", "component", "unit", "detail"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_lot} {self.component} {self.amount}"
