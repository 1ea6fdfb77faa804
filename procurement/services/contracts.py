"""Framework contracts: register, fill with lots, courses, ceilings, tariffs; bring into force."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common import events
from backend.common.cleaning import field_violations
from backend.common.errors import InvalidError, Violation
from backend.organisations.models import Organisation
from procurement.choices import CONTRACT_TRANSITIONS, ContractStatus
from procurement.errors import ContractIncompleteError, ContractStateError
from procurement.events import ContractStatusChanged
from procurement.models import Ceiling, Contract, ContractCourse, ContractLot, Lot, Tariff
from procurement.policies import require_manage_contracts
from providers.models import Course, Provider

CONTRACT_FIELDS = ("number", "title", "buyer", "provider", "start_date", "end_date", "status")
TARIFF_FIELDS = ("component", "unit", "amount", "valid_from", "valid_to")
# Tariffs stay open to change in a running contract; what it covers only changes before.
OPEN_TO_TARIFFS = frozenset({ContractStatus.DRAFT, ContractStatus.ACTIVE, ContractStatus.SUSPENDED})


@dataclass(frozen=True)
class TariffDraft:
    """A price excluding VAT for a component in a period; see TariffUnit for what it is for."""

    component: str
    unit: str
    amount: Decimal
    valid_from: date
    valid_to: date | None = None


@transaction.atomic
def contract_register(
    *,
    actor: Actor,
    buyer: Organisation,
    provider: Provider,
    number: str,
    title: str,
    start_date: date,
    end_date: date,
) -> Contract:
    """A new contract in draft; nobody can call off from it until `contract_activate`."""
    require_manage_contracts(actor, buyer.pk)
    contract = Contract(
        buyer=buyer,
        provider=provider,
        number=number,
        title=title,
        start_date=start_date,
        end_date=end_date,
    )
    faults = field_violations(contract)
    if end_date < start_date:
        faults.append(
            Violation(
                "end_date",
                "ends_before_start",
                _("The end date is before the start date. Correct one of the two."),
            )
        )
    if Contract.objects.filter(buyer=buyer, number=number).exists():
        faults.append(
            Violation(
                "number",
                "number_taken",
                _("This contract number is in use already. Choose another number."),
            )
        )
    if faults:
        raise InvalidError(violations=faults)
    contract.save()
    _record(actor, "contract.registered", contract, after=CONTRACT_FIELDS)
    return contract


@transaction.atomic
def contract_lot_add(
    *,
    actor: Actor,
    contract: Contract,
    lot: Lot,
    courses: Sequence[Course],
    tariffs: Sequence[TariffDraft] = (),
    ceiling_places: int | None = None,
    ceiling_amount: Decimal | None = None,
) -> ContractLot:
    """The contract delivers `lot` with these courses at these tariffs, up to the ceiling.

    Only while the contract is a draft. Raises InvalidError with every course and tariff that does
    not belong to the lot, and ContractStateError.
    """
    require_manage_contracts(actor, contract.buyer_id)
    contract = _locked(contract, {ContractStatus.DRAFT})
    contract_lot = ContractLot(contract=contract, lot=lot)
    faults = [
        *_lot_faults(contract, lot),
        *_course_faults(contract, lot, courses),
        *_tariff_faults(contract, lot, tariffs),
    ]
    ceiling = Ceiling(contract_lot=contract_lot, places=ceiling_places, amount=ceiling_amount)
    faults += field_violations(ceiling, "ceiling.")
    if faults:
        raise InvalidError(violations=faults)
    contract_lot.save()
    if ceiling_places is not None or ceiling_amount is not None:
        ceiling.contract_lot = contract_lot
        ceiling.save()
    ContractCourse.objects.bulk_create(
        ContractCourse(contract_lot=contract_lot, course=course) for course in courses
    )
    Tariff.objects.bulk_create(_tariff(contract_lot, one) for one in tariffs)
    audit.record(
        actor=actor,
        action="contract_lot.added",
        subject=contract_lot,
        after={
            "contract": contract.number,
            "lot": lot.code,
            "courses": [course.code for course in courses],
            "tariffs": [_tariff_facts(one) for one in tariffs],
            "ceiling_places": ceiling_places,
            "ceiling_amount": None if ceiling_amount is None else str(ceiling_amount),
        },
        organisation_ids=_parties(contract),
    )
    return contract_lot


@transaction.atomic
def tariff_add(*, actor: Actor, contract_lot: ContractLot, draft: TariffDraft) -> Tariff:
    """A new price on the contract lot; a period that overlaps another price is refused."""
    require_manage_contracts(actor, contract_lot.contract.buyer_id)
    contract = _locked(contract_lot.contract, OPEN_TO_TARIFFS)
    present = [
        TariffDraft(one.component, one.unit, one.amount, one.valid_from, one.valid_to)
        for one in contract_lot.tariffs.all()
    ]
    faults = list(_tariff_faults(contract, contract_lot.lot, [draft], present))
    if faults:
        raise InvalidError(violations=faults)
    tariff = _tariff(contract_lot, draft)
    tariff.save()
    audit.record(
        actor=actor,
        action="tariff.added",
        subject=tariff,
        after=audit.snapshot(tariff, TARIFF_FIELDS),
        organisation_ids=_parties(contract),
    )
    return tariff


def contract_activate(*, actor: Actor, contract: Contract) -> Contract:
    """The contract is in force: from its start date on municipalities may call off from it.

    Raises ContractIncompleteError with every gap: no lot, a lot without municipalities or
    courses, a component without a tariff on the first day.
    """
    return _change_status(actor, contract, ContractStatus.ACTIVE)


def contract_suspend(*, actor: Actor, contract: Contract, reason: str) -> Contract:
    """No new call-offs until `contract_activate`; what runs goes on (contract standard, 3.19)."""
    return _change_status(actor, contract, ContractStatus.SUSPENDED, reason)


def contract_end(*, actor: Actor, contract: Contract, reason: str) -> Contract:
    """The contract ends before its end date; what runs goes on."""
    return _change_status(actor, contract, ContractStatus.ENDED, reason)


@transaction.atomic
def _change_status(
    actor: Actor, contract: Contract, status: ContractStatus, reason: str = ""
) -> Contract:
    require_manage_contracts(actor, contract.buyer_id)
    allowed = {one for one, following in CONTRACT_TRANSITIONS.items() if status in following}
    contract = _locked(contract, allowed)
    if status == ContractStatus.ACTIVE:
        gaps = list(_gaps(contract))
        if gaps:
            raise ContractIncompleteError(violations=gaps)
    before = audit.snapshot(contract, ["status"])
    contract.status = status
    contract.save(update_fields=["status"])
    _record(actor, f"contract.{status}", contract, before=before, after=["status"], reason=reason)
    events.publish(ContractStatusChanged(contract.pk, status))
    return contract


def _locked(contract: Contract, allowed: Collection[str]) -> Contract:
    """The contract as it is now, locked. Raises ContractStateError in any other status."""
    locked = Contract.objects.select_for_update(of=("self",)).get(pk=contract.pk)
    if locked.status not in allowed:
        raise ContractStateError
    return locked


def _gaps(contract: Contract) -> Iterable[Violation]:
    contract_lots = list(
        contract.contract_lots.select_related("lot").prefetch_related(
            "contract_courses__course", "tariffs", "lot__participations"
        )
    )
    if not contract_lots:
        yield Violation("contract_lots", "no_lot", _("Add at least one lot with its courses."))
    for number, one in enumerate(contract_lots):
        place = f"contract_lots.{number}."
        courses = [row.course for row in one.contract_courses.all()]
        if not courses:
            yield Violation(
                place + "courses", "no_course", _("Add at least one course to this lot.")
            )
        if not one.lot.participations.all():
            yield Violation(
                place + "participations",
                "no_municipality",
                _("Add at least one municipality to this lot."),
            )
        priced = {
            tariff.component
            for tariff in one.tariffs.all()
            if tariff.valid_from <= contract.start_date
            and (tariff.valid_to is None or tariff.valid_to >= contract.start_date)
        }
        for component in sorted({course.component for course in courses} - priced):
            yield Violation(
                place + "tariffs",
                "no_tariff",
                _("Add a tariff for %(component)s that holds on the first day of the contract.")
                % {"component": component},
            )


def _lot_faults(contract: Contract, lot: Lot) -> Iterable[Violation]:
    if lot.buyer_id != contract.buyer_id:
        yield Violation("lot", "other_buyer", _("This lot belongs to another buyer."))
    if contract.contract_lots.filter(lot=lot).exists():
        yield Violation("lot", "lot_taken", _("This contract delivers this lot already."))


def _course_faults(contract: Contract, lot: Lot, courses: Sequence[Course]) -> Iterable[Violation]:
    for number, course in enumerate(courses):
        place = f"courses.{number}"
        if course.provider_id != contract.provider_id:
            yield Violation(place, "other_provider", _("This course belongs to another provider."))
        if course.component not in lot.components:
            yield Violation(
                place,
                "component_not_in_lot",
                _("The lot does not cover this component. Choose another course or lot."),
            )
        if course in courses[:number]:
            yield Violation(place, "repeated", _("This course is in the list twice."))


def _tariff_faults(
    contract: Contract,
    lot: Lot,
    tariffs: Sequence[TariffDraft],
    present: Sequence[TariffDraft] = (),
) -> Iterable[Violation]:
    for number, one in enumerate(tariffs):
        place = f"tariffs.{number}." if len(tariffs) > 1 else ""
        yield from field_violations(_tariff(ContractLot(contract=contract, lot=lot), one), place)
        if one.amount < 0:
            yield Violation(
                place + "amount", "negative", _("A price is 0 euros or more. Correct it.")
            )
        if one.component not in lot.components:
            yield Violation(
                place + "component",
                "component_not_in_lot",
                _("The lot does not cover this component. Choose another component."),
            )
        if one.valid_to is not None and one.valid_to < one.valid_from:
            yield Violation(
                place + "valid_to",
                "ends_before_start",
                _("The last day is before the first day. Correct one of the two."),
            )
        if any(_same_days(one, other) for other in (*present, *tariffs[:number])):
            yield Violation(
                place + "valid_from",
                "tariff_overlaps",
                _("There is another price for these days. End that price first."),
            )


def _same_days(one: TariffDraft, other: TariffDraft) -> bool:
    return (
        (one.component, one.unit) == (other.component, other.unit)
        and one.valid_from <= (other.valid_to or date.max)
        and other.valid_from <= (one.valid_to or date.max)
    )


def _tariff(contract_lot: ContractLot, draft: TariffDraft) -> Tariff:
    return Tariff(
        contract_lot=contract_lot,
        component=draft.component,
        unit=draft.unit,
        amount=draft.amount,
        valid_from=draft.valid_from,
        valid_to=draft.valid_to,
    )


def _tariff_facts(draft: TariffDraft) -> dict[str, object]:
    return {
        "component": draft.component,
        "unit": draft.unit,
        "amount": str(draft.amount),
        "valid_from": draft.valid_from.isoformat(),
        "valid_to": None if draft.valid_to is None else draft.valid_to.isoformat(),
    }


def _parties(contract: Contract) -> list[int]:
    """Buyer and provider may both read what happened to their contract."""
    return [contract.buyer_id, contract.provider.organisation_id]


def _record(
    actor: Actor,
    action: str,
    contract: Contract,
    *,
    after: Sequence[str],
    before: dict[str, object] | None = None,
    reason: str = "",
) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=contract,
        before=before,
        after=audit.snapshot(contract, after),
        reason=reason,
        organisation_ids=_parties(contract),
    )
