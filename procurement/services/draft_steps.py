"""Taking something out of a contract that is still a draft; afterwards only an amendment can."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common.errors import InvalidError, Violation
from procurement.choices import ContractStatus
from procurement.models import Contract, ContractLot, Tariff
from procurement.services.contract_steps import contract_lock, record_change
from procurement.services.tariffs import TARIFF_FIELDS, draft_of, tariff_facts
from providers.models import Course

DRAFT = frozenset({ContractStatus.DRAFT})


@transaction.atomic
def tariff_remove(*, actor: Actor, tariff: Tariff) -> None:
    """The price was never agreed. Raises ContractStateError once the contract is in force."""
    contract = contract_lock(actor, tariff.contract_lot.contract, DRAFT)
    record_change(
        actor, "tariff.removed", contract, tariff, before=audit.snapshot(tariff, TARIFF_FIELDS)
    )
    tariff.delete()


@transaction.atomic
def contract_course_remove(*, actor: Actor, contract_lot: ContractLot, course: Course) -> None:
    """The course is not called off from the lot after all. Raises as `tariff_remove`."""
    contract = contract_lock(actor, contract_lot.contract, DRAFT)
    removed, _models = contract_lot.contract_courses.filter(course=course).delete()
    if not removed:
        raise InvalidError(
            violations=[
                Violation(
                    "course", "course_not_in_lot", _("This course does not belong to the lot.")
                )
            ]
        )
    record_change(
        actor,
        "contract_lot.course_removed",
        contract,
        contract_lot,
        before={"lot": contract_lot.lot.code, "course": course.code},
    )


@transaction.atomic
def contract_lot_remove(*, actor: Actor, contract_lot: ContractLot) -> Contract:
    """The contract does not deliver the lot: its courses, prices and ceiling go with it.

    Raises as `tariff_remove`. The lot itself and other contracts for it stay.
    """
    contract = contract_lock(actor, contract_lot.contract, DRAFT)
    record_change(
        actor,
        "contract_lot.removed",
        contract,
        contract_lot,
        before={
            "lot": contract_lot.lot.code,
            "courses": sorted(contract_lot.contract_courses.values_list("course__code", flat=True)),
            "tariffs": [tariff_facts(draft_of(one)) for one in contract_lot.tariffs.all()],
        },
    )
    contract_lot.delete()
    return contract
