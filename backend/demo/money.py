"""Money and clauses of the demo: budgets, what was delivered and claimed, and what was not kept."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from django.utils.translation import gettext as _

from backend.accounts.public import Actor
from backend.demo.papers import renew_documents
from backend.organisations.models import Organisation
from procurement.choices import ContractStatus
from procurement.claim_rules import ClaimLineDraft
from procurement.clauses.kinds import BreachState
from procurement.models import ClauseBreach, Contract
from procurement.money_choices import ClaimLineState, ClaimState
from procurement.selectors.claim_proposals import months_of_call_offs, proposed_lines
from procurement.services.breaches import breach_acknowledge, breach_resolve, clauses_evaluate
from procurement.services.budgets import budget_set, expense_record
from procurement.services.claim_decisions import Reduction, claim_assess, claim_line_credit
from procurement.services.claims import claim_submit
from procurement.services.clauses import clauses_from_library, milestone_record

# Yearly budget per category in euros, for a municipality of 100 newcomers a year.
BUDGETS = (
    ("B", "spuk", 610_000),
    ("B", "own", 40_000),
    ("Z", "spuk", 290_000),
    ("O", "spuk", 170_000),
    ("KNM", "spuk", 35_000),
    ("MAP", "spuk", 55_000),
    ("PVT", "spuk", 24_000),
    ("interpreter", "own", 12_000),
)


def agree_clauses(actor: Actor, contract: Contract) -> None:
    """Every clause of the library, while the contract is a draft."""
    clauses_from_library(actor=actor, version=contract.versions.get())


def record_money(
    actor: Actor, municipalities: list[Organisation], contracts: list[Contract], as_of: date
) -> None:
    """Budgets, claims on what was delivered, expenses, kept and broken promises until today."""
    for number, municipality in enumerate(municipalities):
        for year in (as_of.year - 1, as_of.year):
            for category, source, amount in BUDGETS:
                budget_set(
                    actor=actor,
                    municipality=municipality,
                    year=year,
                    source=source,
                    category=category,
                    amount=Decimal(amount) * (4 + number % 4) / 4,
                )
        _expenses(actor, municipality, number, as_of)
    _claims(actor, contracts, as_of)
    _promises(actor, contracts, as_of)
    renew_documents(actor, contracts)
    clauses_evaluate()
    settle_breaches(actor)


def _months(as_of: date) -> list[date]:
    """The first days of the twelve months that are over."""
    found = [as_of.replace(day=1)]
    for _number in range(12):
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return sorted(found[1:])


def _claims(actor: Actor, contracts: list[Contract], as_of: date) -> None:
    """What was delivered is claimed per month; the newest waits, or is still to be claimed."""
    months = _months(as_of)
    rows = Contract.objects.filter(pk__in=[one.pk for one in contracts])
    for number, contract in enumerate(rows.select_related("provider", "buyer").order_by("pk")):
        takers = Organisation.objects.filter(call_offs__contract_lot__contract=contract).distinct()
        for taker in takers.order_by("name"):
            for month in months[:-1]:
                _claim(actor, contract, taker, month, is_last=False)
            # Of the newest month some claims have not been made: the provider finds them to send.
            if number % 3 != 2:
                _claim(actor, contract, taker, months[-1], is_last=True)


def _claim(
    actor: Actor, contract: Contract, taker: Organisation, month: date, *, is_last: bool
) -> None:
    rows = months_of_call_offs(contract, taker.pk, month)
    lines = [_mistaken(one, place) for place, one in enumerate(proposed_lines(rows))]
    if not lines:
        return
    claim = claim_submit(
        actor=actor,
        contract=contract,
        municipality=taker,
        number=f"D-{month:%Y-%m}-{taker.code}",
        month=month,
        lines=lines,
    )
    if is_last or claim.state != ClaimState.SUBMITTED:
        return
    waiting = list(claim.lines.filter(state=ClaimLineState.PENDING).order_by("pk"))
    reductions, refusals = {}, {}
    if month.month % 4 == 0 and waiting[0].quantity > 1:
        reductions[waiting[0].uuid] = Reduction(
            waiting[0].quantity - 1, _("One lesson was not given (demo).")
        )
    elif month.month % 4 == 2:
        refusals[waiting[-1].uuid] = _("This person had stopped already (demo).")
    claim_assess(actor=actor, claim=claim, refusals=refusals, reductions=reductions)
    if month.month % 6 == 1:
        claim_line_credit(
            actor=actor, line=waiting[0], reason=_("Claimed twice, found afterwards (demo).")
        )


def _mistaken(line: ClaimLineDraft, place: int) -> ClaimLineDraft:
    """Now and then somebody uses last year's price: the line comes back with its code."""
    if place % 17 != 16:
        return line
    rate = line.rate + Decimal("0.40")
    amount = (line.quantity * rate).quantize(Decimal("0.01"))
    return replace(line, rate=rate, amount=amount)


def _expenses(actor: Actor, municipality: Organisation, number: int, as_of: date) -> None:
    for step in range(3 + number % 3):
        expense_record(
            actor=actor,
            municipality=municipality,
            reference=uuid5(NAMESPACE_URL, f"demo:{municipality.code}:{step}"),
            category="interpreter",
            spent_date=as_of - timedelta(days=20 + 31 * step),
            amount=Decimal(75 + 20 * step),
            description=_("Interpreter at the broad intake (demo)"),
        )


def _promises(actor: Actor, contracts: list[Contract], as_of: date) -> None:
    """The first contracts kept their promises lately; the others show what happens if not."""
    running = [
        one
        for one in Contract.objects.filter(pk__in=[one.pk for one in contracts]).select_related(
            "provider", "buyer"
        )
        if one.status == ContractStatus.ACTIVE
    ]
    for one in running[:2]:
        for days in (400, 220, 60):
            day = as_of - timedelta(days=days)
            if day >= one.start_date:
                milestone_record(
                    actor=actor,
                    contract=one,
                    kind="evaluation",
                    title=_("Evaluation meeting (demo)"),
                    period_start=day,
                    met_date=day,
                )


def settle_breaches(actor: Actor) -> None:
    """Some findings have been seen already and one is settled, so that every state is there."""
    found = list(ClauseBreach.objects.filter(state=BreachState.OPEN).order_by("pk")[:4])
    for one in found[:-1]:
        breach_acknowledge(actor=actor, breach=one, note=_("Discussed with the provider (demo)."))
    for one in found[-1:]:
        breach_resolve(actor=actor, breach=one, note=_("Put right by the provider (demo)."))
