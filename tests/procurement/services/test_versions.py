"""Versions of a contract: what was true when, and when it was recorded."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from backend.common import clock
from backend.common.errors import InvalidError
from procurement.errors import (
    ContractIncompleteError,
    DraftVersionExistsError,
    OptionDecidedError,
    VersionLockedError,
)
from procurement.models import Ceiling, Contract, ContractVersion, VersionPeriod
from procurement.selectors.versions import contract_as_of
from procurement.services.contracts import contract_activate
from procurement.services.documents import DocumentDraft, document_change, documents_add
from procurement.services.kpis import KpiDraft, kpi_agreements_set
from procurement.services.options import option_add, option_decline, option_exercise
from procurement.services.tariffs import tariff_end
from procurement.services.versions import (
    CeilingTerms,
    VersionTerms,
    contract_amend,
    version_confirm,
    version_correct,
    version_withdraw,
    versions_apply_due,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def at(year: int, month: int, day: int):
    return clock.replay(datetime(year, month, day, 10, tzinfo=UTC))


def codes(error) -> set[str]:
    return {one.code for one in error.value.violations}


def amended(manager, contract, day, **terms):
    version = contract_amend(
        actor=manager,
        contract=contract,
        effective_date=day,
        reason="Meer plaatsen",
        terms=VersionTerms(**terms),
    )
    return version_confirm(actor=manager, version=version)


def test_first_version_holds_for_the_whole_contract_and_is_locked(manager, running):
    version = contract_as_of(running.pk, effective=date(2027, 12, 31))
    assert version.number == 1
    assert contract_as_of(running.pk, effective=date(2028, 1, 1)) is None
    with pytest.raises(VersionLockedError):
        kpi_agreements_set(actor=manager, version=version, drafts=[])


def test_amendment_splits_the_time_line_and_keeps_what_was_known(manager, running, delivered):
    recorded = clock.now()
    with at(2026, 12, 1):
        amended(
            manager,
            running,
            date(2027, 1, 1),
            title="Nieuwe naam",
            ceilings={delivered.pk: CeilingTerms(60, Decimal(1000))},
        )
        assert contract_as_of(running.pk, effective=date(2026, 12, 31)).number == 1
        assert contract_as_of(running.pk, effective=date(2027, 1, 1)).number == 2
        before = contract_as_of(running.pk, effective=date(2027, 1, 1), known_at=recorded)
        assert before.number == 1
        # Not taken over before its first day.
        assert Contract.objects.get().title == "Raamovereenkomst"
        assert Ceiling.objects.get().places == 40
        assert versions_apply_due() == 0
    with at(2027, 1, 1):
        assert versions_apply_due() == 1
        assert versions_apply_due() == 0
    assert Contract.objects.get().title == "Nieuwe naam"
    assert Ceiling.objects.get().places == 60


def test_overlapping_versions_are_refused_with_the_day(manager, running):
    amended(manager, running, date(2027, 1, 1))
    with pytest.raises(InvalidError) as error:
        contract_amend(
            actor=manager, contract=running, effective_date=date(2026, 12, 1), reason="Eerder"
        )
    assert codes(error) == {"version_overlaps"}
    assert "01-01-2027" in str(error.value.violations[0].message)
    assert ContractVersion.objects.count() == 2


def test_database_refuses_overlap_even_without_the_service(running):
    period = VersionPeriod.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        VersionPeriod.objects.create(
            version=period.version,
            contract=running,
            valid_from=date(2027, 1, 1),
            valid_to=date(2027, 6, 1),
        )


def test_correction_takes_the_days_of_the_version_and_leaves_the_record(manager, running):
    known = clock.now()
    with at(2026, 12, 1):
        wrong = contract_as_of(running.pk, effective=date(2026, 6, 1))
        fixed = version_correct(
            actor=manager,
            version=wrong,
            reason="Verkeerde betaaltermijn",
            terms=VersionTerms(payment_days=14),
        )
        version_confirm(actor=manager, version=fixed)
        assert contract_as_of(running.pk, effective=date(2026, 6, 1)).payment_days == 14
        old = contract_as_of(running.pk, effective=date(2026, 6, 1), known_at=known)
        assert old.payment_days == 30


@pytest.mark.parametrize(
    ("day", "terms", "reason", "expected"),
    [
        (date(2025, 12, 31), {}, "x", "before_contract"),
        (date(2028, 6, 1), {"end_date": date(2029, 1, 1)}, "x", "after_contract"),
        (date(2027, 6, 1), {"end_date": date(2027, 1, 1)}, "x", "ends_before_start"),
        (date(2027, 6, 1), {}, " ", "required"),
        (date(2027, 6, 1), {"ceilings": {0: CeilingTerms(1)}}, "x", "unknown_lot"),
    ],
)
def test_bad_amendments_say_what_is_wrong_and_write_nothing(
    manager, running, day, terms, reason, expected
):
    with pytest.raises(InvalidError) as error:
        contract_amend(
            actor=manager,
            contract=running,
            effective_date=day,
            reason=reason,
            terms=VersionTerms(**terms),
        )
    assert expected in codes(error)
    assert ContractVersion.objects.count() == 1


def test_one_draft_at_a_time_and_it_can_be_withdrawn(manager, running):
    version = contract_amend(
        actor=manager, contract=running, effective_date=date(2027, 1, 1), reason="x"
    )
    with pytest.raises(DraftVersionExistsError):
        contract_amend(actor=manager, contract=running, effective_date=date(2027, 2, 1), reason="x")
    version_withdraw(actor=manager, version=version)
    assert ContractVersion.objects.count() == 1


def test_option_extends_the_contract_by_a_version(manager, running):
    option = option_add(
        actor=manager,
        contract=running,
        end_date=date(2028, 12, 31),
        notice_date=date(2027, 6, 30),
    )
    version = option_exercise(actor=manager, option=option, reason="Tevreden")
    running.refresh_from_db()
    assert running.end_date == date(2028, 12, 31)
    assert version.kind == "extension"
    assert contract_as_of(running.pk, effective=date(2028, 6, 1)) == version
    assert contract_as_of(running.pk, effective=date(2027, 6, 1)).number == 1
    with pytest.raises(OptionDecidedError):
        option_decline(actor=manager, option=option, reason="x")


def test_option_is_decided_in_time_and_in_order(manager, running):
    first = option_add(
        actor=manager,
        contract=running,
        end_date=date(2028, 12, 31),
        notice_date=date(2027, 6, 30),
    )
    second = option_add(
        actor=manager,
        contract=running,
        end_date=date(2029, 12, 31),
        notice_date=date(2028, 6, 30),
    )
    with pytest.raises(InvalidError) as error:
        option_exercise(actor=manager, option=second, reason="x")
    assert codes(error) == {"earlier_option_open"}
    with at(2027, 7, 1), pytest.raises(InvalidError) as error:
        option_exercise(actor=manager, option=first, reason="x")
    assert codes(error) == {"option_too_late"}
    with pytest.raises(InvalidError) as error:
        option_add(
            actor=manager,
            contract=running,
            end_date=date(2029, 1, 1),
            notice_date=date(2031, 1, 1),
        )
    assert codes(error) >= {"option_overlaps", "notice_too_late"}


def test_weights_sum_to_100_and_all_faults_come_at_once(manager, draft):
    version = draft.versions.get()
    with pytest.raises(InvalidError) as error:
        kpi_agreements_set(
            actor=manager,
            version=version,
            drafts=[
                KpiDraft("Q1", Decimal(101), Decimal(50)),
                KpiDraft("X9", Decimal(1), Decimal(20)),
                KpiDraft("Q1", Decimal(80), Decimal(20)),
            ],
        )
    assert codes(error) == {
        "norm_out_of_range",
        "unknown_indicator",
        "repeated",
        "weights_not_100",
    }
    assert "90" in str(error.value.violations[-1].message)
    assert not version.kpi_agreements.exists()


def test_amendment_takes_the_kpi_along_and_may_change_them(manager, delivered):
    version = delivered.contract.versions.get()
    kpi_agreements_set(
        actor=manager, version=version, drafts=[KpiDraft("Q1", Decimal(80), Decimal(100))]
    )
    contract = contract_activate(actor=manager, contract=delivered.contract)
    newer = contract_amend(
        actor=manager, contract=contract, effective_date=date(2027, 1, 1), reason="x"
    )
    assert newer.kpi_agreements.get().norm == 80
    kpi_agreements_set(
        actor=manager, version=newer, drafts=[KpiDraft("Q4", Decimal("3.5"), Decimal(100))]
    )
    version_confirm(actor=manager, version=newer)
    assert version.kpi_agreements.get().indicator == "Q1"
    assert newer.kpi_agreements.get().indicator == "Q4"


def test_activation_names_every_gap_at_once(manager, delivered, own_lot, school):
    own_lot.participations.all().delete()
    delivered.contract_courses.all().delete()
    tariff_end(
        actor=manager,
        tariff=delivered.tariffs.get(),
        valid_to=date(2026, 6, 30),
        reason="Nieuwe prijs volgt",
    )
    version = delivered.contract.versions.get()
    version.kpi_agreements.create(indicator="Q1", norm=80, weight=60)
    documents_add(
        actor=manager,
        contract=delivered.contract,
        drafts=[
            DocumentDraft("contract", "Contract"),
            DocumentDraft("tax", "Belasting", date(2026, 1, 1), maximum_age_months=6),
        ],
    )
    with pytest.raises(ContractIncompleteError) as error:
        contract_activate(actor=manager, contract=delivered.contract)
    assert codes(error) == {
        "no_course",
        "no_municipality",
        "weights_not_100",
        "document_missing",
        "document_too_old",
    }


def test_activation_names_price_gaps_and_a_missing_mark(manager, delivered, school):
    school.quality_marks.all().delete()
    tariff_end(
        actor=manager,
        tariff=delivered.tariffs.get(),
        valid_to=date(2026, 6, 30),
        reason="Nieuwe prijs volgt",
    )
    with pytest.raises(ContractIncompleteError) as error:
        contract_activate(actor=manager, contract=delivered.contract)
    assert codes(error) == {"no_tariff", "no_mark"}
    sentence = str(error.value.violations[0].message)
    assert "01-07-2026" in sentence
    assert "31-12-2027" in sentence


def test_document_in_the_future_is_refused(manager, draft):
    (document,) = documents_add(
        actor=manager, contract=draft, drafts=[DocumentDraft("contract", "Contract")]
    )
    with pytest.raises(InvalidError) as error:
        document_change(
            actor=manager,
            document=document,
            draft=DocumentDraft("contract", "Contract", date(2030, 1, 1)),
        )
    assert codes(error) == {"date_in_future"}
