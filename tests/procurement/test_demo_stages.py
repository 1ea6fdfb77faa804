"""The demo region shows tenders and contracts in every stage."""

from datetime import date, timedelta

import pytest

from backend.demo.build import build_season, build_supply
from backend.demo.plan import make_plan
from backend.demo.progress import Silent
from procurement.choices import (
    AllocationKey,
    ContractStatus,
    ExecutionVariant,
    OptionStatus,
    PoolMode,
    TariffUnit,
    TenderProcedure,
    TenderStatus,
    VersionKind,
)
from procurement.kpi_codes import proposed_set
from procurement.models import (
    Contract,
    ContractLot,
    ContractVersion,
    ExtensionOption,
    KpiAgreement,
    Lot,
    LotPool,
    Tariff,
    Tender,
)
from providers.choices import IntakeStatus, StopState
from providers.models import IntakeMoment, IntakeStop, ProviderDocument

pytestmark = pytest.mark.django_db


def test_every_stage_occurs():
    plan = make_plan(size="tiny", as_of=date(2026, 11, 18))
    built = build_supply(plan, Silent())
    build_season(built, Silent())

    assert set(Tender.objects.values_list("status", flat=True)) == set(TenderStatus)
    assert set(Tender.objects.values_list("procedure", flat=True)) == set(TenderProcedure)
    states = set(Contract.objects.values_list("status", flat=True))
    assert states == set(ContractStatus)
    following = Contract.objects.get(tender__status=TenderStatus.AWARDED)
    assert (following.status, following.versions.get().clauses.exists()) == ("draft", True)
    running = Contract.objects.filter(status=ContractStatus.ACTIVE)
    # About to end, with an option that has to be decided before.
    soon = running.filter(end_date__lte=date(2027, 3, 1), options__status="open")
    assert soon.filter(options__notice_date__gte=date(2026, 11, 18)).exists()
    assert running.filter(versions__kpi_agreements__isnull=False).exists()
    assert running.filter(versions__clauses__isnull=False).exists()
    assert ContractVersion.objects.filter(number=2, agreed_at__isnull=False).exists()
    _assert_papers(date(2026, 11, 18))
    _assert_terms()
    assert set(IntakeStop.objects.values_list("state", flat=True)) == set(StopState)
    starts = set(IntakeMoment.objects.values_list("status", flat=True))
    assert starts == set(IntakeStatus) - {IntakeStatus.DRAFT}
    assert Tariff.objects.filter(indexation__isnull=False).exists()


def _assert_terms():
    """Every kind of version, end of an option, way to share and to pay."""
    versions = ContractVersion.objects.all()
    assert {one.kind for one in versions} == set(VersionKind)
    assert versions.filter(kind=VersionKind.AMENDMENT, agreed_at__isnull=True).exists()
    assert set(ExtensionOption.objects.values_list("status", flat=True)) == set(OptionStatus)
    assert set(Lot.objects.values_list("allocation", flat=True)) == set(AllocationKey)
    assert LotPool.objects.get().mode == PoolMode.QUOTA
    assert set(ContractLot.objects.values_list("execution", flat=True)) == set(ExecutionVariant)
    assert set(Tariff.objects.values_list("unit", flat=True)) == set(TariffUnit)
    kpis = set(KpiAgreement.objects.values_list("indicator", flat=True))
    assert {one.code for part in ("B", "MAP") for one in proposed_set(part)} <= kpis


def _assert_papers(today):
    """Documents that count, one that is about to exceed its age, and one that has."""
    papers = ProviderDocument.objects.filter(is_current=True)
    soon = today + timedelta(days=30)
    assert papers.filter(valid_until__gt=soon).exists()
    assert papers.filter(valid_until__gte=today, valid_until__lte=soon).exists()
    assert papers.filter(valid_until__lt=today).exists()
    assert any(one.has_file for one in papers)
