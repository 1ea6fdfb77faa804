"""From delivered to paid: proposal, file, decision in part, credit; and whose budget it is."""

from datetime import date
from decimal import Decimal

import pytest

from backend.accounts.actors import actor_for
from backend.accounts.roles import Role
from backend.common.errors import InvalidError, NotAllowedError
from backend.common.spreadsheets import write_csv, write_xlsx
from procurement.models import CallOff, Claim, ClaimLine, ClaimSheet, LedgerEntry, LotMunicipality
from procurement.money_errors import ClaimSheetSentError, LineNotCreditableError
from procurement.selectors.budgets import accountability, budget_lines
from procurement.selectors.claim_proposals import (
    months_of_call_offs,
    months_to_claim,
    proposed_lines,
)
from procurement.selectors.forecast import forecast_by_payer
from procurement.selectors.ledger import balances_of_lots
from procurement.selectors.ledger_checks import ledger_faults
from procurement.services.claim_decisions import Reduction, claim_assess, claim_line_credit
from procurement.services.claim_sheets import (
    CLAIM_LINES,
    claim_sheet_check,
    claim_sheet_send,
    line_values,
)
from procurement.services.claims import claim_submit
from procurement.services.ledger import Delivery, deliveries_record
from tests.factories.accounts import user_with
from tests.factories.organisations import OrganisationFactory

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)


def deliver(money, call_off, hours, month=OCTOBER):
    delivery = Delivery(call_off.reference, month, Decimal(hours))
    deliveries_record(actor=money.planner, deliveries=[delivery])


def proposal(money, month=OCTOBER):
    return months_of_call_offs(money.contract_lot.contract, money.municipality.pk, month)


def claim(money, number="D1", month=OCTOBER):
    return claim_submit(
        actor=money.planner,
        contract=money.contract_lot.contract,
        municipality=money.municipality,
        number=number,
        month=month,
        lines=proposed_lines(proposal(money, month)),
    )


def balance(money):
    return balances_of_lots([money.contract_lot.pk])[money.contract_lot.pk]


def test_what_was_delivered_is_proposed_and_then_equal(money):
    call_off = money.open()
    deliver(money, call_off, 10)
    (line,) = proposed_lines(proposal(money))
    assert (line.quantity, line.amount, line.start_date) == (10, Decimal("145.00"), OCTOBER)

    sent = claim(money)

    assert [one.state for one in sent.lines.all()] == ["pending"]
    assert sent.lines.get().warnings == []
    # Whatever the decision, the same is not proposed twice.
    assert proposed_lines(proposal(money)) == []
    assert months_to_claim(CallOff.objects.all()) == []


def test_a_correction_after_approval_proposes_a_credit_and_a_new_line(money):
    call_off = money.open()
    deliver(money, call_off, 10)
    claim_assess(actor=money.officer, claim=claim(money))
    deliver(money, call_off, 6)

    (open_month,) = months_to_claim(CallOff.objects.all())
    assert open_month.difference == Decimal("-58.00")
    assert [bool(one.credits_reference) for one in proposed_lines(proposal(money))] == [True, False]
    second = claim_assess(actor=money.officer, claim=claim(money, "D2"))

    assert {one.state for one in second.lines.all()} == {"approved"}
    assert balance(money).paid == 6 * Decimal("14.50")
    assert months_to_claim(CallOff.objects.all()) == []
    assert ledger_faults() == []


def test_what_waits_for_a_decision_is_left_alone(money):
    call_off = money.open()
    deliver(money, call_off, 10)
    claim(money)
    deliver(money, call_off, 12)

    (row,) = proposal(money)
    assert row.is_waiting
    assert row.lines() == []


def test_above_what_was_called_off_is_not_proposed(money):
    call_off = money.open(hours=8)
    deliver(money, call_off, 10)

    (row,) = proposal(money)
    assert (row.claimable, row.beyond) == (8, 2)


def test_a_part_is_approved_with_its_reason(money):
    deliver(money, money.open(), 10)
    sent = claim(money)
    line = sent.lines.get()

    claim_assess(
        actor=money.officer,
        claim=sent,
        reductions={line.uuid: Reduction(Decimal("7.5"), "Twee lessen niet gegeven")},
    )

    line.refresh_from_db()
    assert (line.state, line.approved_quantity) == ("approved", Decimal("7.50"))
    assert (line.approved_amount, line.note) == (Decimal("108.75"), "Twee lessen niet gegeven")
    assert line.is_partly_approved
    assert (balance(money).claimed, balance(money).approved) == (Decimal("108.75"),) * 2
    assert ledger_faults() == []


@pytest.mark.parametrize(
    ("quantity", "reason", "code"),
    [
        ("10", "Minder", "quantity_out_of_range"),
        ("0", "Minder", "quantity_out_of_range"),
        ("-1", "Minder", "quantity_out_of_range"),
        ("5", " ", "required"),
    ],
)
def test_a_part_lies_within_the_line_and_has_a_reason(money, quantity, reason, code):
    deliver(money, money.open(), 10)
    sent = claim(money)
    part = {sent.lines.get().uuid: Reduction(Decimal(quantity), reason)}
    with pytest.raises(InvalidError) as found:
        claim_assess(actor=money.officer, claim=sent, reductions=part)

    assert [one.code for one in found.value.violations] == [code]
    assert Claim.objects.get().state == "submitted"
    assert ledger_faults() == []


def test_one_line_has_one_decision(money):
    deliver(money, money.open(), 10)
    sent = claim(money)
    line = sent.lines.get().uuid
    with pytest.raises(InvalidError) as found:
        claim_assess(
            actor=money.officer,
            claim=sent,
            refusals={line: "Nee"},
            reductions={line: Reduction(Decimal(5), "Deels")},
        )
    assert [one.code for one in found.value.violations] == ["two_decisions"]


def test_an_approved_line_is_taken_back_once(money):
    deliver(money, money.open(), 10)
    sent = claim(money)
    line = sent.lines.get()
    with pytest.raises(LineNotCreditableError):
        claim_line_credit(actor=money.officer, line=line, reason="Te vroeg")
    part = {line.uuid: Reduction(Decimal(4), "Deels")}
    claim_assess(actor=money.officer, claim=sent, reductions=part)

    credit = claim_line_credit(actor=money.officer, line=line, reason="Niet geleverd")

    taken = credit.lines.get()
    assert (taken.amount, taken.note, taken.state) == (58, "Niet geleverd", "approved")
    assert (credit.number, credit.month, credit.state) == ("D1-CR1", OCTOBER, "assessed")
    assert balance(money).paid == 0
    assert ledger_faults() == []
    with pytest.raises(LineNotCreditableError):
        claim_line_credit(actor=money.planner, line=line, reason="Nog eens")
    # What was right of it is proposed again.
    assert [one.quantity for one in proposed_lines(proposal(money))] == [10]


def test_a_stranger_takes_nothing_back(money, other_municipality):
    deliver(money, money.open(), 10)
    sent = claim_assess(actor=money.officer, claim=claim(money))
    stranger = actor_for(user_with(Role.PROCUREMENT_OFFICER, other_municipality))
    with pytest.raises(NotAllowedError):
        claim_line_credit(actor=stranger, line=sent.lines.get(), reason="Zomaar")


# -- whose budget


@pytest.fixture
def centre(money):
    """A centre municipality pays for Eigenstad from this lot, since the beginning."""
    found = OrganisationFactory(kind="municipality", name="Centrumstad")
    LotMunicipality.objects.update(payer=found)
    return found


def test_the_budget_of_the_payer_is_charged(money, centre):
    call_off = money.open(hours=100)
    deliver(money, call_off, 10)

    assert call_off.payer == centre
    assert set(LedgerEntry.objects.values_list("payer", flat=True)) == {centre.pk}
    assert budget_lines(money.municipality.pk, 2026) == []
    (line,) = budget_lines(centre.pk, 2026)
    assert line.delivered == 145
    assert {one.key for one in forecast_by_payer(CallOff.objects.all(), OCTOBER)} == {centre.pk}
    # The municipality still accounts for its own people, and sees who paid.
    (row,) = accountability(LedgerEntry.objects.filter(municipality=money.municipality), 2026)
    assert (row.payer, row.delivered) == ("Centrumstad", 145)


def test_the_payer_sees_and_decides_on_the_claim(money, centre):
    deliver(money, money.open(), 10)
    sent = claim(money)
    payer = actor_for(user_with(Role.PROCUREMENT_OFFICER, centre))

    assert list(Claim.objects.visible_to(payer)) == [sent]
    assert list(CallOff.objects.visible_to(payer)) == [sent.lines.get().call_off]
    assert claim_assess(actor=payer, claim=sent).state == "assessed"


def test_another_payer_in_the_ledger_is_found(money):
    money.open()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        other = OrganisationFactory(kind="municipality")
        cursor.execute("update procurement_ledgerentry set payer_id = %s", [other.pk])
        cursor.execute("set local session_replication_role = origin")
    assert {one.promise for one in ledger_faults()} == {"payer"}


def test_a_person_with_two_placements_is_one_row_of_the_accounts(money):
    from uuid import uuid4

    person = uuid4()
    for _number in range(2):
        call_off = money.open()
        CallOff.objects.filter(pk=call_off.pk).update(person_key=person)
        deliver(money, call_off, 3)
    (row,) = accountability(LedgerEntry.objects.all(), 2026)
    assert (row.reference, row.quantity) == (str(person), 6)


# -- by file


def check(money, content, number="B1"):
    return claim_sheet_check(
        actor=money.planner,
        contract=money.contract_lot.contract,
        municipality=money.municipality,
        number=number,
        month=OCTOBER,
        file_name="regels.xlsx",
        content=content,
    )


def rows_of(money, **changes):
    return [{**one, **changes} for one in line_values(proposed_lines(proposal(money)))]


def test_the_downloaded_file_is_sent_back_as_a_claim(money):
    deliver(money, money.open(), 10)
    sheet = check(money, write_xlsx([(CLAIM_LINES, rows_of(money))]))

    assert (sheet.report["faults"], sheet.report["lines"]) == ([], 1)
    assert sheet.report["amount"] == "145.00"
    assert not Claim.objects.exists()
    sent = claim_sheet_send(actor=money.planner, sheet=sheet)
    assert sent.lines.get().state == "pending"
    assert bytes(ClaimSheet.objects.get().content) == b""
    with pytest.raises(ClaimSheetSentError):
        claim_sheet_send(actor=money.planner, sheet=sheet)


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"quantity": Decimal(200), "amount": Decimal(2900)}, "volume_exceeded", "Quantity"),
        ({"quantity": Decimal(-1)}, "", "Quantity"),
        ({"amount": Decimal("-145.00")}, "", "Amount"),
        ({"amount": Decimal(1)}, "amount_mismatch", "Amount"),
        ({"rate": Decimal(15), "amount": Decimal(150)}, "tariff_mismatch", "Price"),
        ({"start_date": date(2026, 9, 1)}, "outside_period", "From"),
        ({"reference": "geen-kenmerk"}, "unknown_reference", "Placement reference"),
        (
            {"reference": "7d444840-9dc0-11d1-b245-5ffdce74fad2"},
            "no_valid_placement",
            "Placement reference",
        ),
    ],
)
def test_every_mistake_in_a_file_is_named_and_nothing_is_claimed(money, changes, code, column):
    from django.utils.translation import override

    deliver(money, money.open(), 10)
    with override("en"):
        sheet = check(money, write_csv(CLAIM_LINES, rows_of(money, **changes)))

    faults = sheet.report["faults"]
    assert column in {one["column"] for one in faults}, faults
    assert all(one["row"] == 2 and one["message"] for one in faults)
    if code:
        assert code in {one["code"] for one in faults}
    assert not ClaimLine.objects.exists()
    with pytest.raises(InvalidError):
        claim_sheet_send(actor=money.planner, sheet=sheet)
    assert not Claim.objects.exists()


def test_more_than_delivered_is_a_warning_for_the_municipality(money):
    deliver(money, money.open(), 10)
    changed = rows_of(money, quantity=Decimal(12), amount=Decimal("174.00"))
    sheet = check(money, write_csv(CLAIM_LINES, changed))

    assert sheet.report["faults"] == []
    assert len(sheet.report["warnings"]) == 1
    sent = claim_sheet_send(actor=money.planner, sheet=sheet)
    assert sent.lines.get().warnings == ["more_than_delivered"]
