"""A call-off (nadere overeenkomst): one accepted placement drawn from a contract lot."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.common.records import Record
from backend.organisations.models import Organisation
from procurement.choices import CallOffState
from procurement.models.contract import ContractLot, Tariff
from procurement.querysets import CallOffQuerySet


class CallOff(Record):
    """What one placement commits, with the tariff frozen on the day of acceptance.

    `reference` is the UUID of the placement; procurement knows no person.
    """

    contract_lot = models.ForeignKey(
        ContractLot, on_delete=models.PROTECT, related_name="call_offs"
    )
    municipality = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="call_offs"
    )
    # Who pays it: agreed per lot and municipality on the first day (LotMunicipality.payer).
    payer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="paid_call_offs")
    reference = models.UUIDField(unique=True)
    # The key of the person at the municipality, to account per person; no name, no BSN.
    person_key = models.UUIDField(null=True, blank=True, editable=False)
    tariff = models.ForeignKey(Tariff, on_delete=models.PROTECT, related_name="+")
    quantity = models.DecimalField(_("quantity"), max_digits=9, decimal_places=2)
    amount = models.DecimalField(_("committed amount"), max_digits=12, decimal_places=2)
    start_date = models.DateField()
    end_date = models.DateField()
    state = models.CharField(
        max_length=9, choices=CallOffState.choices, default=CallOffState.COMMITTED
    )

    objects = CallOffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0), name="procurement_calloff_amount_not_negative"
            )
        ]
        indexes = [
            models.Index(
                fields=["contract_lot"],
                condition=Q(state=CallOffState.COMMITTED),
                name="procurement_calloff_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.contract_lot} {self.reference}"
