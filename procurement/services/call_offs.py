"""Opening and releasing call-offs: what an accepted placement commits on a contract lot."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from django.db import transaction

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common.locks import lock_row
from procurement.choices import CallOffState, TariffUnit
from procurement.errors import CeilingReachedError, NoTariffError
from procurement.models import CallOff, Ceiling, Tariff
from procurement.selectors import open_call_offs, payer_of, tariff_on
from procurement.selectors.ledger import bound_amount
from procurement.services.ledger import committed_write, released_write
from procurement.services.pools import quota_guard

CENT = Decimal("0.01")


@transaction.atomic
def ceiling_lock(*, contract_lot_id: int) -> Ceiling | None:
    """Locks the ceiling of the contract lot, if there is one: the first lock of a placement."""
    pk = Ceiling.objects.filter(contract_lot=contract_lot_id).values_list("pk", flat=True).first()
    return None if pk is None else lock_row(Ceiling.objects.all(), pk)


@transaction.atomic
def call_off_open(
    *,
    actor: Actor,
    reference: UUID,
    contract_lot_id: int,
    municipality_id: int,
    component: str,
    start_date: date,
    end_date: date,
    hours: Decimal,
    person_key: UUID | None = None,
) -> CallOff:
    """One committed call-off for the placement `reference`, with the tariff of the start date.

    It is charged to the budget of who pays for the municipality on that lot and day (domain.md
    6.2). `person_key` is the municipality's key of the person, for the accounts per person.
    Locks the ceiling, counts, then writes, so that neither places nor money are exceeded. The
    caller has checked that the actor may bind the municipality. Raises QuotaReachedError,
    CeilingReachedError, NoTariffError, BusyError.
    """
    quota_guard(contract_lot_id=contract_lot_id, municipality_id=municipality_id)
    ceiling = ceiling_lock(contract_lot_id=contract_lot_id)
    tariff = tariff_on(contract_lot_id=contract_lot_id, component=component, on=start_date)
    if tariff is None:
        raise NoTariffError
    quantity = _quantity(tariff, hours)
    amount = (quantity * tariff.amount).quantize(CENT, ROUND_HALF_UP)
    if ceiling is not None:
        _check_ceiling(ceiling, amount)
    call_off = CallOff.objects.create(
        contract_lot_id=contract_lot_id,
        municipality_id=municipality_id,
        payer_id=payer_of(
            contract_lot_id=contract_lot_id, municipality_id=municipality_id, on=start_date
        ),
        reference=reference,
        person_key=person_key,
        tariff=tariff,
        quantity=quantity,
        amount=amount,
        start_date=start_date,
        end_date=end_date,
    )
    committed_write(call_off)
    audit.record(
        actor=actor,
        action="call_off.opened",
        subject=call_off,
        after=audit.snapshot(call_off, ["reference", "quantity", "amount", "state", "payer"]),
        organisation_ids=[municipality_id],
    )
    return call_off


@transaction.atomic
def call_off_release(*, actor: Actor, reference: UUID) -> None:
    """The call-off commits no more than was delivered; releasing twice changes nothing.

    Raises BusyError.
    """
    pk = CallOff.objects.filter(reference=reference).values_list("pk", flat=True).first()
    if pk is None:
        return
    call_off = lock_row(CallOff.objects.select_related("tariff"), pk)
    if call_off.state != CallOffState.COMMITTED:
        return
    call_off.state = CallOffState.RELEASED
    call_off.save(update_fields=["state"])
    released_write(call_off)
    audit.record(
        actor=actor,
        action="call_off.released",
        subject=call_off,
        after=audit.snapshot(call_off, ["state"]),
        organisation_ids=[call_off.municipality_id],
    )


def _quantity(tariff: Tariff, hours: Decimal) -> Decimal:
    """Hours for a price per learner-hour; one for a price per module, traject or result.

    A price per group-hour is shared by the group and settled on delivery, so one learner commits
    nothing of it in advance.
    """
    if tariff.unit == TariffUnit.LEARNER_HOUR:
        return hours
    if tariff.unit == TariffUnit.GROUP_HOUR:
        return Decimal(0)
    return Decimal(1)


def _check_ceiling(ceiling: Ceiling, amount: Decimal) -> None:
    if ceiling.places is not None and open_call_offs(ceiling.contract_lot_id) >= ceiling.places:
        raise CeilingReachedError
    if (
        ceiling.amount is not None
        and bound_amount(ceiling.contract_lot_id) + amount > ceiling.amount
    ):
        raise CeilingReachedError
