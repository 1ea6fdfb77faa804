"""The demo's money passes the doors of real data and leaves the ledger in order."""

from datetime import date
from decimal import Decimal

import pytest

from backend.common import clock
from backend.demo.money import agree_clauses, record_money, settle_breaches
from procurement.clauses.kinds import BreachState
from procurement.models import Budget, Claim, ClaimLine, Clause, ClauseBreach, LedgerEntry
from procurement.money_choices import ClaimState
from procurement.public import Delivery, deliveries_record
from procurement.selectors.ledger_checks import ledger_faults
from procurement.services.documents import DocumentDraft, documents_add
from procurement.services.version_steps import original_draft
from tests.factories.money import MoneyWorld, money_world, open_call_off
from tests.factories.procurement import contract_for
from tests.factories.providers import CourseFactory

pytestmark = pytest.mark.django_db


def test_the_demo_shows_every_state_of_money(municipality, provider, make_money):
    money = make_money()
    draft = contract_for(
        CourseFactory(provider=money.contract_lot.contract.provider, component="Z"),
        municipalities=[municipality],
        status="draft",
    ).contract
    original_draft(draft)
    actor = _everybody(municipality, provider)
    agree_clauses(actor, draft)
    world = MoneyWorld(actor, money.contract_lot)
    contract = money.contract_lot.contract
    documents_add(
        actor=actor,
        contract=contract,
        drafts=[DocumentDraft("tax", "Verklaring", date(2026, 1, 1), maximum_age_months=6)],
    )
    months = [date(2026, month, 1) for month in range(7, 11)]
    for _number in range(18):
        call_off = open_call_off(world, municipality)
        deliveries_record(
            actor=actor,
            deliveries=[Delivery(call_off.reference, month, Decimal(9)) for month in months],
        )

    record_money(actor, [municipality], [money.contract_lot.contract, draft], clock.today())

    assert ledger_faults() == []
    (paper,) = contract.documents.all()
    assert (paper.issued_date > date(2026, 8, 1), paper.has_file) == (True, True)
    assert Clause.objects.filter(version__contract=draft).count() == 13
    assert Budget.objects.filter(municipality=municipality).count() == 16
    kinds = set(LedgerEntry.objects.values_list("kind", flat=True))
    assert {"committed", "delivered", "claimed", "approved", "credited"} <= kinds
    lines = ClaimLine.objects.all()
    assert {one.state for one in lines} == {"pending", "approved", "refused"}
    assert any(one.is_partly_approved for one in lines)
    assert set(Claim.objects.values_list("state", flat=True)) == set(ClaimState)


def test_findings_have_been_seen_and_settled(municipality, provider, frozen_clock):
    world = money_world(municipality, provider)
    first = ClauseBreach.objects.order_by("pk")
    assert len(first) > 1
    settle_breaches(world.actor)
    assert {one.state for one in first.all()} >= {BreachState.ACKNOWLEDGED, BreachState.RESOLVED}


def _everybody(*organisations):
    from backend.accounts.actor import system_actor
    from backend.organisations.permissions import Permission

    both = frozenset(one.pk for one in organisations)
    return system_actor("demo", dict.fromkeys(Permission, both))
