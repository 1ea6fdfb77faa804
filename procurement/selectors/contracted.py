"""What contracts promise providers, for the capacity page of supply (`providers.ports`)."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.urls import reverse

from backend.accounts.actor import Actor
from backend.organisations.querysets import holds_on
from procurement.choices import ContractStatus
from procurement.models import Contract, ContractCourse, ContractLot, LotMunicipality
from providers.public import ContractedPlaces

RUNNING = (ContractStatus.ACTIVE, ContractStatus.SUSPENDED)


def contracted_capacity(
    actor: Actor | None, provider_ids: Iterable[int] | None, first: date, last: date
) -> Sequence[ContractedPlaces]:
    """Places per contract lot in the period: its ceiling, spread evenly over the contract.

    Lots without a ceiling in places promise none. One query; only contracts the actor sees.
    """
    contracts = Contract.objects.all() if actor is None else Contract.objects.visible_to(actor)
    if provider_ids is not None:
        contracts = contracts.filter(provider__in=list(provider_ids))
    courses = ContractCourse.objects.filter(contract_lot=OuterRef("pk")).values("course_id")
    takers = LotMunicipality.objects.filter(holds_on(first), lot=OuterRef("lot_id"))
    lots = list(
        ContractLot.objects.filter(
            contract__in=contracts,
            contract__status__in=RUNNING,
            contract__start_date__lte=last,
            contract__end_date__gte=first,
            ceiling__places__isnull=False,
        )
        .select_related("contract", "lot", "ceiling")
        .annotate(
            courses=ArraySubquery(courses), takers=ArraySubquery(takers.values("municipality_id"))
        )
        .order_by("pk")
    )
    return [
        ContractedPlaces(
            provider_id=one.contract.provider_id,
            label=f"{one.contract.number} / {one.lot.code}",
            path=reverse("contract", args=[one.contract.uuid]),
            organisation_id=one.contract.buyer_id,
            municipality_ids=frozenset(one.takers),
            course_ids=frozenset(one.courses),
            places=_in_period(one, first, last),
            contract=one.contract.uuid,
            lot=one.lot.uuid,
        )
        for one in lots
    ]


def _in_period(one: ContractLot, first: date, last: date) -> int:
    contract = one.contract
    days = (min(last, contract.end_date) - max(first, contract.start_date)).days + 1
    length = (contract.end_date - contract.start_date).days + 1
    return round((one.ceiling.places or 0) * days / length)


def buyers_of(provider_id: int) -> Iterable[int]:
    """Keys of the buyers with a running contract at the provider, and who may call off from it."""
    contracts = Contract.objects.filter(provider=provider_id, status__in=RUNNING)
    buyers = set(contracts.values_list("buyer_id", flat=True))
    takers = LotMunicipality.objects.filter(lot__contract_lots__contract__in=contracts)
    return buyers | set(takers.values_list("municipality_id", flat=True))
