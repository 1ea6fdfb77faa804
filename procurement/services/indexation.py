"""Indexation: all running prices of a contract rise by one percentage on one day, or none."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common.cleaning import field_violations
from backend.common.errors import InvalidError, Violation
from procurement.choices import IndexationMethod, PriceRounding
from procurement.models import Contract, Indexation, IndexationRule, Tariff
from procurement.policies import require_manage_contracts
from procurement.services.contract_steps import NOT_ENDED, contract_lock, record_change

RULE_FIELDS = ("method", "index_name", "percentage", "rounding", "month", "first_year")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class RuleDraft:
    """When and by how much prices change, as the contract says it."""

    method: str
    first_year: int
    month: int = 1
    index_name: str = ""
    percentage: Decimal | None = None
    rounding: str = PriceRounding.CENT


@dataclass(frozen=True)
class PriceChange:
    """What indexation makes of one price."""

    tariff: Tariff
    old: Decimal
    new: Decimal

    @property
    def difference(self) -> Decimal:
        return self.new - self.old


@transaction.atomic
def indexation_rule_set(*, actor: Actor, contract: Contract, draft: RuleDraft) -> IndexationRule:
    """The rule of the contract; it says what happens and changes no price by itself."""
    contract = contract_lock(actor, contract, NOT_ENDED)
    rule = IndexationRule.objects.filter(contract=contract).first() or IndexationRule(
        contract=contract
    )
    before = audit.snapshot(rule, RULE_FIELDS) if rule.pk else None
    faults = rule_faults(draft)
    for name, value in vars(draft).items():
        setattr(rule, name, value)
    if faults:
        raise InvalidError(violations=faults)
    rule.save()
    record_change(
        actor,
        "indexation_rule.set",
        contract,
        contract,
        before=before,
        after=audit.snapshot(rule, RULE_FIELDS),
    )
    return rule


def rule_faults(draft: RuleDraft) -> list[Violation]:
    """Everything wrong with a rule, whatever contract it is for."""
    faults = field_violations(IndexationRule(**vars(draft)))
    if draft.method == IndexationMethod.FIXED and draft.percentage is None:
        faults.append(Violation("percentage", "required", _("Enter the percentage of every year.")))
    if draft.method == IndexationMethod.INDEX and not draft.index_name.strip():
        faults.append(
            Violation("index_name", "required", _("Name the index, for example CBS CPI."))
        )
    return faults


def next_indexation_date(rule: IndexationRule, after: date) -> date:
    """The first day on or after `after` on which the rule changes prices."""
    year = max(rule.first_year, after.year)
    day = date(year, rule.month, 1)
    return day if day >= after else date(year + 1, rule.month, 1)


def indexed_price(amount: Decimal, percentage: Decimal, rounding: str) -> Decimal:
    """`amount` with `percentage` added, rounded to a multiple of `rounding`; halves go up."""
    step = Decimal(rounding)
    raised = amount * (Decimal(100) + percentage) / Decimal(100)
    return ((raised / step).quantize(Decimal(1), ROUND_HALF_UP) * step).quantize(CENT)


def indexation_preview(
    *,
    actor: Actor,
    contract: Contract,
    effective_date: date,
    percentage: Decimal,
    rounding: str = PriceRounding.CENT,
) -> list[PriceChange]:
    """What `indexation_apply` would do to every price; changes nothing.

    Raises InvalidError with every reason why it would be refused.
    """
    require_manage_contracts(actor, contract.buyer_id)
    tariffs = _running(contract, effective_date)
    faults = list(_faults(contract, effective_date, percentage, rounding, tariffs))
    if faults:
        raise InvalidError(violations=faults)
    return [
        PriceChange(one, one.amount, indexed_price(one.amount, percentage, rounding))
        for one in tariffs
    ]


@transaction.atomic
def indexation_apply(
    *,
    actor: Actor,
    contract: Contract,
    effective_date: date,
    percentage: Decimal,
    rounding: str = PriceRounding.CENT,
    source: str = "",
) -> Indexation:
    """Every price that runs on the day ends the day before; the indexed one takes its place.

    A price keeps its last day. Call-offs keep the tariff that was frozen for them. A day is
    indexed once: a second time is refused, so that a repeated click changes nothing.
    """
    contract = contract_lock(actor, contract, NOT_ENDED)
    changes = indexation_preview(
        actor=actor,
        contract=contract,
        effective_date=effective_date,
        percentage=percentage,
        rounding=rounding,
    )
    run = Indexation(
        contract=contract,
        effective_date=effective_date,
        percentage=percentage,
        rounding=rounding,
        source=source,
    )
    faults = field_violations(run)
    if faults:
        raise InvalidError(violations=faults)
    run.save()
    last_days = [one.tariff.valid_to for one in changes]
    for one in changes:
        one.tariff.valid_to = effective_date - timedelta(days=1)
    Tariff.objects.bulk_update([one.tariff for one in changes], ["valid_to"])
    Tariff.objects.bulk_create(
        Tariff(
            contract_lot_id=one.tariff.contract_lot_id,
            component=one.tariff.component,
            unit=one.tariff.unit,
            detail=one.tariff.detail,
            amount=one.new,
            valid_from=effective_date,
            valid_to=last_day,
            indexation=run,
        )
        for one, last_day in zip(changes, last_days, strict=True)
    )
    record_change(
        actor,
        "indexation.applied",
        contract,
        run,
        after={
            "effective_date": effective_date.isoformat(),
            "percentage": str(percentage),
            "rounding": rounding,
            "source": source,
            "prices": [
                {"tariff": str(one.tariff.uuid), "old": str(one.old), "new": str(one.new)}
                for one in changes
            ],
        },
    )
    return run


def _running(contract: Contract, day: date) -> list[Tariff]:
    """Prices that hold on the day and started before it; a price agreed for that day stays."""
    return list(
        Tariff.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=day),
            contract_lot__contract=contract,
            valid_from__lt=day,
        )
        .select_related("contract_lot__lot")
        .order_by("contract_lot__lot__code", "component", "unit", "detail")
    )


def _faults(
    contract: Contract,
    effective_date: date,
    percentage: Decimal,
    rounding: str,
    tariffs: list[Tariff],
) -> Iterable[Violation]:
    run = Indexation(
        contract=contract, effective_date=effective_date, percentage=percentage, rounding=rounding
    )
    yield from field_violations(run)
    if not contract.start_date < effective_date <= contract.end_date:
        yield Violation(
            "effective_date",
            "outside_contract",
            _("Choose a day within the contract, after its first day."),
        )
    if contract.indexations.filter(effective_date=effective_date).exists():
        yield Violation(
            "effective_date",
            "indexed_already",
            _("The prices have been indexed on this day already. Choose another day."),
        )
    elif not tariffs:
        yield Violation(
            "effective_date",
            "no_prices",
            _("No price runs on this day, so there is nothing to index."),
        )
