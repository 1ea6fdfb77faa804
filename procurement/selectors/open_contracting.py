"""Public contracting processes, loaded page by page in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Q, Sum
from django.db.models.functions import TruncMonth

from backend.common import clock
from backend.organisations.models import Organisation
from procurement.choices import ContractStatus, TenderStatus
from procurement.models import (
    Award,
    Contract,
    ContractLot,
    ContractVersion,
    LedgerEntry,
    Lot,
    Milestone,
    Tender,
    VersionLot,
)
from procurement.money_choices import EntryKind
from procurement.ocds.facts import Payment, Process, PublicContract
from procurement.ocds.values import ocid_of


def public_process_count() -> int:
    """Tenders that were published, and contracts in force or ended that had no tender."""
    return _tenders().count() + _loose_contracts().count()


def public_processes(start: int, size: int) -> list[Process]:
    """Processes by age: first tenders, then contracts without one. Drafts are never public."""
    tenders = list(_tenders()[start : start + size])
    number = _tenders().count() if len(tenders) < size else 0
    contracts: list[Contract] = []
    if len(tenders) < size:
        first = max(0, start - number)
        contracts = list(_loose_contracts()[first : first + size - len(tenders)])
    return [*_of_tenders(tenders), *_of_contracts(contracts)]


def _tenders():  # type: ignore[no-untyped-def]
    return Tender.objects.exclude(status=TenderStatus.DRAFT).select_related("buyer").order_by("pk")


def _loose_contracts():  # type: ignore[no-untyped-def]
    return _public_contracts().filter(Q(tender__isnull=True) | Q(tender__status=TenderStatus.DRAFT))


def _public_contracts():  # type: ignore[no-untyped-def]
    return (
        Contract.objects.exclude(status=ContractStatus.DRAFT)
        .select_related("buyer", "provider__organisation")
        .order_by("pk")
    )


def _of_tenders(tenders: Sequence[Tender]) -> list[Process]:
    keys = [one.pk for one in tenders]
    lots: dict[int, list[Lot]] = defaultdict(list)
    for lot in Lot.objects.filter(tender__in=keys).order_by("code", "pk"):
        lots[lot.tender_id or 0].append(lot)
    awards: dict[int, list[Award]] = defaultdict(list)
    for award in (
        Award.objects.filter(lot__tender__in=keys)
        .select_related("lot", "provider__organisation")
        .order_by("lot__code", "pk")
    ):
        awards[award.lot.tender_id or 0].append(award)
    contracts: dict[int, list[PublicContract]] = defaultdict(list)
    for public in _loaded(_public_contracts().filter(tender__in=keys)):
        contracts[public.contract.tender_id or 0].append(public)
    return [
        Process(
            ocid=ocid_of("tender", one.uuid),
            buyer=one.buyer,
            tender=one,
            lots=lots[one.pk],
            awards=awards[one.pk],
            contracts=contracts[one.pk],
        )
        for one in tenders
    ]


def _of_contracts(contracts: Sequence[Contract]) -> list[Process]:
    return [
        Process(
            ocid=ocid_of("contract", public.contract.uuid),
            buyer=public.contract.buyer,
            tender=None,
            lots=public.lots,
            contracts=[public],
        )
        for public in _loaded(contracts)
    ]


def _loaded(contracts: Iterable[Contract]) -> list[PublicContract]:
    """Lots, versions, values, milestones and payments of the contracts. Seven queries."""
    found = list(contracts)
    keys = [one.pk for one in found]
    lots: dict[int, list[Lot]] = defaultdict(list)
    for part in (
        ContractLot.objects.filter(contract__in=keys)
        .select_related("lot")
        .order_by("lot__code", "pk")
    ):
        lots[part.contract_id].append(part.lot)
    versions: dict[int, list[ContractVersion]] = defaultdict(list)
    for version in ContractVersion.objects.filter(
        contract__in=keys, agreed_at__isnull=False
    ).order_by("number"):
        versions[version.contract_id].append(version)
    values: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for contract_id, version_id, amount in (
        VersionLot.objects.filter(version__contract__in=keys, ceiling_amount__isnull=False)
        .order_by()
        .values("version__contract", "version")
        .annotate(total=Sum("ceiling_amount"))
        .values_list("version__contract", "version", "total")
    ):
        values[contract_id][version_id] = amount
    milestones: dict[int, list[Milestone]] = defaultdict(list)
    for milestone in Milestone.objects.filter(contract__in=keys).order_by("period_start", "pk"):
        milestones[milestone.contract_id].append(milestone)
    payments = _payments(keys)
    return [
        PublicContract(
            contract=one,
            lots=lots[one.pk],
            versions=versions[one.pk],
            values=values[one.pk],
            milestones=milestones[one.pk],
            payments=payments[one.pk],
        )
        for one in found
    ]


def _payments(keys: list[int]) -> dict[int, list[Payment]]:
    """What was approved minus what was taken back, by the month in which it was decided.

    The month of the decision, not the month of the lessons: a month that is over never changes.
    """
    rows = list(
        LedgerEntry.objects.filter(
            contract_lot__contract__in=keys, kind__in=[EntryKind.APPROVED, EntryKind.CREDITED]
        )
        .order_by()
        .annotate(booked=TruncMonth("created_at", tzinfo=clock.NETHERLANDS))
        .values("contract_lot__contract", "municipality", "booked")
        .annotate(
            approved=Sum("amount", filter=Q(kind=EntryKind.APPROVED), default=Decimal(0)),
            credited=Sum("amount", filter=Q(kind=EntryKind.CREDITED), default=Decimal(0)),
        )
        .order_by("contract_lot__contract", "booked", "municipality")
    )
    municipalities = Organisation.objects.in_bulk({one["municipality"] for one in rows})
    found: dict[int, list[Payment]] = defaultdict(list)
    for one in rows:
        booked: date = one["booked"].date()
        found[one["contract_lot__contract"]].append(
            Payment(municipalities[one["municipality"]], booked, one["approved"] - one["credited"])
        )
    return found
