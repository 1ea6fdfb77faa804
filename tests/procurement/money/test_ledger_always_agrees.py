"""Whatever happens to call-offs, deliveries and claims: the ledger equals the rows."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.common.errors import DomainError
from procurement.choices import CallOffState
from procurement.models import CallOff, Claim, ClaimLine, LotMunicipality
from procurement.public import call_off_release
from procurement.selectors.budgets import budget_lines
from procurement.selectors.ledger import balances_of_lots, bound_amount
from procurement.selectors.ledger_checks import ledger_faults
from procurement.services.claim_decisions import Reduction, claim_assess, claim_line_credit
from procurement.services.claim_drafts import ClaimLineDraft
from procurement.services.claims import claim_submit
from procurement.services.ledger import Delivery, deliveries_record
from tests.factories.organisations import OrganisationFactory

PRICE = Decimal("14.50")
number = st.integers(0, 4)
hours = st.decimals(0, 60, places=2)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("open"), number, hours),
        st.tuples(st.just("release"), number),
        st.tuples(st.just("deliver"), number, st.integers(9, 11), hours),
        st.tuples(st.just("claim"), number, st.integers(9, 11), hours, st.booleans()),
        st.tuples(st.just("credit"), number),
        st.tuples(st.just("assess"), number, st.sampled_from(["approve", "part", "refuse"])),
        st.tuples(st.just("take back"), number),
        st.tuples(st.just("other payer"), number),
    ),
    max_size=14,
)


def take(money, step):
    """One step of the story; what a service refuses must leave nothing behind."""
    kind, which, *more = step
    known = list(CallOff.objects.order_by("pk"))
    call_off = known[which % len(known)] if known else None
    if kind == "open":
        money.open(hours=more[0])
    elif kind == "assess":
        assess(money, which, more[0])
    elif kind == "take back":
        take_back(money)
    elif kind == "other payer":
        # What was called off before keeps the payer of its own day.
        payer = [None, OrganisationFactory(kind="municipality")][which % 2]
        LotMunicipality.objects.update(payer=payer)
    elif call_off is None:
        return
    elif kind == "release":
        call_off_release(actor=money.officer, reference=call_off.reference)
    elif kind == "deliver":
        deliveries_record(
            actor=money.planner,
            deliveries=[Delivery(call_off.reference, date(2026, more[0], 1), more[1])],
        )
    elif kind == "claim":
        month, quantity, is_wrong = more
        send(money, call_off, month, quantity, rate=PRICE + is_wrong)
    else:
        line = ClaimLine.objects.filter(call_off=call_off, credits_reference="").first()
        if line is not None:
            send(
                money,
                call_off,
                line.start_date.month,
                line.approved_quantity or line.quantity,
                credits=line.line_reference,
            )


def assess(money, which, decision):
    claims = list(Claim.objects.order_by("pk"))
    if claims:
        claim = claims[which % len(claims)]
        waiting = claim.lines.filter(state="pending").values_list("uuid", flat=True)
        refusals = dict.fromkeys(waiting, "Niet geleverd") if decision == "refuse" else {}
        part = Reduction(Decimal("0.37"), "Deels geleverd")
        reductions = dict.fromkeys(waiting, part) if decision == "part" else {}
        claim_assess(actor=money.officer, claim=claim, refusals=refusals, reductions=reductions)


def take_back(money):
    line = ClaimLine.objects.order_by("pk").first()
    if line is not None:
        claim_line_credit(actor=money.planner, line=line, reason="Dubbel gedeclareerd")


def send(money, call_off, month, quantity, rate=PRICE, credits=""):
    claim_submit(
        actor=money.planner,
        contract=money.contract_lot.contract,
        municipality=money.municipality,
        number=uuid4().hex[:20],
        month=date(2026, month, 1),
        lines=[
            ClaimLineDraft(
                line_reference=uuid4().hex[:20],
                reference=call_off.reference,
                start_date=date(2026, month, 1),
                end_date=date(2026, month, 15),
                unit="learner_hour",
                quantity=quantity,
                rate=rate,
                amount=(quantity * rate).quantize(Decimal("0.01")),
                credits_reference=credits,
            )
        ],
    )


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=steps)
def test_sums_equal_rows_after_every_step(money, story):
    with transaction.atomic():
        for step in story:
            try:
                with transaction.atomic():
                    take(money, step)
            except DomainError:
                pass
            assert ledger_faults() == [], step
        check_totals(money)
        transaction.set_rollback(True)


def check_totals(money):
    """The same, counted in Python from the rows: the check itself must not be wrong."""
    call_offs = list(CallOff.objects.prefetch_related("delivered_months"))
    if not call_offs:
        return
    found = balances_of_lots([money.contract_lot.pk])[money.contract_lot.pk]
    delivered = {
        one.pk: sum((month.amount for month in one.delivered_months.all()), Decimal(0))
        for one in call_offs
    }
    lines = list(ClaimLine.objects.all())
    approved = [one for one in lines if one.state == "approved"]
    assert found.committed == sum(one.amount for one in call_offs)
    assert found.delivered == sum(delivered.values())
    assert found.bound == sum(
        one.amount if one.state == CallOffState.COMMITTED else min(one.amount, delivered[one.pk])
        for one in call_offs
    )
    assert found.claimed == sum(
        one.amount if one.approved_amount is None else one.approved_amount
        for one in lines
        if one.state != "refused" and not one.is_credit
    )
    assert found.approved == sum(one.approved_amount for one in approved if not one.is_credit)
    assert found.credited == sum(one.amount for one in approved if one.is_credit)
    # What counts against the ceiling is what the next call-off is checked with.
    assert found.bound == bound_amount(money.contract_lot.pk)
    # And every budget together is charged with exactly what was delivered and is to come.
    payers = {one.payer_id for one in call_offs}
    rows = [row for payer in payers for year in (2026, 2027) for row in budget_lines(payer, year)]
    assert sum(row.delivered for row in rows) == found.delivered
    assert sum(row.paid for row in rows) == found.paid
    expected = sum(
        max(Decimal(0), one.amount - delivered[one.pk])
        for one in call_offs
        if one.state == CallOffState.COMMITTED
    )
    assert sum(row.committed for row in rows) == found.delivered + expected
