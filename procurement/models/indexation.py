"""How prices rise: the rule of a contract, and each time it was applied."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.common.records import Record
from procurement.choices import IndexationMethod, PriceRounding
from procurement.models.contract import Contract
from procurement.querysets import IndexationQuerySet

LOWEST, HIGHEST = -25, 25


class IndexationRule(models.Model):
    """When and by how much the prices of a contract change, as the contract says it."""

    contract = models.OneToOneField(
        Contract, on_delete=models.CASCADE, related_name="indexation_rule"
    )
    method = models.CharField(
        _("method"),
        max_length=5,
        choices=IndexationMethod.choices,
        default=IndexationMethod.INDEX,
    )
    index_name = models.CharField(_("name of the index"), max_length=120, blank=True)
    percentage = models.DecimalField(
        _("percentage"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(LOWEST), MaxValueValidator(HIGHEST)],
    )
    rounding = models.CharField(
        _("round to"), max_length=4, choices=PriceRounding.choices, default=PriceRounding.CENT
    )
    month = models.PositiveSmallIntegerField(
        _("month"), default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    first_year = models.PositiveSmallIntegerField(
        _("first year"), validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(method=IndexationMethod.INDEX) | Q(percentage__isnull=False),
                name="procurement_indexationrule_percentage",
            ),
            models.CheckConstraint(
                condition=Q(method=IndexationMethod.FIXED) | ~Q(index_name=""),
                name="procurement_indexationrule_index_named",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract.number}: {self.method}"


class Indexation(Record):
    """One time that all running prices of a contract were indexed; never undone, only followed."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="indexations")
    effective_date = models.DateField(_("from"))
    percentage = models.DecimalField(
        _("percentage"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(LOWEST), MaxValueValidator(HIGHEST)],
    )
    rounding = models.CharField(
        _("round to"), max_length=4, choices=PriceRounding.choices, default=PriceRounding.CENT
    )
    source = models.CharField(_("source of the percentage"), max_length=200, blank=True)

    objects = IndexationQuerySet.as_manager()

    class Meta:
        ordering = ["contract", "effective_date"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "effective_date"], name="procurement_indexation_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.contract.number} {self.effective_date} {self.percentage}"
