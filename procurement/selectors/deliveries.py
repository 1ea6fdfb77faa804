"""What was reported as delivered, and in which unit it is reported, for the apps above."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from uuid import UUID

from procurement.models import CallOff, DeliveredMonth


def delivery_units(references: Collection[UUID] | None) -> dict[UUID, str]:
    """The unit of the frozen tariff per placement with a call-off; None: of all. One query."""
    found = CallOff.objects.order_by()
    if references is not None:
        found = found.filter(reference__in=list(references))
    return dict(found.values_list("reference", "tariff__unit"))


def delivered_quantities(references: Collection[UUID]) -> dict[tuple[UUID, date], Decimal]:
    """What was last reported per placement and month. One query."""
    rows = (
        DeliveredMonth.objects.filter(call_off__reference__in=list(references))
        .order_by()
        .values_list("call_off__reference", "month", "quantity")
    )
    return {(reference, month): quantity for reference, month, quantity in rows}
