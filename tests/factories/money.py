"""Money and clauses of a contract in every state, through the services that write them."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from backend.accounts.actor import Actor, system_actor
from backend.common import clock
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from procurement.choices import ContractStatus
from procurement.models import (
    Budget,
    CallOff,
    Claim,
    Clause,
    ClauseBreach,
    Contract,
    ContractLot,
    ContractVersion,
    Milestone,
)
from procurement.public import Delivery, call_off_open, deliveries_record
from procurement.services.breaches import clauses_evaluate
from procurement.services.budgets import budget_set
from procurement.services.claim_drafts import ClaimLineDraft
from procurement.services.claims import claim_submit
from procurement.services.clauses import clause_add, milestone_record
from procurement.services.version_steps import original_agree, original_draft
from tests.factories.procurement import contract_for
from tests.factories.providers import CourseFactory, ProviderFactory

PRICE = Decimal("14.50")


@dataclass
class MoneyWorld:
    """A running contract with money, and one in draft with a clause that can still change."""

    actor: Actor
    contract_lot: ContractLot
    call_offs: list[CallOff] = field(default_factory=list)
    claim: Claim = field(init=False)
    budget: Budget = field(init=False)
    breach: ClauseBreach = field(init=False)
    milestone: Milestone = field(init=False)
    draft: Contract = field(init=False)
    clause: Clause = field(init=False)

    @property
    def contract(self) -> Contract:
        return self.contract_lot.contract


def money_world(
    municipality: Organisation,
    provider: Organisation,
    *,
    call_offs: int = 2,
    prefix: str = "m",
    year: int | None = None,
) -> MoneyWorld:
    """Everything that the pages and the API of money show, of one municipality and provider."""
    actor = system_actor(
        "test", dict.fromkeys(Permission, frozenset({municipality.pk, provider.pk}))
    )
    known = getattr(provider, "provider", None) or ProviderFactory(organisation=provider)
    course = CourseFactory(provider=known, component="B", total_hours=100)
    lot = contract_for(course, municipalities=[municipality], price=PRICE, places=call_offs + 1)
    world = MoneyWorld(actor, lot)
    world.draft = _draft(municipality, course)
    version = ContractVersion.objects.get(contract=world.draft)
    world.clause = clause_add(actor=actor, version=version, kind="acceptance", parameters={})
    _agree(actor, lot.contract)
    world.call_offs = [open_call_off(world, municipality) for _number in range(call_offs)]
    last_month = (clock.today().replace(day=1) - timedelta(days=1)).replace(day=1)
    deliveries_record(
        actor=actor,
        deliveries=[Delivery(one.reference, last_month, Decimal(8)) for one in world.call_offs],
    )
    world.claim = claim_submit(
        actor=actor,
        contract=lot.contract,
        municipality=municipality,
        number=f"{prefix}-1",
        month=last_month,
        lines=[_line(one, last_month, number) for number, one in enumerate(world.call_offs)],
    )
    world.budget = budget_set(
        actor=actor,
        municipality=municipality,
        year=year or clock.today().year,
        source="spuk",
        category="B",
        amount=Decimal(100_000),
    )
    world.milestone = milestone_record(
        actor=actor,
        contract=lot.contract,
        kind="evaluation",
        title="Evaluatiegesprek",
        period_start=lot.contract.start_date,
        met_date=lot.contract.start_date + timedelta(days=90),
    )
    clauses_evaluate()
    found = ClauseBreach.objects.filter(contract=lot.contract).order_by("pk").first()
    assert found is not None
    world.breach = found
    return world


def _draft(municipality: Organisation, course: object) -> Contract:
    draft = contract_for(
        course,  # type: ignore[arg-type]
        municipalities=[municipality],
        status=ContractStatus.DRAFT,
    ).contract
    original_draft(draft)
    return draft


def _agree(actor: Actor, contract: Contract) -> None:
    """Version 1 with three clauses that find something, in force."""
    version = original_draft(contract)
    for kind, parameters in (
        ("ceiling", {"thresholds": [10, 90, 100]}),
        ("report", {}),
        ("notice", {"days": 365}),
    ):
        clause_add(actor=actor, version=version, kind=kind, parameters=parameters)
    original_agree(contract)


def open_call_off(
    world: MoneyWorld, municipality: Organisation, reference: UUID | None = None
) -> CallOff:
    today = clock.today()
    return call_off_open(
        actor=world.actor,
        reference=reference or uuid4(),
        contract_lot_id=world.contract_lot.pk,
        municipality_id=municipality.pk,
        component="B",
        start_date=today - timedelta(days=120),
        end_date=today + timedelta(days=200),
        hours=Decimal(100),
    )


def _line(call_off: CallOff, month: date, number: int) -> ClaimLineDraft:
    return ClaimLineDraft(
        line_reference=f"R{number}",
        reference=call_off.reference,
        start_date=month,
        end_date=month + timedelta(days=20),
        unit="learner_hour",
        quantity=Decimal(8),
        rate=PRICE,
        amount=8 * PRICE,
    )
