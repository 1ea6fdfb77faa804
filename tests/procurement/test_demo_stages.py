"""The demo region shows tenders and contracts in every stage."""

from datetime import date

import pytest

from backend.demo.build import build_season, build_supply
from backend.demo.plan import make_plan
from backend.demo.progress import Silent
from procurement.choices import ContractStatus, TenderStatus
from procurement.models import Contract, ContractVersion, Tariff, Tender

pytestmark = pytest.mark.django_db


def test_every_stage_occurs():
    plan = make_plan(size="tiny", as_of=date(2026, 11, 18))
    built = build_supply(plan, Silent())
    build_season(built, Silent())

    assert set(Tender.objects.values_list("status", flat=True)) == set(TenderStatus)
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
    assert Tariff.objects.filter(indexation__isnull=False).exists()
