"""What a contract said on a day, as it was known at a moment."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Prefetch, Q, QuerySet

from backend.common import clock
from procurement.models import ContractVersion, KpiAgreement, VersionLot, VersionPeriod


def contract_as_of(
    contract_id: int, *, effective: date, known_at: datetime | None = None
) -> ContractVersion | None:
    """The version in force on `effective`, as far as was known at `known_at` (now if absent)."""
    moment = known_at or clock.now()
    period = (
        VersionPeriod.objects.filter(
            Q(known_to__isnull=True) | Q(known_to__gt=moment),
            contract=contract_id,
            valid_from__lte=effective,
            valid_to__gte=effective,
            known_from__lte=moment,
        )
        .select_related("version")
        .order_by("pk")
        .first()
    )
    return None if period is None else period.version


def version_history(contract_id: int) -> QuerySet[ContractVersion]:
    """All versions, newest first, with their periods, ceilings and KPI; four queries."""
    return (
        ContractVersion.objects.filter(contract=contract_id)
        .prefetch_related(
            Prefetch("periods", VersionPeriod.objects.order_by("known_from", "valid_from")),
            Prefetch(
                "lots",
                VersionLot.objects.select_related("contract_lot__lot").order_by(
                    "contract_lot__lot__code"
                ),
            ),
            Prefetch("kpi_agreements", KpiAgreement.objects.order_by("indicator")),
        )
        .order_by("-number")
    )


def draft_version(contract_id: int) -> ContractVersion | None:
    """The version that is being prepared, if any."""
    return ContractVersion.objects.filter(contract=contract_id, agreed_at__isnull=True).first()


def newest_version(contract_id: int) -> ContractVersion | None:
    """The draft, or else the version that was agreed last."""
    return ContractVersion.objects.filter(contract=contract_id).order_by("-number").first()


def kpi_agreements_on(contract_ids: Iterable[int], *, on: date) -> dict[int, list[KpiAgreement]]:
    """What each contract agrees about its indicators on a day, as known now; one query."""
    found: dict[int, list[KpiAgreement]] = {}
    agreements = (
        KpiAgreement.objects.filter(
            version__periods__contract__in=list(contract_ids),
            version__periods__known_to__isnull=True,
            version__periods__valid_from__lte=on,
            version__periods__valid_to__gte=on,
        )
        .select_related("version")
        .order_by("version__contract_id", "indicator")
    )
    for one in agreements:
        found.setdefault(one.version.contract_id, []).append(one)
    return found
