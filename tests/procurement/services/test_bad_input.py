"""Bad input about contracts: a clear Dutch message each, and nothing half-written."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import translation

from backend.audit.models import AuditEvent
from backend.common.errors import InvalidError
from procurement.errors import ContractIncompleteError, TenderIncompleteError, VersionLockedError
from procurement.models import ContractVersion, KpiAgreement, LotMunicipality, Tariff
from procurement.services.call_offs import call_off_open
from procurement.services.contracts import contract_activate
from procurement.services.kpis import KpiDraft, kpi_agreements_set
from procurement.services.tariffs import TariffDraft, tariff_add
from procurement.services.tenders import TenderDraft, tender_publish, tender_register
from procurement.services.versions import (
    CeilingTerms,
    VersionTerms,
    contract_amend,
    version_confirm,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture(autouse=True)
def _in_dutch():
    with translation.override("nl"):
        yield


@pytest.fixture
def history():
    """How many lines of history there are: a refusal adds none."""
    return lambda: AuditEvent.objects.count()


def refused(error):
    return {one.code: str(one.message) for one in error.value.violations}


def test_overlapping_contract_versions(manager, running, history):
    first = contract_amend(
        actor=manager, contract=running, effective_date=date(2027, 6, 1), reason="Later"
    )
    version_confirm(actor=manager, version=first)
    before = history()
    with pytest.raises(InvalidError) as error:
        contract_amend(
            actor=manager, contract=running, effective_date=date(2027, 1, 1), reason="Eerder"
        )
    assert "Versie 2 geldt vanaf 01-06-2027" in refused(error)["version_overlaps"]
    assert (ContractVersion.objects.count(), history()) == (2, before)


def test_a_ceiling_below_what_is_used(manager, running, town, history):
    part = running.contract_lots.get()
    for _number in range(2):
        call_off_open(
            actor=manager,
            reference=uuid4(),
            contract_lot_id=part.pk,
            municipality_id=town.pk,
            component="B",
            start_date=date(2026, 12, 1),
            end_date=date(2027, 6, 1),
            hours=Decimal(100),
        )
    before = history()

    def lower(places, amount):
        return contract_amend(
            actor=manager,
            contract=running,
            effective_date=date(2027, 1, 1),
            reason="Lager",
            terms=VersionTerms(ceilings={part.pk: CeilingTerms(places, Decimal(amount))}),
        )

    with pytest.raises(InvalidError) as error:
        lower(1, 2899)
    assert {one.field: str(one.message) for one in error.value.violations} == {
        "ceilings.0.places": (
            "Er zijn al 2 plekken in gebruik. Kies dat aantal of een hoger aantal."
        ),
        "ceilings.0.amount": (
            "Er is al € 2.900,00 vastgelegd. Kies dat bedrag of een hoger bedrag."
        ),
    }
    assert (ContractVersion.objects.count(), history()) == (1, before)
    assert lower(2, 2900).lots.get().ceiling_places == 2


def test_tariff_gaps(manager, delivered, history):
    Tariff.objects.update(valid_to=date(2026, 6, 30))
    tariff_add(
        actor=manager,
        contract_lot=delivered,
        draft=TariffDraft("B", "learner_hour", Decimal("15"), date(2026, 9, 1)),
    )
    before = history()
    with pytest.raises(ContractIncompleteError) as error:
        contract_activate(actor=manager, contract=delivered.contract)
    message = refused(error)["no_tariff"]
    assert "01-07-2026" in message
    assert "31-08-2026" in message
    delivered.contract.refresh_from_db()
    assert (delivered.contract.status, history()) == ("draft", before)
    assert not ContractVersion.objects.filter(agreed_at__isnull=False).exists()


def test_tariffs_that_overlap(manager, delivered, history):
    before = history()
    with pytest.raises(InvalidError) as error:
        tariff_add(
            actor=manager,
            contract_lot=delivered,
            draft=TariffDraft("B", "learner_hour", Decimal("15"), date(2026, 9, 1)),
        )
    assert "Beëindig eerst die prijs" in refused(error)["tariff_overlaps"]
    assert (Tariff.objects.count(), history()) == (1, before)


def test_a_lot_without_municipality_cannot_be_published_or_delivered(
    manager, town, own_lot, delivered, history
):
    LotMunicipality.objects.all().delete()
    with pytest.raises(ContractIncompleteError) as error:
        contract_activate(actor=manager, contract=delivered.contract)
    assert "Niemand doet mee aan perceel P1" in refused(error)["no_municipality"]
    tender = tender_register(
        actor=manager, buyer=town, draft=TenderDraft("T-1", "Aanbesteding", cpv_codes=("80580000",))
    )
    own_lot.tender = tender
    own_lot.save()
    before = history()
    with pytest.raises(TenderIncompleteError) as incomplete:
        tender_publish(actor=manager, tender=tender)
    assert "Niemand doet mee aan perceel P1" in refused(incomplete)["no_municipality"]
    tender.refresh_from_db()
    assert (tender.status, history()) == ("draft", before)


def kpi(code="Q1", norm=80, weight=100, minimum_n=10):
    return KpiDraft(code, Decimal(norm), Decimal(weight), minimum_n)


def test_weights_that_do_not_sum_to_100(manager, draft, history):
    version = draft.versions.get()
    kpi_agreements_set(actor=manager, version=version, drafts=[kpi()])
    before = history()
    with pytest.raises(InvalidError) as error:
        kpi_agreements_set(
            actor=manager, version=version, drafts=[kpi(weight=60), kpi("T2", 90, 30)]
        )
    assert "samen 90" in refused(error)["weights_not_100"]
    assert [one.weight for one in KpiAgreement.objects.all()] == [100]
    assert history() == before


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (kpi("X9"), "unknown_indicator"),
        (kpi(norm=101), "norm_out_of_range"),
        (kpi(minimum_n=4), "min_value"),
        (kpi(weight=0), "no_weight"),
    ],
)
def test_kpi_that_cannot_be_kept(manager, draft, wrong, code):
    with pytest.raises(InvalidError) as error:
        kpi_agreements_set(actor=manager, version=draft.versions.get(), drafts=[wrong])
    assert code in refused(error)
    assert not KpiAgreement.objects.exists()


def test_kpi_are_locked_once_in_force(manager, running):
    with pytest.raises(VersionLockedError) as error:
        kpi_agreements_set(actor=manager, version=running.versions.get(), drafts=[kpi()])
    assert "wijziging" in str(error.value.message)
    assert not KpiAgreement.objects.exists()
