"""Framework contracts: register, fill with lots, courses, ceilings, tariffs; bring into force."""

from collections.abc import Iterable, Sequence
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
from procurement.choices import CONTRACT_TRANSITIONS, ContractStatus, ExecutionVariant
from procurement.errors import ContractIncompleteError
from procurement.events import ContractStatusChanged
from procurement.models import (
    Ceiling,
    Contract,
    ContractCourse,
    ContractLot,
    Lot,
    Tariff,
    Tender,
)
from procurement.policies import require_manage_contracts
from procurement.selectors.completeness import contract_gaps
from procurement.services.contract_steps import contract_lock, record_change, record_contract
from procurement.services.tariffs import (
    TariffDraft,
    tariff_facts,
    tariff_faults,
    tariff_from,
)
from procurement.services.version_steps import original_agree, original_draft
from providers.models import Course, Provider

CONTRACT_FIELDS = ("number", "title", "buyer", "provider", "start_date", "end_date", "status")


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
    tender: Tender | None = None,
) -> Contract:
    """A new contract in draft; nobody can call off from it until `contract_activate`."""
    require_manage_contracts(actor, buyer.pk)
    contract = Contract(
        buyer=buyer,
        provider=provider,
        tender=tender,
        number=number,
        title=title,
        start_date=start_date,
        end_date=end_date,
    )
    faults = contract_faults(contract)
    if tender is not None and tender.buyer_id != buyer.pk:
        faults.append(
            Violation("tender", "other_buyer", _("This tender belongs to another buyer."))
        )
    if faults:
        raise InvalidError(violations=faults)
    contract.save()
    original_draft(contract)
    record_contract(actor, "contract.registered", contract, after=CONTRACT_FIELDS)
    return contract


def contract_faults(contract: Contract) -> list[Violation]:
    """What is wrong with a new contract, whoever its provider is."""
    faults = [*field_violations(contract), *_term_faults(contract)]
    if Contract.objects.filter(buyer=contract.buyer_id, number=contract.number).exists():
        faults.append(
            Violation(
                "number",
                "number_taken",
                _("This contract number is in use already. Choose another number."),
            )
        )
    return faults


def _term_faults(contract: Contract) -> Iterable[Violation]:
    if contract.end_date < contract.start_date:
        yield Violation(
            "end_date",
            "ends_before_start",
            _("The end date is before the start date. Correct one of the two."),
        )


@transaction.atomic
def contract_change(
    *, actor: Actor, contract: Contract, title: str, start_date: date, end_date: date
) -> Contract:
    """Other data of a contract in draft; once in force only an amendment changes it."""
    contract = contract_lock(actor, contract, {ContractStatus.DRAFT})
    before = audit.snapshot(contract, ["title", "start_date", "end_date"])
    contract.title, contract.start_date, contract.end_date = title, start_date, end_date
    faults = [*field_violations(contract), *_term_faults(contract)]
    if faults:
        raise InvalidError(violations=faults)
    contract.save(update_fields=["title", "start_date", "end_date"])
    original_draft(contract)
    record_contract(
        actor,
        "contract.changed",
        contract,
        before=before,
        after=["title", "start_date", "end_date"],
    )
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
    execution: str = ExecutionVariant.EFFORT,
) -> ContractLot:
    """The contract delivers `lot` with these courses at these tariffs, up to the ceiling.

    Only while the contract is a draft. Raises InvalidError with every course and tariff that does
    not belong to the lot, and ContractStateError.
    """
    contract = contract_lock(actor, contract, {ContractStatus.DRAFT})
    contract_lot = ContractLot(contract=contract, lot=lot, execution=execution)
    faults = [
        *field_violations(contract_lot),
        *_lot_faults(contract, lot),
        *_course_faults(contract, lot, courses),
        *tariff_faults(lot, tariffs),
    ]
    ceiling = Ceiling(contract_lot=contract_lot, places=ceiling_places, amount=ceiling_amount)
    faults += field_violations(ceiling, "ceiling_")
    if faults:
        raise InvalidError(violations=faults)
    contract_lot.save()
    if ceiling_places is not None or ceiling_amount is not None:
        ceiling.contract_lot = contract_lot
        ceiling.save()
    ContractCourse.objects.bulk_create(
        ContractCourse(contract_lot=contract_lot, course=course) for course in courses
    )
    Tariff.objects.bulk_create(tariff_from(contract_lot, one) for one in tariffs)
    record_change(
        actor,
        "contract_lot.added",
        contract,
        contract_lot,
        after={
            "lot": lot.code,
            "execution": execution,
            "courses": [course.code for course in courses],
            "tariffs": [tariff_facts(one) for one in tariffs],
            "ceiling_places": ceiling_places,
            "ceiling_amount": None if ceiling_amount is None else str(ceiling_amount),
        },
    )
    return contract_lot


@transaction.atomic
def contract_courses_add(
    *, actor: Actor, contract_lot: ContractLot, courses: Sequence[Course]
) -> None:
    """More courses may be called off from the contract lot, while the contract has not ended."""
    contract = contract_lock(
        actor,
        contract_lot.contract,
        {ContractStatus.DRAFT, ContractStatus.ACTIVE, ContractStatus.SUSPENDED},
    )
    known = set(contract_lot.contract_courses.values_list("course_id", flat=True))
    faults = list(_course_faults(contract, contract_lot.lot, courses))
    faults += [
        Violation(f"courses.{number}", "course_taken", _("This course belongs to the lot already."))
        for number, course in enumerate(courses)
        if course.pk in known
    ]
    if faults:
        raise InvalidError(violations=faults)
    ContractCourse.objects.bulk_create(
        ContractCourse(contract_lot=contract_lot, course=course) for course in courses
    )
    record_change(
        actor,
        "contract_lot.courses_added",
        contract,
        contract_lot,
        after={"lot": contract_lot.lot.code, "courses": [course.code for course in courses]},
    )


def contract_activate(*, actor: Actor, contract: Contract) -> Contract:
    """The contract is in force: from its start date on municipalities may call off from it.

    Its version is locked from now on. Raises ContractIncompleteError with every gap that
    `selectors.completeness.contract_gaps` finds.
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
    allowed = {one for one, following in CONTRACT_TRANSITIONS.items() if status in following}
    contract = contract_lock(actor, contract, allowed)
    if status == ContractStatus.ACTIVE:
        gaps = contract_gaps(contract)
        if gaps:
            raise ContractIncompleteError(violations=gaps)
        original_agree(contract)
    before = audit.snapshot(contract, ["status"])
    contract.status = status
    contract.save(update_fields=["status"])
    record_contract(
        actor, f"contract.{status}", contract, before=before, after=["status"], reason=reason
    )
    events.publish(ContractStatusChanged(contract.pk, status))
    return contract


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
