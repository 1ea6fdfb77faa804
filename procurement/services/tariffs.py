"""Prices of a contract: adding one, and ending one on a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common.cleaning import field_violations
from backend.common.errors import InvalidError, Violation
from procurement.models import ContractLot, Lot, Tariff
from procurement.services.contract_steps import NOT_ENDED, contract_lock, record_change

TARIFF_FIELDS = ("component", "unit", "detail", "amount", "valid_from", "valid_to")


@dataclass(frozen=True)
class TariffDraft:
    """A price excluding VAT for a component in a period; see TariffUnit for what it is for.

    `detail` names the phase, module or result where one unit has several prices.
    """

    component: str
    unit: str
    amount: Decimal
    valid_from: date
    valid_to: date | None = None
    detail: str = ""


@transaction.atomic
def tariff_add(*, actor: Actor, contract_lot: ContractLot, draft: TariffDraft) -> Tariff:
    """A new price on the contract lot; a period that overlaps another price is refused."""
    contract = contract_lock(actor, contract_lot.contract, NOT_ENDED)
    present = [draft_of(one) for one in contract_lot.tariffs.all()]
    faults = list(tariff_faults(contract_lot.lot, [draft], present, place=""))
    if faults:
        raise InvalidError(violations=faults)
    tariff = tariff_from(contract_lot, draft)
    tariff.save()
    record_change(
        actor, "tariff.added", contract, tariff, after=audit.snapshot(tariff, TARIFF_FIELDS)
    )
    return tariff


@transaction.atomic
def tariff_end(*, actor: Actor, tariff: Tariff, valid_to: date, reason: str) -> Tariff:
    """The price holds until and including `valid_to`; a call-off that froze it keeps it."""
    contract = contract_lock(actor, tariff.contract_lot.contract, NOT_ENDED)
    tariff = Tariff.objects.select_for_update(of=("self",)).get(pk=tariff.pk)
    faults = []
    if valid_to < tariff.valid_from:
        faults.append(_ends_before_start("valid_to"))
    if tariff.valid_to is not None and valid_to > tariff.valid_to:
        faults.append(
            Violation(
                "valid_to",
                "longer_than_agreed",
                _("The price ends earlier already. Add a new price for the days after it."),
            )
        )
    if not reason.strip():
        faults.append(Violation("reason", "required", _("Say why the price ends.")))
    if faults:
        raise InvalidError(violations=faults)
    before = audit.snapshot(tariff, ["valid_to"])
    tariff.valid_to = valid_to
    tariff.save(update_fields=["valid_to"])
    record_change(
        actor,
        "tariff.ended",
        contract,
        tariff,
        before=before,
        after=audit.snapshot(tariff, TARIFF_FIELDS),
        reason=reason,
    )
    return tariff


def tariff_from(contract_lot: ContractLot, draft: TariffDraft) -> Tariff:
    return Tariff(
        contract_lot=contract_lot,
        component=draft.component,
        unit=draft.unit,
        detail=draft.detail.strip(),
        amount=draft.amount,
        valid_from=draft.valid_from,
        valid_to=draft.valid_to,
    )


def draft_of(tariff: Tariff) -> TariffDraft:
    return TariffDraft(
        tariff.component,
        tariff.unit,
        tariff.amount,
        tariff.valid_from,
        tariff.valid_to,
        tariff.detail,
    )


def tariff_facts(draft: TariffDraft) -> dict[str, object]:
    """The price as history keeps it."""
    return {
        "component": draft.component,
        "unit": draft.unit,
        "detail": draft.detail,
        "amount": str(draft.amount),
        "valid_from": draft.valid_from.isoformat(),
        "valid_to": None if draft.valid_to is None else draft.valid_to.isoformat(),
    }


def tariff_faults(
    lot: Lot,
    tariffs: Sequence[TariffDraft],
    present: Sequence[TariffDraft] = (),
    place: str = "tariffs.{number}.",
) -> Iterable[Violation]:
    """Everything wrong with new prices on a lot, given those that are there."""
    for number, one in enumerate(tariffs):
        at = place.format(number=number)
        yield from field_violations(tariff_from(ContractLot(), one), at)
        if one.amount < 0:
            yield Violation(at + "amount", "negative", _("A price is 0 euros or more. Correct it."))
        if one.component not in lot.components:
            yield Violation(
                at + "component",
                "component_not_in_lot",
                _("The lot does not cover this component. Choose another component."),
            )
        if one.valid_to is not None and one.valid_to < one.valid_from:
            yield _ends_before_start(at + "valid_to")
        if any(_same_days(one, other) for other in (*present, *tariffs[:number])):
            yield Violation(
                at + "valid_from",
                "tariff_overlaps",
                _("There is another price for these days. End that price first."),
            )


def _ends_before_start(field: str) -> Violation:
    return Violation(
        field,
        "ends_before_start",
        _("The last day is before the first day. Correct one of the two."),
    )


def _same_days(one: TariffDraft, other: TariffDraft) -> bool:
    return (
        (one.component, one.unit, one.detail) == (other.component, other.unit, other.detail)
        and one.valid_from <= (other.valid_to or date.max)
        and other.valid_from <= (one.valid_to or date.max)
    )
