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

    stages = set(TenderStatus) - {TenderStatus.CANCELLED}
    assert set(Tender.objects.values_list("status", flat=True)) == stages
    states = set(Contract.objects.values_list("status", flat=True))
    assert states >= {ContractStatus.DRAFT, ContractStatus.ACTIVE, ContractStatus.ENDED}
    assert ContractVersion.objects.filter(number=2, agreed_at__isnull=False).exists()
    assert Tariff.objects.filter(indexation__isnull=False).exists()
