"""Claims: checked at once per line, decided by an officer, taken back by a credit line."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from backend.common.errors import InvalidError, NotAllowedError
from procurement.choices import ExecutionVariant
from procurement.models import Claim, ContractLot, LedgerEntry
from procurement.money_errors import ClaimStateError
from procurement.selectors.ledger import balances_of_lots
from procurement.selectors.ledger_checks import ledger_faults
from procurement.services.claim_decisions import claim_assess
from procurement.services.claim_drafts import ClaimLineDraft
from procurement.services.claims import claim_submit
from procurement.services.ledger import Delivery, deliveries_record

pytestmark = pytest.mark.django_db


def draft(call_off, line="R1", hours="10", **changes):
    facts = {
        "line_reference": line,
        "reference": getattr(call_off, "reference", call_off),
        "start_date": date(2026, 10, 1),
        "end_date": date(2026, 10, 31),
        "unit": "learner_hour",
        "quantity": Decimal(hours),
        "rate": Decimal("14.50"),
        "amount": Decimal(hours) * Decimal("14.50"),
    }
    return ClaimLineDraft(**(facts | changes))


def submit(money, *lines, number="D1", month=date(2026, 10, 1), **changes):
    facts = {
        "actor": money.planner,
        "contract": money.contract_lot.contract,
        "municipality": money.municipality,
        "number": number,
        "month": month,
        "lines": lines,
    }
    return claim_submit(**(facts | changes))


def balance(money):
    return balances_of_lots([money.contract_lot.pk])[money.contract_lot.pk]


def faults_of(claim):
    return claim.lines.get().faults


def test_a_right_claim_waits_and_is_approved(money):
    call_off = money.open()
    deliveries_record(
        actor=money.planner,
        deliveries=[Delivery(call_off.reference, date(2026, 10, 1), Decimal(10))],
    )
    claim = submit(money, draft(call_off))

    # Ten working days after Wednesday 18 November.
    assert (claim.state, claim.answer_due_date) == ("submitted", date(2026, 12, 2))
    assert (claim.lines.get().state, claim.lines.get().warnings) == ("pending", [])
    assert (balance(money).claimed, balance(money).approved) == (Decimal("145.00"), 0)

    claim = claim_assess(actor=money.officer, claim=claim)

    assert (claim.state, claim.lines.get().state) == ("assessed", "approved")
    assert balance(money).paid == Decimal("145.00")
    assert ledger_faults() == []
    with pytest.raises(ClaimStateError):
        claim_assess(actor=money.officer, claim=claim)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"reference": uuid4()}, "no_valid_placement"),
        ({"unit": "group_hour"}, "tariff_mismatch"),
        ({"rate": Decimal("15.00"), "amount": Decimal(150)}, "tariff_mismatch"),
        ({"amount": Decimal("144.99")}, "amount_mismatch"),
        ({"end_date": date(2026, 11, 1)}, "outside_period"),
    ],
)
def test_a_wrong_line_is_refused_at_once_with_its_code(money, changes, fault):
    claim = submit(money, draft(money.open(), **changes))

    assert (claim.state, claim.lines.get().state, faults_of(claim)) == (
        "assessed",
        "refused",
        [fault],
    )
    assert not LedgerEntry.objects.filter(kind="claimed").exists()
    assert ledger_faults() == []


def test_more_than_was_committed_is_refused_also_over_several_claims(money):
    call_off = money.open(hours=15)
    submit(money, draft(call_off, hours="10"))
    second = submit(
        money,
        draft(
            call_off,
            line="R2",
            start_date=date(2026, 9, 1),
            end_date=date(2026, 9, 30),
        ),
        number="D2",
        month=date(2026, 9, 1),
    )

    assert faults_of(second) == ["volume_exceeded", "budget_exceeded"]


def test_the_same_days_are_paid_once(money):
    call_off = money.open()
    submit(money, draft(call_off))
    again = submit(money, draft(call_off, line="R2"), number="D2")

    assert faults_of(again) == ["credit_chain_broken"]


def test_a_line_reference_is_used_once(money):
    submit(money, draft(money.open()))
    again = submit(money, draft(money.open()), number="D2")

    assert faults_of(again) == ["reference_not_unique"]


def test_a_credit_line_takes_back_and_makes_room(money):
    call_off = money.open(hours=10)
    claim_assess(actor=money.officer, claim=submit(money, draft(call_off)))

    correction = submit(
        money,
        draft(call_off, line="R2", hours="8"),
        draft(call_off, line="C1", credits_reference="R1"),
        number="D2",
    )

    states = dict(correction.lines.values_list("line_reference", "state"))
    assert states == {"C1": "approved", "R2": "pending"}
    claim_assess(actor=money.officer, claim=correction)
    assert balance(money).paid == Decimal("116.00")
    assert ledger_faults() == []


@pytest.mark.parametrize("changes", [{"credits_reference": "R9"}, {"quantity": Decimal(3)}])
def test_a_credit_without_its_debit_is_refused(money, changes):
    call_off = money.open()
    claim_assess(actor=money.officer, claim=submit(money, draft(call_off)))
    claim = submit(
        money, draft(call_off, line="C1", **({"credits_reference": "R1"} | changes)), number="D2"
    )
    assert faults_of(claim) == ["credit_chain_broken"]


def test_nothing_is_taken_back_twice(money):
    call_off = money.open()
    claim_assess(actor=money.officer, claim=submit(money, draft(call_off)))

    both = submit(
        money,
        draft(call_off, line="C1", credits_reference="R1"),
        draft(call_off, line="C2", credits_reference="R1"),
        number="D2",
    )
    later = submit(money, draft(call_off, line="C3", credits_reference="R1"), number="D3")

    assert dict(both.lines.values_list("line_reference", "state")) == {
        "C1": "approved",
        "C2": "refused",
    }
    assert faults_of(later) == ["credit_chain_broken"]
    assert balance(money).credited == Decimal("145.00")


def test_a_start_that_was_not_reported_is_no_ground_but_delivery_is_shown(money):
    claim = submit(money, draft(money.open()))

    assert claim.lines.get().state == "pending"
    assert claim.lines.get().warnings == ["more_than_delivered"]


def test_an_officer_refuses_a_line_with_a_reason(money):
    claim = submit(money, draft(money.open()), draft(money.open(), line="R2"))
    line = claim.lines.get(line_reference="R2")

    with pytest.raises(InvalidError):
        claim_assess(actor=money.officer, claim=claim, refusals={line.uuid: " "})
    with pytest.raises(InvalidError):
        claim_assess(actor=money.officer, claim=claim, refusals={uuid4(): "Niet geleverd"})
    claim_assess(actor=money.officer, claim=claim, refusals={line.uuid: "Niet geleverd"})

    line.refresh_from_db()
    assert (line.state, line.faults, line.note) == ("refused", ["not_accepted"], "Niet geleverd")
    assert balance(money).claimed == balance(money).approved == Decimal("145.00")
    assert ledger_faults() == []


def test_a_claim_that_is_wrong_as_a_whole_counts_as_not_sent(money):
    call_off = money.open()
    submit(money, draft(call_off))
    with pytest.raises(InvalidError) as refused:
        submit(
            money,
            draft(call_off, line="R2"),
            draft(call_off, line="R2", end_date=date(2026, 9, 1), quantity=Decimal(-1)),
            month=date(2026, 12, 1),
        )
    assert {(one.field, one.code) for one in refused.value.violations} == {
        ("month", "date_in_future"),
        ("number", "reference_not_unique"),
        ("lines.0.line_reference", "reference_not_unique"),
        ("lines.1.line_reference", "reference_not_unique"),
        ("lines.1.quantity", "min_value"),
        ("lines.1.end_date", "ends_before_start"),
    }
    with pytest.raises(InvalidError):
        submit(money, number="D2")
    assert Claim.objects.count() == 1


def test_a_contract_for_a_task_has_no_claims(money):
    ContractLot.objects.update(execution=ExecutionVariant.TASK)
    with pytest.raises(InvalidError) as refused:
        submit(money, draft(money.open()))
    assert [one.code for one in refused.value.violations] == ["task_without_claims"]


def test_providers_submit_and_municipalities_decide(money):
    call_off = money.open()
    with pytest.raises(NotAllowedError):
        submit(money, draft(call_off), actor=money.officer)
    claim = submit(money, draft(call_off))
    with pytest.raises(NotAllowedError):
        claim_assess(actor=money.planner, claim=claim)
    assert balance(money).approved == 0
