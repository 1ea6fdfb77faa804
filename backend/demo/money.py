"""Money and clauses of the demo: budgets, what was delivered and claimed, and what was not kept."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from django.utils.translation import gettext as _

from backend.accounts.public import Actor
from backend.organisations.models import Organisation
from procurement.choices import ContractStatus, TariffUnit
from procurement.models import CallOff, ClauseBreach, Contract
from procurement.public import Delivery, deliveries_record
from procurement.services.breaches import breach_acknowledge, clauses_evaluate
from procurement.services.budgets import budget_set, expense_record
from procurement.services.claim_decisions import claim_assess
from procurement.services.claim_drafts import ClaimLineDraft
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
# Share of the hours of a full month that was delivered, in thousandths, by the month's number.
RHYTHM = (960, 900, 1000, 930, 870, 980)
MONTHS_SHOWN = 4


def agree_clauses(actor: Actor, contract: Contract) -> None:
    """Every clause of the library, while the contract is a draft."""
    clauses_from_library(actor=actor, version=contract.versions.get())


def record_money(
    actor: Actor, municipalities: list[Organisation], contracts: list[Contract], as_of: date
) -> None:
    """Budgets, deliveries, claims, expenses, kept and broken promises until today."""
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
    call_offs = list(
        CallOff.objects.filter(tariff__unit=TariffUnit.LEARNER_HOUR)
        .select_related("tariff", "contract_lot__contract__provider", "municipality")
        .order_by("reference")
    )
    for month in _months(as_of):
        _deliver(actor, call_offs, month)
    for month in _months(as_of)[-MONTHS_SHOWN:]:
        _claim(actor, call_offs, month, is_last=month == _months(as_of)[-1])
    _promises(actor, contracts, as_of)
    clauses_evaluate()
    _acknowledge(actor)


def _months(as_of: date) -> list[date]:
    """The first days of the twelve months that are over."""
    found = [as_of.replace(day=1)]
    for _number in range(12):
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return sorted(found[1:])


def _last_of(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _hours(call_off: CallOff, month: date) -> Decimal:
    """Hours of a month, spread over the days of the call-off, with the rhythm of a school year."""
    first, last = max(month, call_off.start_date), min(_last_of(month), call_off.end_date)
    if last < first:
        return Decimal(0)
    days = (call_off.end_date - call_off.start_date).days + 1
    share = call_off.quantity * ((last - first).days + 1) / days
    return (share * RHYTHM[month.month % len(RHYTHM)] / 1000).quantize(Decimal("0.5"))


def _deliver(actor: Actor, call_offs: list[CallOff], month: date) -> None:
    deliveries = [Delivery(one.reference, month, _hours(one, month)) for one in call_offs]
    deliveries_record(actor=actor, deliveries=[one for one in deliveries if one.quantity])


def _claim(actor: Actor, call_offs: list[CallOff], month: date, *, is_last: bool) -> None:
    """A claim per contract and municipality; the newest still waits for a decision."""
    grouped: dict[tuple[int, int], list[CallOff]] = {}
    for one in call_offs:
        if _hours(one, month):
            key = (one.contract_lot.contract_id, one.municipality_id)
            grouped.setdefault(key, []).append(one)
    for number, key in enumerate(sorted(grouped)):
        lines = [_line(one, month, place) for place, one in enumerate(grouped[key])]
        first = grouped[key][0]
        claim = claim_submit(
            actor=actor,
            contract=first.contract_lot.contract,
            municipality=first.municipality,
            number=f"D-{month:%Y-%m}-{number + 1:03d}",
            month=month,
            lines=lines,
        )
        if not is_last and claim.state == "submitted":
            claim_assess(actor=actor, claim=claim)


def _line(call_off: CallOff, month: date, place: int) -> ClaimLineDraft:
    hours, rate = _hours(call_off, month), call_off.tariff.amount
    # Now and then somebody uses last year's price: the line comes back with its code.
    if place % 17 == 16:
        rate += Decimal("0.40")
    return ClaimLineDraft(
        line_reference=f"{month:%y%m}-{str(call_off.reference)[:8]}",
        reference=call_off.reference,
        start_date=max(month, call_off.start_date),
        end_date=min(_last_of(month), call_off.end_date),
        unit=call_off.tariff.unit,
        quantity=hours,
        rate=rate,
        amount=(hours * rate).quantize(Decimal("0.01")),
    )


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


def _acknowledge(actor: Actor) -> None:
    """Some findings have been seen already, so that every state is there."""
    for one in ClauseBreach.objects.filter(state="open").order_by("pk")[:3]:
        breach_acknowledge(actor=actor, breach=one, note=_("Discussed with the provider (demo)."))
