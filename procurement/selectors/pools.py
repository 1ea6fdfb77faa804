"""How municipalities share the places of a lot: quota, use and cost per home municipality."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum

from backend.common.compiled import CompiledRows
from backend.common.locks import keys_in
from procurement.choices import CallOffState, PoolMode
from procurement.models import CallOff, Lot, LotMunicipality, PoolQuota


@dataclass(frozen=True)
class PoolLine:
    """One municipality on one lot; `quota` is None where places go first come, first served."""

    municipality_id: int
    municipality: str
    payer: str
    quota: int | None
    used: int
    amount: Decimal

    @property
    def left(self) -> int | None:
        return None if self.quota is None else max(0, self.quota - self.used)


def pool_lines(lot: Lot) -> list[PoolLine]:
    """Every municipality that takes part, with its running places and what they commit it to.

    The cost of a place falls to the municipality of the person, whoever signed the contract; the
    payer is named where another body pays for it. Three queries.
    """
    quotas = dict(
        PoolQuota.objects.filter(pool__lot=lot, pool__mode=PoolMode.QUOTA).values_list(
            "municipality_id", "places"
        )
    )
    used = {
        municipality: (number, amount or Decimal(0))
        for municipality, number, amount in CallOff.objects.filter(
            contract_lot__lot=lot, state=CallOffState.COMMITTED
        )
        .order_by()
        .values_list("municipality_id")
        .annotate(number=Count("pk"), total=Sum("amount"))
    }
    lines: dict[int, PoolLine] = {}
    for pk, name, payer in (
        LotMunicipality.objects.filter(lot=lot)
        .order_by("municipality__name", "-valid_from")
        .values_list("municipality_id", "municipality__name", "payer__name")
    ):
        if pk not in lines:
            number, amount = used.get(pk, (0, Decimal(0)))
            lines[pk] = PoolLine(pk, name, payer or name, quotas.get(pk), number, amount)
    return list(lines.values())


_QUOTAS = CompiledRows(
    lambda lots: (
        PoolQuota.objects.filter(pool__lot__in=keys_in(lots), pool__mode=PoolMode.QUOTA)
        .order_by()
        .values_list("pool__lot_id", "municipality_id", "places")
    ),
    lots=list,
)


def quotas_left(lots: Iterable[int]) -> dict[int, dict[int, int]]:
    """Per lot with quotas the places left per municipality; two queries, often one."""
    quotas = _QUOTAS.planned(lots=lots)
    if not quotas:
        return {}
    used = {
        (lot, municipality): number
        for lot, municipality, number in CallOff.objects.filter(
            contract_lot__lot__in={lot for lot, _municipality, _places in quotas},
            state=CallOffState.COMMITTED,
        )
        .order_by()
        .values_list("contract_lot__lot_id", "municipality_id")
        .annotate(number=Count("pk"))
    }
    left: dict[int, dict[int, int]] = {}
    for lot, municipality, places in quotas:
        left.setdefault(lot, {})[municipality] = max(0, places - used.get((lot, municipality), 0))
    return left
